"""A cloud, the three actors on it, and their applications: started in order and stopped in order."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_doctor_maint.actors.contract import AdminToolActor, AppManagerActor, InspectorActor
from pytest_doctor_maint.attach.preconditions import UnsuitableCloud, check_computes, standing_sessions
from pytest_doctor_maint.attach.watched_history import WatchedHistory
from pytest_doctor_maint.attach.witness import Witness
from pytest_doctor_maint.faults import Computes, Fault
from pytest_doctor_maint.faults.fault import POWER_SWITCHES
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.openstack.reasons import reason_of
from pytest_doctor_maint.openstack.transport import Transport, TransportError
from pytest_doctor_maint.protocol import Dialect
from pytest_doctor_maint.simtime.clock import Clock, Failure, WallClock
from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.testbed.asking import ask
from pytest_doctor_maint.testbed.casting import Casting
from pytest_doctor_maint.testbed.cloud_under_test import cloud_for
from pytest_doctor_maint.testbed.errors import ADMIN_TOOL, APP_MANAGER, INSPECTOR, NoAnswer, silence_of
from pytest_doctor_maint.testbed.leftovers import naming_leftovers
from pytest_doctor_maint.testbed.projects import (
    ProjectAccess,
    create_project_access,
    find_external_network,
    find_image,
    find_project_access,
    make_flavor,
    remove_flavor,
    temporary_admin,
)
from pytest_doctor_maint.testbed.removal import BROKEN_PATIENCE, PATIENCE, Step, project_steps, remove, session_steps
from pytest_doctor_maint.testbed.result import RunResult
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.suitability import check_actors, check_application
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology, rename

if TYPE_CHECKING:
    from openstack.connection import Connection


class Testbed:
    """A cloud, the three actors on it, and their applications.

    Use it as a context: entering starts cloud and actors and checks the computes, leaving stops everything.

    Attributes:
        settings: The parts and values of the run.
        topology: The computes and applications; after entering, with the cloud's own host names.
        cloud: The cloud.
        clock: The clock of the run: simulated on the embedded cloud, the wall clock elsewhere.
        history: What has happened so far.
        http: A session for requests of the testbed's own, such as a monitor's.
        admin: A connection with the admin role.
        admin_tool: The admin tool; set when the testbed is entered.
        inspector: The Inspector; set when the testbed is entered.
        app_managers: The app managers by the names of their projects; filled when the testbed is entered.
        failures: The exceptions of threads and handlers until :meth:`seal`, in order.
        broken: The exception with which the testbed was left; None if there was none.
        left: What could not be removed from a cloud that goes on running, each with the command that removes it.

    Raises:
        OSError: The file of the history cannot be created.
        UnsuitableCloud: The test case cannot run on these computes (when entered).
        TransportError: The message bus cannot be reached (when entered).
    """

    #: pytest takes classes named Test... for tests.
    __test__: ClassVar[bool] = False

    admin_tool: AdminToolActor
    inspector: InspectorActor

    def __init__(self, topology: Topology, settings: TestbedSettings) -> None:
        self.topology = topology
        self._planned_hosts = topology.hosts
        self.settings = settings
        self.cloud = cloud_for(settings)
        self.clock = self.cloud.clock
        self.history = self.cloud.history()
        self.clock.on_failure = self._note_failure
        # A cloud that others use as well must not get the same passwords each time.
        self._ids = Ids(settings.seed if self.clock.simulated else None)
        self.cloud.build(topology, settings.timings, self.history, self._ids)
        self.http = HttpSession(self.clock)
        self.admin = self.cloud.connect_admin()
        self.app_managers: dict[str, AppManagerActor] = {}
        self._projects: dict[str, ProjectAccess] = {}
        self._faults: list[Fault] = []
        self._parts: list[AdminToolActor | InspectorActor | AppManagerActor | Witness] = []
        self._witness: Witness | None = None
        self._transport: Transport | None = None
        self._admin_project = ""
        self._flavor = ""
        self._begun: dict[str, Sequence[str]] = {}
        self._maintained: list[str] = []
        self._sealed: RunResult | None = None
        self.failures: tuple[Failure, ...] = ()
        self.broken: BaseException | None = None
        self.left: list[str] = []
        if settings.watch is not None:
            self.history.subscribe(settings.watch)
        if settings.history_file is not None:
            self.history.write_to(settings.history_file)

    def __enter__(self) -> Testbed:
        try:
            self._start()
        except BaseException as error:
            self.broken = error
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.broken = error
        self._stop()

    def seal(self) -> RunResult:
        """Return what has happened, once; what follows is the removal of the run, and is neither judged nor written."""
        if self._sealed is None:
            self._sealed = RunResult(self.history.snapshot(), self.clock.requests, 0.0, self.history.write_error)
            self.failures = tuple(self.clock.failures)
            self.history.close()
        return self._sealed

    @property
    def computes(self) -> Computes:
        """The power switches of the computes."""
        return self.cloud.computes

    @property
    def inspector_url(self) -> str:
        """The URL below which monitors report; that of the Inspector has a secret."""
        return str(getattr(self.inspector, "monitor_url", self.inspector.url))

    @property
    def dialect(self) -> Dialect:
        """The words and windows of the admin tool."""
        return self.admin_tool.dialect

    def title_of(self, role: str) -> str:
        """Return an actor as messages name it: by its address where the user gave one, by its name otherwise."""
        attached, managers = self.settings.attached, list(self.app_managers.values())
        address, actor = {
            ADMIN_TOOL: (attached.admin_tool, getattr(self, "admin_tool", None)),
            APP_MANAGER: (attached.app_manager, managers[0] if managers else None),
            INSPECTOR: (attached.inspector, getattr(self, "inspector", None)),
        }[role]
        return f"the {role} at {address}" if address else f"the {role} {getattr(actor, 'name', '')}".rstrip()

    def ask_admin_tool(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to the admin tool as the infrastructure admin, and return the JSON of the answer.

        What is no JSON is None: admin tools answer ``OK`` as well, and the history has what could not be read.

        Args:
            method: ``GET``, ``POST`` or ``DELETE``.
            path: The path below the admin tool's API.
            body: The JSON to send, if any.

        Raises:
            NoAnswer: The admin tool does not answer, or only with 429 or 5xx to a GET.
            RequestRefused: The admin tool refused; the message has its reason.
        """
        return ask(self.admin, self.title_of(ADMIN_TOOL), self.admin_tool.url, method, path, body)

    def begin_session(self, hosts: Sequence[str], body: Mapping[str, Any]) -> str:
        """Create a session for these computes, and return its path below the admin tool's API.

        Raises:
            NoAnswer: The admin tool does not answer, or its answer has no session.
            RequestRefused: The admin tool refused.
        """
        answer = self.ask_admin_tool("POST", "/maintenance", body)
        if not isinstance(answer, Mapping) or not answer.get("session_id"):
            raise NoAnswer(self.title_of(ADMIN_TOOL), f"POST /maintenance is answered without a session_id: {answer}")
        path = f"/maintenance/{answer['session_id']}"
        self._begun[path] = hosts
        self._maintained += hosts
        return path

    def end_session(self, path: str) -> None:
        """Delete a session.

        Raises:
            NoAnswer: The admin tool does not answer.
            RequestRefused: The admin tool refused.
        """
        self.ask_admin_tool("DELETE", path)
        del self._begun[path]

    def require_cloud(self) -> None:
        """Do nothing as long as the cloud can be observed.

        Raises:
            NoAnswer: It did not answer for a while.
        """
        if (observer := self.cloud.observer) is not None and observer.blind_for > silence_of(self.settings):
            raise NoAnswer(self.cloud.title, reason_of(observer.error or TimeoutError())) from observer.error

    def sessions(self, planned: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return the computes of each session by the cloud's own names; one session with all where none is planned."""
        names = dict(zip(self._planned_hosts, self.topology.hosts, strict=True))
        return [[names[host] for host in hosts] for hosts in planned] or [self.topology.hosts]

    def arm(self, fault: Fault) -> None:
        """Arm a fault; it is healed when the testbed stops.

        Raises:
            UnsuitableCloud: The fault needs what the cloud does not have.
        """
        if POWER_SWITCHES in fault.needs:
            self.cloud.require_switches()
        self._faults.append(fault)
        fault.arm(self)

    def deploy(self) -> None:
        """Let every app manager create its application and subscribe to its alarm, and the Inspector to its own."""
        if self._witness is not None:
            project_ids = [project.project_id for project in self._projects.values()]
            self._witness.subscribe_to_all(self.admin, self._admin_project, project_ids)
        self.inspector.subscribe()
        if not self.settings.attached.app_manager:
            self._flavor = make_flavor(self.admin, self.topology.vcpus[0] // 2)
            self._deploy(find_image(self.admin), find_external_network(self.admin))
        for application in self.topology.applications:
            self.app_managers[application.name].subscribe()

    def _deploy(self, image: str, network: str) -> None:
        for application in self.topology.applications:
            with self._placer(application) if application.placement else nullcontext() as placer:
                self.app_managers[application.name].deploy(
                    image=image,
                    flavor=self._flavor,
                    external_network=network,
                    instances=application.instances,
                    placement=application.placement,
                    placer=placer,
                )

    def withdraw(self) -> None:
        """Let the actors delete their alarms."""
        for manager in self.app_managers.values():
            manager.unsubscribe()
        self.inspector.unsubscribe()
        if self._witness is not None:
            self._witness.unsubscribe()
        if self.cloud.observer is not None:
            self.cloud.observer.stop()

    # -- start and stop ----------------------------------------------------------------------------------------------

    def _start(self) -> None:
        settings, attached = self.settings, self.settings.attached
        check_actors(settings, self.topology)
        if settings.transport_url:
            self._transport = Transport(settings.transport_url)
        self.cloud.start()
        if settings.prepare is not None:
            settings.prepare(self)
        made = () if attached.app_manager else [application.name for application in self.topology.applications]
        with naming_leftovers(self.admin, made):
            vcpus = check_computes(self.admin, in_use=bool(attached.app_manager))
        topology = rename(self.topology, self.cloud.hosts(self.topology))
        # A running cloud has computes of its own size. An instance takes half of a compute of any size.
        self.topology = replace(topology, vcpus=tuple(vcpus[host] for host in topology.hosts))
        for application in self.topology.applications:
            project = self._projects[application.name] = self._project(application, self.topology.vcpus[0] // 2)
            if attached.app_manager:
                check_application(self.admin, application, project.project_id, project.name)
        self._admin_project = str(self.admin.session.get_project_id())
        self._make_actors()
        self._record_start()
        if (observer := self.cloud.observer) is not None:
            observer.watch([self._admin_project, *(project.project_id for project in self._projects.values())])
            observer.start()
        for part in self._parts:
            part.start()

    def _make_actors(self) -> None:
        """Make the actors, in the order in which they are started."""
        casting = Casting(
            self.settings, self.cloud, self.history, self._ids, self.admin, self._admin_project, self._transport
        )
        if self.settings.attached.admin_tool:
            if not isinstance(self.history, WatchedHistory):
                raise UnsuitableCloud("an admin tool that runs elsewhere cannot reach the embedded cloud")
            self._witness = Witness(self.clock, self.history)
            self._parts.append(self._witness)
        self.admin_tool = casting.admin_tool()
        self._parts.append(self.admin_tool)
        self.inspector = casting.inspector()
        self._parts.append(self.inspector)
        for application in self.topology.applications:
            manager = casting.app_manager(application, self._projects[application.name], self.admin_tool)
            self.app_managers[application.name] = manager
            self._parts.append(manager)

    def _project(self, application: ApplicationSpec, vcpus: int) -> ProjectAccess:
        if self.settings.attached.app_manager:
            return find_project_access(self.admin, self.settings.attached.app_manager_project)
        password = self._ids.hex("password")
        with naming_leftovers(self.admin, [application.name]):
            return create_project_access(
                self.admin, application.name, password, instances=application.instances, vcpus=vcpus
            )

    def _stop(self) -> None:
        self.seal()
        if not (self.clock.simulated and self._is_interrupted):
            self._heal()
        if (observer := self.cloud.observer) is not None:
            observer.abandon()
        parts = [*reversed(self._parts), self.cloud]
        try:
            # Those who ask stop before those who answer, and the cloud last.
            for part in parts:
                part.stop()
            self.clock.stop()
        finally:
            if not self.clock.simulated:
                self._remove()
        for part in parts:
            part.join()
        self.http.close()
        if self._transport is not None:
            self._transport.close()
        self.cloud.disconnect()

    @property
    def _is_interrupted(self) -> bool:
        """True if a wait was interrupted: simulated time cannot go on from there."""
        return not isinstance(self.broken, Exception | None)

    def _heal(self) -> None:
        """Heal every fault that was armed. A fault that cannot be healed is reported in a warning."""
        for fault in self._faults:
            try:
                fault.heal(self)
            except Exception as error:
                sentence = f"the fault {fault.name} could not be healed on {self.cloud.name}: {reason_of(error)}"
                warnings.warn(sentence, stacklevel=2)

    def _remove(self) -> None:
        """Leave a cloud that goes on running as it was; :attr:`left` has what cannot be removed."""
        clock = WallClock()
        sessions = session_steps(self.admin, clock, self.settings.attached.admin_tool, self._begun, self._maintained)
        patience = PATIENCE if self.broken is None else BROKEN_PATIENCE
        try:
            remove([*sessions, *self._made(clock)], self.cloud.name, self.left, patience=patience)
        finally:
            clock.stop()
            # A run that broke off tells it itself.
            if self.broken is None or isinstance(self.broken, UnsuitableCloud | TransportError):
                for sentence in self.left:
                    warnings.warn(sentence, stacklevel=2)

    def _made(self, clock: Clock) -> list[Step]:
        """Return the steps that remove what the run has made; they wait on ``clock``, since that of the run stopped."""
        steps = []
        for name, manager in self.app_managers.items():
            alarms = f"openstack alarm list --filter project_id={manager.project_id}"
            steps.append(Step(f"the alarm of {name}", manager.unsubscribe, f"{alarms}; openstack alarm delete ID"))
            servers = f"openstack server list --project {manager.project_id}; openstack server delete ID"
            steps.append(Step(f"the application of {name}", partial(manager.withdraw, clock), servers))
        alarm = "openstack alarm list; openstack alarm delete ID"
        if hasattr(self, "inspector"):
            steps.append(Step("the Inspector's alarm", self.inspector.unsubscribe, alarm))
        if self._witness is not None:
            steps.append(Step("the witness's alarms", self._witness.unsubscribe, alarm))
        is_ours = not self.settings.attached.app_manager
        steps += project_steps(self.admin, self._projects.values(), is_ours=is_ours)
        if self._flavor:
            delete = f"openstack flavor delete {self._flavor}"
            steps.append(Step("the flavor", partial(remove_flavor, self.admin, self._flavor), delete))
        return steps

    @contextmanager
    def _placer(self, application: ApplicationSpec) -> Iterator[Connection]:
        """Yield an admin's connection in the application's project: Nova allows only admins to name a compute."""
        project, password = self._projects[application.name], self._ids.hex("password")
        with temporary_admin(self.admin, project, password) as name:
            yield self.cloud.connect(name, password, project.name)

    # -- what is recorded --------------------------------------------------------------------------------------------

    def _record_start(self) -> None:
        settings, dialect = self.settings, self.dialect
        managers = list(self.app_managers.values())
        actors = {"admin_tool": self.admin_tool, "inspector": self.inspector}
        if managers:
            actors["app_manager"] = managers[0]
        versions = {role: actor.version for role, actor in actors.items() if actor.version}
        self.history.append(
            "harness",
            kinds.RUN_STARTED,
            {
                "seed": settings.seed,
                "cloud": settings.cloud,
                "admin_tool": self.admin_tool.name,
                "app_manager": managers[0].name if managers else "",
                "workflow": settings.workflow,
                "inspector": self.inspector.name,
                **({"versions": versions} if versions else {}),
                "computes": [
                    {"name": host, "vcpus": vcpus}
                    for host, vcpus in zip(self.topology.hosts, self.topology.vcpus, strict=True)
                ],
                "projects": {project.project_id: project.name for project in self._projects.values()},
                "admin_project_id": self._admin_project,
                "profile": dialect.name,
                "windows": {step.value: seconds for step, seconds in dialect.windows.items()},
                "scenario": settings.scenario,
                "repeat": settings.repeat,
                **self._what_is_seen(),
            },
        )

    def _what_is_seen(self) -> dict[str, Any]:
        """Return the data of ``run.started`` that describes how the history was recorded."""
        if self.clock.simulated:
            return {}
        attached = self.settings.attached
        standing = standing_sessions(self.admin, attached.admin_tool) if attached.admin_tool else []
        seen = {"observed_every": self.settings.observed_every, "unseen": list(attached.unseen)}
        return {**seen, "standing_sessions": standing} if standing else seen

    def _note_failure(self, failure: Failure) -> None:
        self.history.append(
            failure.name,
            kinds.THREAD_DIED,
            {"thread": failure.name, "error": f"{type(failure.error).__name__}: {failure.error}"},
        )
