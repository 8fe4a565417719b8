"""A VNFM on an embedded cloud whose catalog has an admin tool that takes down what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from pytest_doctor_maint.actors.app_manager import Policy
from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy, Vnfm
from pytest_doctor_maint.embedded import CloudSettings, ComputeSpec, EmbeddedCloud
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.connection import connect, disconnect
from pytest_doctor_maint.protocol import to_wire
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpError, HttpServer, Request, route
from pytest_doctor_maint.simtime.http import HttpSession as Http
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.testbed.projects import create_project_access, make_flavor

Call = tuple[str, str, dict[str, Any] | None]


class FenixDouble(App):
    """Takes down constraints and answers, and asks for a token as Fenix does.

    Attributes:
        calls: Each call about a constraint: method, ``instance/NAME`` or ``instance_group/NAME``, body.
        answers: The bodies of the answers.
        refuse: Methods that are refused.
        tokens: The tokens that came with the calls.
        asked: How many calls there were.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.answers: list[dict[str, Any]] = []
        self.refuse: dict[str, int] = {}
        self.tokens: set[str] = set()
        self.asked = 0
        self.instance_ids: list[str] = []
        self._names: dict[str, str] = {}

    @route("PUT", "/v1/<any(instance, instance_group):kind>/<key>")
    def put(self, request: Request, kind: str, key: str) -> Answer:
        body = request.json_object()
        self._names[key] = body["instance_name" if kind == "instance" else "group_name"]
        return self._note(request, kind, key, body)

    @route("DELETE", "/v1/<any(instance, instance_group):kind>/<key>")
    def delete(self, request: Request, kind: str, key: str) -> Answer:
        return self._note(request, kind, key, None)

    @route("PUT", "/v1/maintenance/<session>/<project>")
    def answer(self, request: Request, session: str, project: str) -> Answer:
        self._see(request)
        self.answers.append(request.json_object())
        return {}

    @route("GET", "/v1/maintenance/<session>/<project>")
    def instances(self, request: Request, session: str, project: str) -> Answer:
        self._see(request)
        return {"instance_ids": self.instance_ids}

    def _note(self, request: Request, kind: str, key: str, body: dict[str, Any] | None) -> Answer:
        self._see(request)
        self.calls.append((request.method, f"{kind}/{self._names[key]}", body))
        if request.method in self.refuse:
            raise HttpError(self.refuse[request.method], "no")
        return None if request.method == "DELETE" else {}

    def _see(self, request: Request) -> None:
        self.asked += 1
        token = request.headers.get("X-Auth-Token")
        if token is None:
            raise HttpError(401, "who asks?")
        self.tokens.add(token)


class Bench:
    """The VNFM ``manager``, the cloud, ``fenix``, and a ``stranger`` that is no service of the cloud."""

    def __init__(self, policy: Policy, constraints: ConstraintPolicy | None, *, in_catalog: bool = True) -> None:
        self.clock = SimulatedClock(1)
        self.history = History(self.clock.now)
        self.fenix = FenixDouble()
        self.server = HttpServer(self.fenix, name="admin_tool", clock=self.clock).start()
        self.stranger = FenixDouble()
        self.elsewhere = HttpServer(self.stranger, name="stranger", clock=self.clock).start()
        computes = [ComputeSpec(f"compute-{number}", 2) for number in (1, 2, 3)]
        settings = CloudSettings(computes, admin_password="admin")
        self.cloud = EmbeddedCloud(self.clock, self.history, Ids(1), settings).start()
        self._connections: list[Any] = []
        self.http = Http(self.clock)
        self.admin = self.connect("admin", "admin", "admin")
        if in_catalog:
            self._register()
        tenant = create_project_access(self.admin, "doctor", "secret", instances=6, vcpus=1)
        self.project_id = tenant.project_id
        self.manager = Vnfm(
            self.clock,
            self.history,
            self.connect("doctor", "doctor", "secret"),
            project_id=tenant.project_id,
            name="doctor",
            policy=policy,
            constraints=constraints,
        )
        self.manager.start()
        self._sent = 0

    def connect(self, project: str, user: str, password: str) -> Any:
        connection = connect(
            self.clock, auth_url=self.cloud.auth_url, username=user, password=password, project_name=project
        )
        self._connections.append(connection)
        return connection

    def deploy(self) -> None:
        image = call(self.admin.image, "GET", "/images")["images"][0]["id"]
        network = call(self.admin.network, "GET", "/networks", name="public")["networks"][0]["id"]
        flavor = make_flavor(self.admin, 1)
        self.manager.deploy(image=image, flavor=flavor, external_network=network, instances=6)

    def calls(self) -> list[tuple[str, str]]:
        """The calls about constraints since the last look, without their bodies."""
        calls = [(method, path) for method, path, _ in self.fenix.calls]
        self.fenix.calls.clear()
        return calls

    def tell(self, state: str, instance_ids: list[str] | None = None, *, reply_to: HttpServer | None = None) -> None:
        """Post a message; it has been worked on when this returns."""
        window = 60.0
        self._sent += 1
        url = f"{(reply_to or self.server).url}/v1/maintenance/s/{self.project_id}"
        due = to_wire(self.clock.now() + timedelta(seconds=window)).replace(" ", "T")
        traits = {
            "session_id": "s",
            "project_id": self.project_id,
            "state": state,
            "instance_ids": str(instance_ids or url),
            "allowed_actions": "['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION']",
            "actions_at": due,
            "reply_at": due,
            "reply_url": url,
            "metadata": "{}",
        }
        event = {
            "message_id": f"m{self._sent}",
            "event_type": "maintenance.scheduled",
            "traits": [[name, 1, value] for name, value in traits.items()],
        }
        body = {"alarm_id": "a", "reason_data": {"type": "event", "event": event}}
        self.http.post(f"{self.manager.url}/maintenance", json=body).raise_for_status()
        self.clock.sleep(window)

    def _register(self) -> None:
        identity = self.admin.identity
        service = call(identity, "POST", "/services", {"service": {"type": "maintenance", "name": "fenix"}})["service"]
        endpoint = {
            "service_id": service["id"],
            "interface": "public",
            "region_id": "RegionOne",
            "url": f"{self.server.url}/v1",
        }
        call(identity, "POST", "/endpoints", {"endpoint": endpoint})

    def close(self) -> None:
        parts = (self.manager, self.server, self.elsewhere, self.cloud)
        for part in parts:
            part.stop()
        self.clock.stop()
        for part in parts:
            part.join()
        self.http.close()
        for connection in self._connections:
            disconnect(connection)


@pytest.fixture
def make_bench() -> Iterator[Callable[..., Bench]]:
    benches: list[Bench] = []

    def make(constraints: ConstraintPolicy | None = None, *, in_catalog: bool = True, **policy: Any) -> Bench:
        benches.append(Bench(Policy(**policy), constraints, in_catalog=in_catalog))
        return benches[-1]

    yield make
    for bench in benches:
        bench.close()
        assert not bench.clock.failures
