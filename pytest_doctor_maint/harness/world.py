"""Everything of one run, started in order and stopped in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.admin_tool.sample import AdminTool, AdminToolSettings
from pytest_doctor_maint.app_manager.policy import Policy
from pytest_doctor_maint.app_manager.sample import AppManager
from pytest_doctor_maint.app_manager.vnfm import ConstraintPolicy
from pytest_doctor_maint.clock import Failure, SimulatedClock
from pytest_doctor_maint.cloud.calls import call
from pytest_doctor_maint.cloud.connection import connect, disconnect
from pytest_doctor_maint.cloud.embedded import CloudSettings, ComputeSpec, EmbeddedCloud, Timings
from pytest_doctor_maint.cloud.embedded.nova.models import Nova
from pytest_doctor_maint.cloud.notifier import HttpNotifier
from pytest_doctor_maint.harness.steady import check_computes
from pytest_doctor_maint.harness.tenant import Tenant, make_flavor, make_tenant
from pytest_doctor_maint.harness.topology import Application, Topology
from pytest_doctor_maint.history import History, Ids, kinds
from pytest_doctor_maint.inspector.sample import Inspector
from pytest_doctor_maint.net import Session
from pytest_doctor_maint.protocol import SAMPLE, Step

if TYPE_CHECKING:
    from openstack.connection import Connection

EXTERNAL_NETWORK = "public"


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """What a run is made of, besides its topology.

    Attributes:
        seed: Orders what happens at the same moment, and gives all identifiers.
        timings: How long the cloud's operations take.
        admin_tool: What the operator set on the admin tool.
        workflow: Which of the admin tool's workflows the sessions ask for.
        app_manager: What the history calls the app managers.
        policies: How each application's manager decides, by project name; the default policy for the others.
        constraints: What each application's VNFM sets, by project name; the default constraints for the others.
        make_admin_tool: The admin tool's class; a broken one in tests.
        make_app_manager: The app manager's class; a broken one in tests.
        make_inspector: The Inspector's class; a broken one in tests.
        scenario: The test's id, for the history.
        repeat: The command that runs it again, for the history.
    """

    seed: int = 1
    timings: Timings = field(default_factory=Timings)
    admin_tool: AdminToolSettings = field(default_factory=AdminToolSettings)
    workflow: str = "default"
    app_manager: str = SAMPLE.name
    policies: Mapping[str, Policy] = field(default_factory=dict)
    constraints: Mapping[str, ConstraintPolicy] = field(default_factory=dict)
    make_admin_tool: Callable[..., AdminTool] = AdminTool
    make_app_manager: Callable[..., AppManager] = AppManager
    make_inspector: Callable[..., Inspector] = Inspector
    scenario: str = ""
    repeat: str = ""


class World:
    """An embedded cloud, the three actors on it, and their applications.

    Use it as a context: entering starts cloud and actors and checks the computes, leaving stops everything.

    Attributes:
        clock: Simulated.
        history: What happened so far.
        cloud: The embedded cloud.
        http: A session for the harness's own requests, as the infrastructure admin.
        admin: A connection with the admin role.

    Raises:
        UnfitCloud: The test case cannot run on these computes (when entered).
    """

    def __init__(self, topology: Topology, settings: WorldSettings) -> None:
        self.topology = topology
        self.settings = settings
        self.clock = SimulatedClock(settings.seed)
        self.history = History(self.clock.now)
        self.clock.on_failure = self._note_failure
        self._ids = Ids(settings.seed)
        specs = [ComputeSpec(host, vcpus) for host, vcpus in zip(topology.hosts, topology.vcpus, strict=True)]
        self._password = self._ids.hex("password")
        cloud_settings = CloudSettings(specs, settings.timings, admin_password=self._password)
        self.cloud = EmbeddedCloud(self.clock, self.history, self._ids, cloud_settings)
        self._connections: list[Connection] = []
        self.http = Session(self.clock)
        self.admin = self._connect("admin", "admin", self._password)
        self.app_managers: dict[str, AppManager] = {}
        self._tenants: dict[str, Tenant] = {}

    def __enter__(self) -> World:
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
    def computes(self) -> Nova:
        """The computes' power switches."""
        return self.cloud.world.nova

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

    def deploy(self) -> None:
        """Let every app manager make its application and subscribe to its alarm, and the Inspector to its own."""
        image = call(self.admin.image, "GET", "/images", name="cirros")["images"][0]["id"]
        network = call(self.admin.network, "GET", "/networks", name=EXTERNAL_NETWORK)["networks"][0]["id"]
        flavor = make_flavor(self.admin, self.topology.vcpus[0] // 2)
        self.inspector.subscribe()
        for application in self.topology.applications:
            manager = self.app_managers[application.name]
            manager.deploy(
                image=image,
                flavor=flavor,
                external_network=network,
                instances=application.instances,
                placement=application.placement,
                placer=self._placer(application) if application.placement else None,
            )
            manager.subscribe()

    def withdraw(self) -> None:
        """Let the actors take their alarms back."""
        for manager in self.app_managers.values():
            manager.unsubscribe()
        self.inspector.unsubscribe()

    # -- start and stop ----------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.cloud.start()
        check_computes(self.admin)
        vcpus = self.topology.vcpus[0]
        for application in self.topology.applications:
            password = self._ids.hex("password")
            self._tenants[application.name] = make_tenant(
                self.admin, application.name, password, instances=application.instances, vcpus=vcpus // 2
            )
        admin_project = call(self.admin.identity, "GET", "/projects", name="admin")["projects"][0]["id"]
        self._record_start(admin_project)
        settings = self.settings
        admin_tool_connection = self._connect("admin", "admin", self._password)
        self.admin_tool = settings.make_admin_tool(
            self.clock,
            self.history,
            self._ids,
            admin_tool_connection,
            HttpNotifier(admin_tool_connection, self.history),
            admin_project,
            settings.admin_tool,
        ).start()
        self.inspector = settings.make_inspector(
            self.clock,
            self.history,
            self._connect("admin", "admin", self._password),
        ).start()
        for application in self.topology.applications:
            tenant = self._tenants[application.name]
            # Only a VNFM sets any.
            constraints = settings.constraints.get(application.name)
            self.app_managers[application.name] = settings.make_app_manager(
                self.clock,
                self.history,
                self._connect(tenant.name, tenant.name, tenant.password),
                project_id=tenant.project_id,
                name=application.name,
                policy=settings.policies.get(application.name, Policy()),
                **({} if constraints is None else {"constraints": constraints}),
            ).start()

    def _stop(self) -> None:
        actors = [getattr(self, name, None) for name in ("admin_tool", "inspector")]
        parts = [*self.app_managers.values(), *(actor for actor in actors if actor is not None), self.cloud]
        for part in parts:
            part.stop()
        self.clock.stop()
        for part in parts:
            part.join()
        self.http.close()
        for connection in self._connections:
            disconnect(connection)

    def _connect(self, project: str, user: str, password: str) -> Connection:
        connection = connect(
            self.clock, auth_url=self.cloud.auth_url, username=user, password=password, project_name=project
        )
        self._connections.append(connection)
        return connection

    def _placer(self, application: Application) -> Connection:
        """An admin's connection in the application's project, which Nova demands for naming a compute."""
        tenant = self._tenants[application.name]
        identity = self.admin.identity
        user = call(identity, "GET", "/users", name="admin")["users"][0]["id"]
        role = call(identity, "GET", "/roles", name="admin")["roles"][0]["id"]
        call(identity, "PUT", f"/projects/{tenant.project_id}/users/{user}/roles/{role}")
        return self._connect(tenant.name, "admin", self._password)

    def _record_start(self, admin_project: str) -> None:
        settings = self.settings
        profile = settings.admin_tool.profile
        windows: dict[Step, float] = {**profile.windows, **settings.admin_tool.windows}
        self.history.append(
            "harness",
            kinds.RUN_STARTED,
            {
                "seed": settings.seed,
                "cloud": "embedded",
                "admin_tool": profile.name,
                "app_manager": settings.app_manager,
                "workflow": settings.workflow,
                "inspector": SAMPLE.name,
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
            },
        )

    def _note_failure(self, failure: Failure) -> None:
        self.history.append(
            failure.name,
            kinds.THREAD_DIED,
            {"thread": failure.name, "error": f"{type(failure.error).__name__}: {failure.error}"},
        )


def even_sessions(hosts: Sequence[str], count: int) -> list[list[str]]:
    """``hosts`` in ``count`` parts of equal length, for sessions at once.

    Raises:
        ValueError: They cannot be parted evenly.
    """
    if len(hosts) % count:
        raise ValueError(f"{len(hosts)} computes do not part into {count} sessions of equal size")
    size = len(hosts) // count
    return [list(hosts[start : start + size]) for start in range(0, len(hosts), size)]
