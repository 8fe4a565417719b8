"""Everything of one run, started in order and stopped in order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_doctor_maint.actors.admin_tool.sample import AdminTool, AdminToolSettings
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.actors.app_manager.sample import AppManager
from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy
from pytest_doctor_maint.actors.contract import AppManagerContext, InspectorContext, Notifier
from pytest_doctor_maint.actors.inspector.sample import Inspector
from pytest_doctor_maint.attach.observer import EVERY
from pytest_doctor_maint.attach.preconditions import UnsuitableCloud, check_computes
from pytest_doctor_maint.attach.remote_actors import Attached
from pytest_doctor_maint.attach.remote_admin_tool import RemoteAdminTool
from pytest_doctor_maint.attach.remote_app_manager import RemoteAppManager
from pytest_doctor_maint.attach.remote_inspector import RemoteInspector
from pytest_doctor_maint.attach.watched_history import WatchedHistory
from pytest_doctor_maint.attach.witness import Witness
from pytest_doctor_maint.embedded import Timings
from pytest_doctor_maint.faults.fault import Computes
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.openstack.bus_notifier import BusNotifier
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.notifier import HttpNotifier
from pytest_doctor_maint.openstack.transport import Transport
from pytest_doctor_maint.protocol import HOST_EVENT, SAMPLE, SCHEDULED_EVENT, SESSION_EVENT, Step
from pytest_doctor_maint.simtime.clock import Failure, WallClock
from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.testbed.cloud_under_test import EMBEDDED, cloud_for
from pytest_doctor_maint.testbed.projects import (
    ProjectAccess,
    create_project_access,
    find_external_network,
    find_image,
    find_project_access,
    make_flavor,
    remove_flavor,
    remove_project,
)
from pytest_doctor_maint.testbed.suitability import check_actors, check_application
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology, rename

if TYPE_CHECKING:
    from openstack.connection import Connection


#: What the history calls an actor that runs elsewhere.
REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class TestbedSettings:
    """What a run is made of, besides its topology.

    Attributes:
        seed: Orders what happens at the same moment, and gives all identifiers.
        timings: How long the cloud's operations take.
        admin_tool: What the operator set on the admin tool.
        workflow: Which of the admin tool's workflows the sessions ask for.
        app_manager: What the history calls the app managers.
        policies: How each application's manager decides, by project name; the default policy for the others.
        prepare: What is done to the cloud before the computes are looked at, such as booting what is in the way.
        constraints: What each application's VNFM sets, by project name; the default constraints for the others.
        make_admin_tool: The admin tool's class; a broken one in tests.
        make_app_manager: The app manager's class; a broken one in tests.
        make_inspector: The Inspector's class; a broken one in tests.
        cloud: ``embedded``, or the name of a cloud in clouds.yaml.
        transport_url: The message bus on which the admin tool emits; empty to emit to the notification service in the
            cloud's catalog.
        observed_every: Seconds between two looks at a cloud that cannot tell of itself.
        attached: Actors that run elsewhere.
        scenario: The test's id, for the history.
        repeat: The command that runs it again, for the history.
    """

    #: pytest takes classes named Test... for tests.
    __test__: ClassVar[bool] = False

    seed: int = 1
    timings: Timings = field(default_factory=Timings)
    admin_tool: AdminToolSettings = field(default_factory=AdminToolSettings)
    workflow: str = "default"
    app_manager: str = SAMPLE.name
    policies: Mapping[str, Policy] = field(default_factory=dict)
    prepare: Callable[[Testbed], None] | None = None
    constraints: Mapping[str, ConstraintPolicy] = field(default_factory=dict)
    make_admin_tool: Callable[..., AdminTool] = AdminTool
    make_app_manager: Callable[..., AppManager] = AppManager
    make_inspector: Callable[..., Inspector] = Inspector
    cloud: str = EMBEDDED
    transport_url: str = field(default="", repr=False)
    observed_every: float = EVERY
    attached: Attached = field(default_factory=Attached)
    scenario: str = ""
    repeat: str = ""


class Testbed:
    """A cloud, the three actors on it, and their applications.

    Use it as a context: entering starts cloud and actors and checks the computes, leaving stops everything.

    Attributes:
        ground: The cloud.
        clock: Simulated on the embedded cloud, the wall clock elsewhere.
        history: What happened so far.
        http: A session for the harness's own requests, as the infrastructure admin.
        admin: A connection with the admin role.

    Raises:
        UnsuitableCloud: The test case cannot run on these computes (when entered).
        TransportError: There is no way to the message bus (when entered).
    """

    #: pytest takes classes named Test... for tests.
    __test__: ClassVar[bool] = False

    def __init__(self, topology: Topology, settings: TestbedSettings) -> None:
        self.topology = topology
        self._planned_hosts = topology.hosts
        self.settings = settings
        self.ground = cloud_for(settings.cloud, settings.seed, settings.observed_every)
        self.clock = self.ground.clock
        self.history = self.ground.history()
        self.clock.on_failure = self._note_failure
        # A cloud that others use as well must not get the same passwords each time.
        self._ids = Ids(settings.seed if self.clock.simulated else None)
        self.ground.build(topology, settings.timings, self.history, self._ids)
        self.http = HttpSession(self.clock)
        self.admin = self.ground.connect_admin()
        self.app_managers: dict[str, AppManager | RemoteAppManager] = {}
        self._tenants: dict[str, ProjectAccess] = {}
        self._witness: Witness | None = None
        self._transport: Transport | None = None
        self._admin_project = ""
        self._flavor = ""

    def __enter__(self) -> Testbed:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def computes(self) -> Computes:
        """The computes' power switches."""
        return self.ground.computes

    @property
    def inspector_url(self) -> str:
        """Where monitors report."""
        return self.inspector.url

    def ask_admin_tool(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the admin tool as the infrastructure admin; gives the answer's JSON.

        Args:
            method: ``GET``, ``POST`` or ``DELETE``.
            path: The path below its API.
            body: The JSON to send, if any.

        Raises:
            requests.HTTPError: It refused.
        """
        # The connection has the admin's token with it, and another one when that has run out.
        url = f"{self.admin_tool.url}{path}"
        answer = self.admin.session.request(url, method, json=body, raise_exc=False)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def sessions(self, planned: Sequence[Sequence[str]]) -> list[list[str]]:
        """The computes of each session by the cloud's own names; one session with all computes when none is planned."""
        names = dict(zip(self._planned_hosts, self.topology.hosts, strict=True))
        return [[names[host] for host in hosts] for hosts in planned] or [self.topology.hosts]

    def deploy(self) -> None:
        """Let every app manager make its application and subscribe to its alarm, and the Inspector to its own."""
        if self._witness is not None:
            for event_type in (HOST_EVENT, SESSION_EVENT):
                self._witness.subscribe(self.admin, self._admin_project, event_type)
            for tenant in self._tenants.values():
                self._witness.subscribe(self.admin, tenant.project_id, SCHEDULED_EVENT)
        self.inspector.subscribe()
        if not self.settings.attached.app_manager:
            self._flavor = make_flavor(self.admin, self.topology.vcpus[0] // 2)
            self._deploy(find_image(self.admin), find_external_network(self.admin))
        for application in self.topology.applications:
            self.app_managers[application.name].subscribe()

    def _deploy(self, image: str, network: str) -> None:
        for application in self.topology.applications:
            self.app_managers[application.name].deploy(
                image=image,
                flavor=self._flavor,
                external_network=network,
                instances=application.instances,
                placement=application.placement,
                placer=self._placer(application) if application.placement else None,
            )

    def withdraw(self) -> None:
        """Let the actors take their alarms back."""
        for manager in self.app_managers.values():
            manager.unsubscribe()
        self.inspector.unsubscribe()
        if self._witness is not None:
            self._witness.unsubscribe()
        if self.ground.observer is not None:
            self.ground.observer.stop()

    # -- start and stop ----------------------------------------------------------------------------------------------

    def _start(self) -> None:
        attached = self.settings.attached
        check_actors(self.settings, self.topology)
        if self.settings.transport_url:
            self._transport = Transport(self.settings.transport_url)
        self.ground.start()
        if self.settings.prepare is not None:
            self.settings.prepare(self)
        vcpus = check_computes(self.admin, in_use=bool(attached.app_manager))
        topology = rename(self.topology, self.ground.hosts(self.topology))
        # A cloud that runs has computes of its own size; an instance takes half of one whatever that is.
        self.topology = replace(topology, vcpus=tuple(vcpus[host] for host in topology.hosts))
        for application in self.topology.applications:
            tenant = self._tenants[application.name] = self._tenant(application, self.topology.vcpus[0] // 2)
            if attached.app_manager:
                check_application(self.admin, application, tenant.project_id, tenant.name)
        self._admin_project = str(self.admin.session.get_project_id())
        self._record_start(self._admin_project)
        if (observer := self.ground.observer) is not None:
            observer.watch([self._admin_project, *(tenant.project_id for tenant in self._tenants.values())])
            observer.start()
        settings = self.settings
        if settings.attached.admin_tool:
            if not isinstance(self.history, WatchedHistory):
                raise UnsuitableCloud("an admin tool that runs elsewhere cannot reach the embedded cloud")
            self._witness = Witness(self.clock, self.history).start()
        self.admin_tool = self._make_admin_tool().start()
        self.inspector = self._make_inspector().start()
        for application in self.topology.applications:
            tenant = self._tenants[application.name]
            self.app_managers[application.name] = self._make_app_manager(application, tenant).start()

    def _tenant(self, application: ApplicationSpec, vcpus: int) -> ProjectAccess:
        if self.settings.attached.app_manager:
            return find_project_access(self.admin, self.settings.attached.app_manager_project)
        password = self._ids.hex("password")
        return create_project_access(
            self.admin, application.name, password, instances=application.instances, vcpus=vcpus
        )

    def _make_admin_tool(self) -> AdminTool | RemoteAdminTool:
        settings = self.settings
        if settings.attached.admin_tool:
            return RemoteAdminTool(settings.attached.admin_tool, self.clock, self.history)
        connection = self.ground.connect_admin()
        return settings.make_admin_tool(
            self.clock,
            self.history,
            self._ids,
            connection,
            self._make_notifier(connection),
            self._admin_project,
            settings.admin_tool,
        )

    def _make_notifier(self, connection: Connection) -> Notifier:
        if self._transport is None:
            return HttpNotifier(connection, self.history)
        if not isinstance(self.clock, WallClock):
            raise UnsuitableCloud("a message bus lives in real time; it cannot serve the embedded cloud")
        return BusNotifier(self._transport, self.history, self.clock)

    def _make_inspector(self) -> Inspector | RemoteInspector:
        connection = self.ground.connect_admin()
        if self.settings.attached.inspector:
            return RemoteInspector(self.settings.attached.inspector, self.clock, self.history, connection)
        return self.settings.make_inspector(InspectorContext(self.clock, self.history, connection))

    def _make_app_manager(self, application: ApplicationSpec, tenant: ProjectAccess) -> AppManager | RemoteAppManager:
        settings = self.settings
        if settings.attached.app_manager:
            return RemoteAppManager(
                settings.attached.app_manager,
                self.clock,
                self.history,
                self.admin,
                project_id=tenant.project_id,
                project_name=tenant.name,
            )
        context = AppManagerContext(
            clock=self.clock,
            history=self.history,
            connection=self.ground.connect(tenant.name, tenant.password, tenant.name),
            project_id=tenant.project_id,
            project_name=application.name,
            policy=settings.policies.get(application.name, Policy()),
            constraints=settings.constraints.get(application.name),
        )
        manager = settings.make_app_manager(context)
        if isinstance(self.admin_tool, RemoteAdminTool):
            manager.reply_through(self.admin_tool.detour())
        return manager

    def _stop(self) -> None:
        actors = [getattr(self, name, None) for name in ("admin_tool", "inspector", "_witness")]
        parts = [*self.app_managers.values(), *(actor for actor in actors if actor is not None), self.ground]
        if not self.clock.simulated:
            self._clean_up()
        for part in parts:
            part.stop()
        self.clock.stop()
        for part in parts:
            part.join()
        self.http.close()
        if self._transport is not None:
            self._transport.close()
        self.ground.disconnect()

    def _clean_up(self) -> None:
        """Leave a cloud that goes on as it was. Whatever cannot be removed is told in a warning."""
        if (observer := self.ground.observer) is not None:
            observer.abandon()
        undo: list[tuple[str, Callable[[], object]]] = []
        for manager in self.app_managers.values():
            undo.append((f"the alarm of {manager.project_name}", manager.unsubscribe))
            undo.append((f"the application of {manager.project_name}", manager.withdraw))
        if (inspector := getattr(self, "inspector", None)) is not None:
            undo.append(("the Inspector's alarm", inspector.unsubscribe))
        if self._witness is not None:
            undo.append(("the witness's alarms", self._witness.unsubscribe))
        if not self.settings.attached.app_manager:
            for tenant in self._tenants.values():
                undo.append((f"the project {tenant.name}", partial(remove_project, self.admin, tenant)))
        if self._flavor:
            undo.append(("the flavor", partial(remove_flavor, self.admin, self._flavor)))
        for what, remove in undo:
            try:
                remove()
            except Exception as error:
                warnings.warn(f"{what} could not be removed from {self.ground.name}: {error}", stacklevel=2)

    def _placer(self, application: ApplicationSpec) -> Connection:
        """An admin's connection in the application's project, which Nova demands for naming a compute."""
        tenant = self._tenants[application.name]
        identity = self.admin.identity
        user = self.admin.session.get_user_id()
        role = call(identity, "GET", "/roles", name="admin")["roles"][0]["id"]
        call(identity, "PUT", f"/projects/{tenant.project_id}/users/{user}/roles/{role}")
        return self.ground.connect_admin(tenant)

    def _record_start(self, admin_project: str) -> None:
        settings = self.settings
        profile = settings.admin_tool.profile
        windows: dict[Step, float] = {**profile.windows, **settings.admin_tool.windows}
        self.history.append(
            "harness",
            kinds.RUN_STARTED,
            {
                "seed": settings.seed,
                "cloud": settings.cloud,
                "admin_tool": REMOTE if settings.attached.admin_tool else profile.name,
                "app_manager": REMOTE if settings.attached.app_manager else settings.app_manager,
                "workflow": settings.workflow,
                "inspector": REMOTE if settings.attached.inspector else SAMPLE.name,
                "computes": [
                    {"name": host, "vcpus": vcpus}
                    for host, vcpus in zip(self.topology.hosts, self.topology.vcpus, strict=True)
                ],
                "projects": {tenant.project_id: tenant.name for tenant in self._tenants.values()},
                "admin_project_id": admin_project,
                "profile": profile.name,
                "windows": {step.value: seconds for step, seconds in windows.items()},
                "scenario": settings.scenario,
                "repeat": settings.repeat,
                **self._what_is_seen(),
            },
        )

    def _what_is_seen(self) -> dict[str, Any]:
        """What a reader of the history must know of how it came about."""
        if self.clock.simulated:
            return {}
        return {"observed_every": self.settings.observed_every, "unseen": list(self.settings.attached.unseen)}

    def _note_failure(self, failure: Failure) -> None:
        self.history.append(
            failure.name,
            kinds.THREAD_DIED,
            {"thread": failure.name, "error": f"{type(failure.error).__name__}: {failure.error}"},
        )
