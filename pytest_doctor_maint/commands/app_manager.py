"""``doctor-maint app-manager``: an app manager with its application, on the wall clock and a cloud of clouds.yaml."""

from __future__ import annotations

import argparse
import secrets
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pytest_doctor_maint.actors.registry import APP_MANAGERS, CONSTRAINTS
from pytest_doctor_maint.commands.actor import ActorRun, CannotServe, add_alarm_options, add_options, alarm_url
from pytest_doctor_maint.commands.arguments import not_empty, whole_number
from pytest_doctor_maint.commands.process import UsageError, say
from pytest_doctor_maint.simtime.clock import WallClock

if TYPE_CHECKING:
    from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy
    from pytest_doctor_maint.actors.contract import AppManagerActor

#: Where Doctor expects an app manager.
_PORT = 12348
#: The ACT-STBY pair.
_LEAST_INSTANCES = 2
_EPILOG = """\
The line on stdout is the URL that takes alarms, to which pytest can attach; it comes when all instances are ACTIVE.
With --no-subscribe it holds a secret, without which an alarm is refused, unless --open was given. Run each of these
commands in a terminal of its own, after the one before has written its line:

    doctor-maint cloud --computes 3 --vcpus 2 --clouds-yaml clouds.yaml --cloud-name lab
    doctor-maint app-manager --os-cloud lab --no-subscribe
    pytest -p doctor_maint --app-manager=URL --os-cloud=lab

The user of the cloud needs the admin role, to create the project, a user in it and the flavor. A VNFM sets its
constraints with the service of type maintenance in the cloud's catalog, so the admin tool must be started before it.
The app manager runs until Ctrl-C or SIGTERM, and then removes everything that it has created; it reports what cannot
be removed.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "app-manager",
        help="run an app manager with its application by itself",
        description="Run an app manager with its application by itself, in real time, on a cloud of clouds.yaml.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser, _PORT, APP_MANAGERS)
    parser.add_argument(
        "--project",
        type=not_empty,
        default="doctor",
        metavar="NAME",
        help="the project of the application, which must have no servers; it is created if it does not exist (default: "
        "doctor)",
    )
    parser.add_argument(
        "--instances",
        type=whole_number(_LEAST_INSTANCES, 10000),
        metavar="N",
        help="the number of instances, the ACT-STBY pair included (default: as many as fill every compute, two on "
        "each)",
    )
    parser.add_argument(
        "--lead-time",
        type=whole_number(0, 86400),
        metavar="SECONDS",
        help="the constraint of every instance: the least time between the message about the instance and the action, "
        "with --type vnfm (default: 40)",
    )
    add_alarm_options(parser)
    parser.set_defaults(run=lambda options: AppManagerRun(options, parser.error).run())


@dataclass(frozen=True, slots=True)
class _Plan:
    """The resources that the cloud has, and those that will be created on it.

    Attributes:
        project_id: The project; empty if it must be created.
        flavor: The id of the flavor; empty if it must be created.
        image: The id of the image.
        external_network: The id of the network of floating IPs.
        vcpus: The VCPUs of an instance.
        instances: The number of instances.
    """

    project_id: str
    flavor: str
    image: str
    external_network: str
    vcpus: int
    instances: int


class AppManagerRun(ActorRun["AppManagerActor"]):
    """An app manager with its project, its application and its alarm."""

    command = "app-manager"
    _plan: _Plan

    def __init__(self, options: argparse.Namespace, usage_error: UsageError) -> None:
        super().__init__(options, usage_error, APP_MANAGERS)
        self._project: str = options.project
        # Not doctor_flavor, which a test run on the same cloud creates.
        self._flavor_name = f"{self._project}_app_flavor"
        self._sets_constraints = CONSTRAINTS in self.spec.needs
        if options.lead_time is not None and not self._sets_constraints:
            usage_error(f"argument --lead-time: the app manager {options.type} sets no constraints")

    @property
    def title(self) -> str:
        return f"The app manager {self.options.type} of the project {self._project}"

    def make(self) -> AppManagerActor:
        """Check the cloud, create the project and a user in it, and make the app manager."""
        from pytest_doctor_maint.actors.contract import AppManagerContext
        from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
        from pytest_doctor_maint.testbed.projects import (
            ProjectAccess,
            make_member,
            make_project,
            remove_member,
            remove_project,
        )

        try:
            self._plan = self._look()
        except UnsuitableCloud as error:
            self.usage_error(f"argument --os-cloud: {error}")
        project_id = self._plan.project_id
        if not project_id:
            project_id = make_project(self.connection, self._project)
            project = ProjectAccess(project_id, self._project, "")
            self.cleanup.add(f"the project {self._project}", partial(remove_project, self.connection, project))
        # A user of its own, because the passwords of the project's users are not known. The random name is not taken.
        user, password = f"{self._project}_{secrets.token_hex(4)}", secrets.token_urlsafe(24)
        user_id = make_member(self.connection, project_id, user, password)
        self.cleanup.add(f"the user {user}", partial(remove_member, self.connection, user_id))
        made: AppManagerActor = self.spec.make(
            AppManagerContext(
                clock=self.clock,
                history=self.history,
                connection=self.connect(project_id, user_id, password),
                project_id=project_id,
                project_name=self._project,
                constraints=self._constraints(),
                host=self.options.host,
                public_host=self.options.public_host,
                port=self.options.port,
                is_open=self.options.open,
            )
        )
        return made

    def prepare(self, actor: AppManagerActor) -> str:
        """Create the application, set the constraints, and create the alarm unless ``--no-subscribe`` was given."""
        from pytest_doctor_maint.actors.app_manager.vnfm import Vnfm
        from pytest_doctor_maint.actors.app_manager.vnfm.constraint_sync import ConstraintRefused
        from pytest_doctor_maint.testbed.projects import make_flavor, remove_flavor, set_quota

        admin, plan = self.connection, self._plan
        if not plan.project_id:
            set_quota(admin, actor.project_id, instances=plan.instances, vcpus=plan.vcpus)
        flavor = plan.flavor
        if not flavor:
            flavor = make_flavor(admin, plan.vcpus, self._flavor_name)
            self.cleanup.add(f"the flavor {self._flavor_name}", partial(remove_flavor, admin, flavor))
        # The clock of the actor has stopped by then.
        self.cleanup.add(
            f"the application of {self._project}", lambda: actor.withdraw(WallClock()), needs_the_rest=True
        )
        say(f"{self.title} creates {plan.instances} instances on the cloud {self.options.os_cloud}.")
        actor.deploy(
            image=plan.image,
            flavor=flavor,
            external_network=plan.external_network,
            instances=plan.instances,
            placement={},
            placer=None,
        )
        what = "the alarm and the constraints" if self._sets_constraints else "the alarm"
        try:
            if not self.options.no_subscribe:
                self.cleanup.add(f"{what} of {self._project}", actor.unsubscribe)
                actor.subscribe()
            elif isinstance(actor, Vnfm):
                # The process that creates the alarm cannot set the constraints.
                self.cleanup.add(f"the constraints of {self._project}", actor.constraint_sync.clear)
                actor.constraint_sync.update()
        except ConstraintRefused as error:
            raise CannotServe(
                f"the admin tool of the cloud {self.options.os_cloud} refused a constraint: {error}"
            ) from error
        return alarm_url(actor, no_subscribe=self.options.no_subscribe)

    def _constraints(self) -> ConstraintPolicy | None:
        """Return the constraints that the options ask for; None for those of the app manager itself."""
        from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy, InstanceConstraint

        if self.options.lead_time is None:
            return None
        return ConstraintPolicy(instance=InstanceConstraint(lead_time=self.options.lead_time))

    def _look(self) -> _Plan:
        """Find the resources that the cloud has.

        Raises:
            UnsuitableCloud: The cloud has no place for the application.
        """
        from pytest_doctor_maint.attach.preconditions import alike_computes
        from pytest_doctor_maint.openstack.servers import list_servers
        from pytest_doctor_maint.testbed.projects import find_external_network, find_flavor, find_image, find_project

        admin, cloud = self.connection, self.options.os_cloud
        self._require_admin_tool()
        project_id = find_project(admin, self._project)
        servers = list_servers(admin, all_tenants=1, project_id=project_id) if project_id else []
        if servers:
            names = ", ".join(server.name for server in servers)
            self.usage_error(
                f"argument --project: the project {self._project} of the cloud {cloud} already has servers: {names}; "
                "allowed: a project without servers"
            )
        computes = alike_computes(admin)
        vcpus = computes[0].vcpus // 2
        return _Plan(
            project_id=project_id,
            flavor=find_flavor(admin, vcpus, self._flavor_name),
            image=find_image(admin),
            external_network=find_external_network(admin),
            vcpus=vcpus,
            instances=self._instances(sum(compute.room for compute in computes)),
        )

    def _require_admin_tool(self) -> None:
        """Refuse an app manager that sets constraints on a cloud without an admin tool that takes them."""
        from pytest_doctor_maint.actors.app_manager.base.service import SERVICE_TYPE, MaintenanceService
        from pytest_doctor_maint.simtime.http import HttpSession

        if self._sets_constraints and not MaintenanceService(self.connection, HttpSession(self.clock)).endpoint:
            self.usage_error(
                f"argument --type: {self.options.type} needs an admin tool that takes constraints, but the catalog of "
                f"the cloud {self.options.os_cloud} has no service of type {SERVICE_TYPE}"
            )

    def _instances(self, room: int) -> int:
        """Return the number of instances; a number for which there is no room is a usage error."""
        wanted: int | None = self.options.instances
        cloud = self.options.os_cloud
        if wanted is not None and wanted > room:
            self.usage_error(
                f"argument --instances: {wanted} do not fit on the cloud {cloud}; allowed: at most {room}, since an "
                "instance takes half of a compute"
            )
        if room < _LEAST_INSTANCES:
            self.usage_error(
                f"argument --os-cloud: the cloud {cloud} has room for {room} instances, each of which takes half of a "
                f"compute; an application has at least {_LEAST_INSTANCES}"
            )
        return room if wanted is None else wanted
