"""``doctor-maint app-manager``: an app manager with its application, on the wall clock and a cloud of clouds.yaml."""

from __future__ import annotations

import argparse
import secrets
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pytest_doctor_maint.commands import actor
from pytest_doctor_maint.commands.actor import CannotServe, Stage, UsageError
from pytest_doctor_maint.commands.process import whole_number

if TYPE_CHECKING:
    from pytest_doctor_maint.actors.app_manager.sample import AppManager

TYPES = ("sample", "vnfm")
#: Where Doctor expects an app manager.
_PORT = 12348
#: The ACT-STBY pair.
_LEAST_INSTANCES = 2
_EPILOG = """\
The line on stdout is the URL where it takes alarms, which pytest can be attached to. It comes when all instances are
ACTIVE:

    doctor-maint cloud --computes 3 --vcpus 2 --clouds-yaml clouds.yaml --cloud-name lab &
    doctor-maint app-manager --os-cloud lab --no-subscribe &
    pytest -p doctor_maint --app-manager=http://127.0.0.1:12348/maintenance --os-cloud=lab

The cloud's user needs the admin role: it makes the project, a user in it, and the flavor. A vnfm sets its constraints
with the service of type maintenance in the cloud's catalog, so its admin tool comes first. It runs until Ctrl-C or
SIGTERM, and then removes all that it made; what cannot be removed is told.
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
    parser.add_argument("--type", choices=TYPES, default="sample", help="which one (default: sample)")
    actor.add_options(parser, _PORT)
    parser.add_argument(
        "--project",
        type=_name,
        default="doctor",
        metavar="NAME",
        help="its project; made when it is not there, and else without servers (default: doctor)",
    )
    parser.add_argument(
        "--instances",
        type=whole_number(_LEAST_INSTANCES, 10000),
        metavar="N",
        help="how many instances, the ACT-STBY pair among them (default: as many as fill every compute, two on each)",
    )
    actor.add_no_subscribe(parser)
    parser.set_defaults(run=lambda options: _run(options, parser.error))


def _run(options: argparse.Namespace, usage_error: UsageError) -> int:
    task = _Task(options, usage_error)
    title = f"The app manager {options.type} of the project {options.project}"
    return actor.run(options, usage_error, "app-manager", title, make=task.make, begin=task.begin)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the cloud has, and what follows from it.

    Attributes:
        project_id: The project; empty where it must be made.
        flavor: The flavor's id; empty where it must be made.
        image: The image's id.
        external_network: The id of the network of floating IPs.
        vcpus: The VCPUs of an instance.
        instances: How many instances there will be.
    """

    project_id: str
    flavor: str
    image: str
    external_network: str
    vcpus: int
    instances: int


class _Task:
    """An app manager and its application, from the arguments on.

    Args:
        options: The arguments.
        usage_error: Ends the process, where they do not suit the cloud.
    """

    _found: _Found

    def __init__(self, options: argparse.Namespace, usage_error: UsageError) -> None:
        self._options = options
        self._usage_error = usage_error
        self._project: str = options.project
        # Not doctor_flavor: that is what a test run makes, which may be on the same cloud.
        self._flavor_name = f"{self._project}_app_flavor"

    def make(self, stage: Stage) -> AppManager:
        """See whether the cloud suits, make the project and a user in it, and bind the address."""
        from pytest_doctor_maint.actors.app_manager.sample import AppManager
        from pytest_doctor_maint.actors.app_manager.vnfm import Vnfm
        from pytest_doctor_maint.actors.contract import AppManagerContext
        from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
        from pytest_doctor_maint.testbed.projects import (
            ProjectAccess,
            make_member,
            make_project,
            remove_member,
            remove_project,
        )

        options, admin = self._options, stage.connection
        try:
            self._found = self._look(stage)
        except UnsuitableCloud as error:
            self._usage_error(f"argument --os-cloud: {error}")
        project_id = self._found.project_id
        if not project_id:
            project_id = make_project(admin, self._project)
            tenant = ProjectAccess(project_id, self._project, "")
            stage.undo(f"the project {self._project}", partial(remove_project, admin, tenant))
        # Nobody knows the password of whoever is in the project already. A name that nobody has cannot clash either.
        user, password = f"{self._project}_{secrets.token_hex(4)}", secrets.token_urlsafe(24)
        user_id = make_member(admin, project_id, user, password)
        stage.undo(f"the user {user}", partial(remove_member, admin, user_id))
        connection = stage.connect(project_id, user_id, password)
        kind = Vnfm if options.type == "vnfm" else AppManager
        return kind(
            AppManagerContext(
                clock=stage.clock,
                history=stage.history,
                connection=connection,
                project_id=project_id,
                project_name=self._project,
                host=options.host,
                port=options.port,
            )
        )

    def begin(self, stage: Stage, manager: AppManager) -> str:
        """Make the application, set the constraints and make the alarm, as far as they are wanted."""
        from pytest_doctor_maint.actors.app_manager.sample import AppManager
        from pytest_doctor_maint.actors.app_manager.vnfm import Vnfm
        from pytest_doctor_maint.actors.app_manager.vnfm.constraint_sync import ConstraintRefused
        from pytest_doctor_maint.simtime.clock import WallClock
        from pytest_doctor_maint.testbed.projects import make_flavor, remove_flavor, set_quota

        admin, name, found = stage.connection, self._project, self._found
        if not found.project_id:
            set_quota(admin, manager.project_id, instances=found.instances, vcpus=found.vcpus)
        flavor = found.flavor
        if not flavor:
            flavor = make_flavor(admin, found.vcpus, self._flavor_name)
            stage.undo(f"the flavor {self._flavor_name}", partial(remove_flavor, admin, flavor))
        # The actor's own clock has stopped by then.
        stage.undo(f"the application in the project {name}", lambda: manager.withdraw(WallClock()), holds=True)
        manager.deploy(
            image=found.image,
            flavor=flavor,
            external_network=found.external_network,
            instances=found.instances,
            placement={},
            placer=None,
        )
        if isinstance(manager, Vnfm):
            stage.undo(f"the constraints of {name}", manager.constraint_sync.clear)
        try:
            if not self._options.no_subscribe:
                # The alarm alone: what of the two cannot be removed is told by its name.
                stage.undo(f"the alarm of {name}", partial(AppManager.unsubscribe, manager))
                manager.subscribe()
            elif isinstance(manager, Vnfm):
                # They are no business of whoever makes the alarm.
                manager.constraint_sync.update()
        except ConstraintRefused as error:
            raise CannotServe(f"the admin tool of the cloud {stage.cloud} refused a constraint: {error}") from error
        return f"{manager.url}/maintenance"

    def _look(self, stage: Stage) -> _Found:
        """Find what is there already.

        Raises:
            UnsuitableCloud: The application cannot be on this cloud.
        """
        from pytest_doctor_maint.actors.app_manager.base.service import SERVICE_TYPE, MaintenanceService
        from pytest_doctor_maint.attach.preconditions import alike_computes
        from pytest_doctor_maint.openstack.servers import list_servers
        from pytest_doctor_maint.simtime.http import HttpSession
        from pytest_doctor_maint.testbed.projects import find_external_network, find_flavor, find_image, find_project

        admin = stage.connection
        if self._options.type == "vnfm" and not MaintenanceService(admin, HttpSession(stage.clock)).endpoint:
            self._usage_error(
                f"argument --type: a vnfm needs an admin tool that takes constraints; the catalog of the cloud "
                f"{stage.cloud} has no service of type {SERVICE_TYPE}"
            )
        project_id = find_project(admin, self._project)
        servers = list_servers(admin, all_tenants=1, project_id=project_id) if project_id else []
        if servers:
            names = ", ".join(server.name for server in servers)
            self._usage_error(
                f"argument --project: the project {self._project} of the cloud {stage.cloud} has servers already, "
                f"which could not be told from the app manager's: {names}"
            )
        computes = alike_computes(admin)
        vcpus = computes[0].vcpus // 2
        return _Found(
            project_id=project_id,
            flavor=find_flavor(admin, vcpus, self._flavor_name),
            image=find_image(admin),
            external_network=find_external_network(admin),
            vcpus=vcpus,
            instances=self._checked(stage, sum(compute.room for compute in computes)),
        )

    def _checked(self, stage: Stage, room: int) -> int:
        """How many instances there will be, in ``room`` for so many."""
        wanted: int | None = self._options.instances
        if wanted is not None and wanted > room:
            self._usage_error(
                f"argument --instances: {wanted} do not fit: the cloud {stage.cloud} has room for {room}, each of "
                "which takes half a compute"
            )
        if room < _LEAST_INSTANCES:
            self._usage_error(
                f"argument --os-cloud: the cloud {stage.cloud} has room for {room} instances, each of which takes half "
                f"a compute; an application has {_LEAST_INSTANCES} at least"
            )
        return room if wanted is None else wanted


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return text
