"""A cloud without sockets: Nova's WSGI application on a simulated clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.embedded.core import CloudSettings, ComputeSpec
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.ids import Ids

PROJECT = "a" * 32


def json(answer: TestResponse) -> Any:
    """The answer's body."""
    return answer.json


class Cloud:
    """Three computes with 4 VCPUs each, an admin and a user of project ``PROJECT``."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(1)
        self.history = History(self.clock.now)
        computes = [ComputeSpec(f"compute-{number}", 4) for number in (1, 2, 3)]
        self.world = CloudState(self.clock, self.history, Ids(1), CloudSettings(computes))
        self.nova = self.world.nova
        callers = {
            "admin": Caller("1" * 32, "admin", "b" * 32, "admin", frozenset({"admin"})),
            "demo": Caller("2" * 32, "demo", PROJECT, "demo", frozenset({"member"})),
            "other": Caller("3" * 32, "other", "c" * 32, "other", frozenset({"member"})),
        }
        self.world.keystone.validate = callers.get  # type: ignore[method-assign, assignment]
        self.client = Client(self.world.services()["/compute"])
        self.image = next(iter(self.world.glance.images))

    def call(
        self, method: str, path: str, body: Any = None, *, by: str = "admin", version: str = "2.1", **headers: str
    ) -> TestResponse:
        """Send a request below /v2.1."""
        sent = {"X-Auth-Token": by, "OpenStack-API-Version": f"compute {version}", **headers}
        extra = {} if body is None else {"json": body}
        return self.client.open(f"/v2.1{path}", method=method, headers=sent, **extra)

    def boot(self, name: str = "one", *, by: str = "demo", wait: float = 10.0, **fields: Any) -> Server:
        """A new server with 2 VCPUs; after ``wait`` seconds it is active."""
        hints = fields.pop("hints", None)
        server = {"name": name, "flavorRef": "3", "imageRef": self.image, **fields}
        body: dict[str, Any] = {"server": server}
        if hints:
            body["os:scheduler_hints"] = hints
        answer = self.call("POST", "/servers", body, by=by, version="2.36")
        assert answer.status_code == 202, answer.text
        self.wait(wait)
        return self.nova.servers[json(answer)["server"]["id"]]

    def wait(self, seconds: float) -> None:
        """Let so many seconds go by, and everything happen that is due then."""
        self.clock.sleep(seconds + 0.001)

    def act(self, server: Server, name: str, value: Any = None, **options: Any) -> TestResponse:
        """Ask for an action on a server."""
        return self.call("POST", f"/servers/{server.id}/action", {name: value}, **options)

    def group(self, policy: str = "anti-affinity") -> str:
        """A new server group of the user's."""
        body = {"server_group": {"name": "pair", "policy": policy}}
        answer = self.call("POST", "/os-server-groups", body, by="demo", version="2.64")
        return str(json(answer)["server_group"]["id"])

    def guest(self, server: Server) -> list[tuple[float, bool]]:
        """When the guest came up and went down: seconds since the start."""
        start = self.history.event(1).at
        return [
            (round((event.at - start).total_seconds(), 1), event.data["up"])
            for event in self.history.of("guest", server_id=server.id)
        ]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    made = Cloud()
    yield made
    made.clock.stop()
    assert made.clock.failures == []
