"""An app manager, without a cloud or on an embedded one, and an admin tool that takes down what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from pytest_doctor_maint.actors.app_manager import AppManager, Policy
from pytest_doctor_maint.embedded import CloudSettings, ComputeSpec, EmbeddedCloud
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.connection import connect, disconnect
from pytest_doctor_maint.openstack.servers import ServerState, list_servers
from pytest_doctor_maint.protocol import to_wire
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpServer, HttpSession, Request, route
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.testbed.projects import create_project_access, make_flavor

AnyBench = TypeVar("AnyBench", bound="Bench")
PROJECT = "82b153615199441880830ac9b6a9ea15"


class NoServices:
    """A connection to a cloud whose catalog is empty."""

    class Config:
        def get_region_name(self) -> str:
            return "RegionOne"

    class HttpSession:
        def get_endpoint(self, **which: str) -> None:
            return None

    config = Config()
    session = HttpSession()


class AdminToolDouble(App):
    """Takes answers, and tells the instances of the message at hand."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__()
        self.clock = clock
        self.instance_ids: list[str] = []
        self.answers: list[tuple[float, dict[str, Any]]] = []
        self.status = 200
        self.began = clock.now()

    @route("PUT", "/maintenance/<session>/<project>")
    def answer(self, request: Request, session: str, project: str) -> Answer:
        self.answers.append(((self.clock.now() - self.began).total_seconds(), request.json_object()))
        return self.status, {}

    @route("GET", "/maintenance/<session>/<project>")
    def instances(self, request: Request, session: str, project: str) -> Answer:
        return {"instance_ids": self.instance_ids}


class Bench:
    """One app manager and what is around it."""

    def __init__(self, policy: Policy) -> None:
        self.clock = SimulatedClock(1)
        self.history = History(self.clock.now)
        self.admin_tool = AdminToolDouble(self.clock)
        self.server = HttpServer(self.admin_tool, name="admin_tool", clock=self.clock).start()
        self.http = HttpSession(self.clock)
        project_id, connection = self.make_project()
        self.project_id = project_id
        self.manager = AppManager(
            self.clock, self.history, connection, project_id=project_id, name="doctor", policy=policy
        ).start()

    def make_project(self) -> tuple[str, Any]:
        """The project and its connection; a step that is sent without a cloud makes the app manager only look there."""
        return PROJECT, NoServices()

    @property
    def answers(self) -> list[tuple[float, dict[str, Any]]]:
        return self.admin_tool.answers

    def alarm(self, state: str, *, window: float = 30.0, message_id: str = "m", **changed: Any) -> dict[str, Any]:
        """The body that Aodh posts for a message of this state."""
        url = f"{self.server.url}/maintenance/s/{self.project_id}"
        due = to_wire(self.clock.now() + timedelta(seconds=window)).replace(" ", "T")
        traits = {
            "session_id": "s",
            "project_id": self.project_id,
            "state": state,
            "instance_ids": url,
            "allowed_actions": "['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION']",
            "actions_at": due,
            "reply_at": due,
            "reply_url": url,
            "metadata": "{'openstack_version': '2026.1'}",
            **changed,
        }
        return {
            "alarm_name": "doctor_maintenance",
            "alarm_id": "a",
            "severity": "moderate",
            "previous": "insufficient data",
            "current": "alarm",
            "reason": "",
            "reason_data": {
                "type": "event",
                "event": {
                    "message_id": message_id,
                    "event_type": "maintenance.scheduled",
                    "generated": "2030-01-01T00:00:00.000000",
                    "raw": {},
                    "traits": [[name, 1, value] for name, value in traits.items() if value is not None],
                },
            },
        }

    def post(self, body: Any, path: str = "/maintenance") -> Any:
        return self.http.post(f"{self.manager.url}{path}", json=body)

    def close(self) -> None:
        self.manager.stop()
        self.server.stop()
        self.clock.stop()
        self.manager.join()
        self.server.join()
        self.http.close()


class CloudBench(Bench):
    """An app manager on an embedded cloud of three computes, each with room for two instances.

    Attributes:
        cloud: The cloud.
        admin: An admin's connection.
        sent: How many messages were sent so far.
    """

    sent = 0

    def make_project(self) -> tuple[str, Any]:
        self._connections: list[Any] = []
        computes = [ComputeSpec(f"compute-{number}", 2) for number in (1, 2, 3)]
        settings = CloudSettings(computes, admin_password="admin")
        self.cloud = EmbeddedCloud(self.clock, self.history, Ids(1), settings).start()
        self.admin = self.connect("admin", "admin", "admin")
        tenant = create_project_access(self.admin, "doctor", "secret", instances=6, vcpus=1)
        return tenant.project_id, self.connect("doctor", "doctor", "secret")

    def connect(self, project: str, user: str, password: str) -> Any:
        connection = connect(
            self.clock, auth_url=self.cloud.auth_url, username=user, password=password, project_name=project
        )
        self._connections.append(connection)
        return connection

    def placer(self) -> Any:
        """An admin's connection in the project."""
        user = call(self.admin.identity, "GET", "/users", name="admin")["users"][0]["id"]
        role = call(self.admin.identity, "GET", "/roles", name="admin")["roles"][0]["id"]
        call(self.admin.identity, "PUT", f"/projects/{self.project_id}/users/{user}/roles/{role}")
        return self.connect("doctor", "admin", "admin")

    def deploy(self, **details: Any) -> None:
        image = call(self.admin.image, "GET", "/images")["images"][0]["id"]
        network = call(self.admin.network, "GET", "/networks", name="public")["networks"][0]["id"]
        flavor = make_flavor(self.admin, 1)
        self.manager.deploy(image=image, flavor=flavor, external_network=network, **{"instances": 6, **details})

    def deploy_as_placed(self) -> None:
        """Two instances on each compute: ACT on the first, STBY on the second."""
        homes = {
            "doctor_ha_app_0": "compute-1",
            "doctor_nonha_app_0": "compute-1",
            "doctor_ha_app_1": "compute-2",
            "doctor_nonha_app_1": "compute-2",
            "doctor_nonha_app_2": "compute-3",
            "doctor_nonha_app_3": "compute-3",
        }
        self.deploy(placement=homes, placer=self.placer())

    def servers(self) -> dict[str, ServerState]:
        """All servers of the cloud by name, as an admin sees them."""
        return {server.name: server for server in list_servers(self.admin, all_tenants=1)}

    def homes(self) -> dict[str, str | None]:
        """The computes of all servers by name."""
        return {name: server.host for name, server in sorted(self.servers().items())}

    def behind_floating_ip(self) -> str | None:
        """The name of the server that the floating IP leads to."""
        led_to = self.history.of("floating_ip")[-1].data["server_id"]
        return next((name for name, server in self.servers().items() if server.id == led_to), None)

    def disable(self, host: str) -> None:
        service = call(self.admin.compute, "GET", "/os-services", binary="nova-compute", host=host)["services"][0]
        call(self.admin.compute, "PUT", f"/os-services/{service['id']}", {"status": "disabled"})

    def tell(self, state: str, *names: str, **changed: Any) -> None:
        """Post a message about the instances of these names; it is in the app manager's hands when this returns."""
        self.sent += 1
        servers = self.servers()
        ids = [servers[name].id for name in names]
        self.admin_tool.instance_ids = ids
        alarm = self.alarm(
            state, **{"window": 120.0, "message_id": f"m{self.sent}", "instance_ids": str(ids), **changed}
        )
        assert self.post(alarm).status_code == 200

    def answered(self) -> list[str]:
        """The states that were answered so far."""
        return [body["state"] for _, body in self.answers]

    def close(self) -> None:
        self.cloud.stop()
        super().close()
        self.cloud.join()
        for connection in self._connections:
            disconnect(connection)


@pytest.fixture
def make_cloud_bench() -> Iterator[Callable[..., CloudBench]]:
    yield from _make(CloudBench)


@pytest.fixture
def make_bench() -> Iterator[Callable[..., Bench]]:
    yield from _make(Bench)


def _make(kind: type[AnyBench]) -> Iterator[Callable[..., AnyBench]]:
    benches: list[AnyBench] = []

    def make(**policy: Any) -> AnyBench:
        benches.append(kind(Policy(**policy)))
        return benches[-1]

    yield make
    for bench in reversed(benches):
        bench.close()
        assert not bench.clock.failures


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()
