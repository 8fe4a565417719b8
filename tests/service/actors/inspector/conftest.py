"""An Inspector on a Nova of two computes and three instances."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from keystoneauth1.adapter import Adapter

from pytest_doctor_maint.actors.inspector import Inspector
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import HttpSession

ADMIN_PROJECT = "5f1d0e0a8b2f4f7b9c3d2a1e6b7c8d9e"


class Nova(Adapter):
    """Stands for the session behind ``connection.compute``: computes, instances, and the calls that change them."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self.services = {
            host: {"host": host, "forced_down": False, "state": "up"} for host in ("compute-1", "compute-2")
        }
        self.instances = {"compute-1": ["i1", "i2"], "compute-2": ["i3"]}
        self.changes: list[tuple[str, Any]] = []

    def request(  # type: ignore[override]
        self, path: str, method: str, json: Any = None, params: Any = None, **_options: Any
    ) -> requests.Response:
        if method != "GET":
            self.changes.append((path, json))
        if path == "/os-services":
            found = [{"id": f"id-{host}", **self.services[host]} for host in self.services if host == params["host"]]
            return answer({"services": found})
        if path == "/servers/detail":
            assert params["all_tenants"] == 1
            names = self.instances[params["host"]]
            return answer({"servers": [{"id": name, "name": name, "status": "ACTIVE"} for name in names]})
        if path.startswith("/os-services/id-"):
            service = self.services[path.removeprefix("/os-services/id-")]
            service.update(json, state="down" if json["forced_down"] else "up")
            return answer({"service": service})
        return answer(None, 202)


def answer(body: Any, status: int = 200) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = b"" if body is None else json.dumps(body).encode()
    return response


class Connection:
    """As much of openstacksdk's connection as the Inspector uses here."""

    def __init__(self) -> None:
        self.nova = Nova()
        self.compute = Adapter(self.nova, endpoint_override="http://nova")  # type: ignore[arg-type]
        self.session = self

    def get_project_id(self) -> str:
        return ADMIN_PROJECT


class Bench:
    def __init__(self) -> None:
        self.clock = SimulatedClock(1)
        self.history = History(self.clock.now)
        self.connection = Connection()
        self.nova = self.connection.nova
        self.inspector = Inspector(self.clock, self.history, self.connection).start()  # type: ignore[arg-type]
        self.http = HttpSession(self.clock)
        self._messages = 0

    def alarm(self, host: str, state: str, *, message_id: str | None = None, **changed: Any) -> dict[str, Any]:
        """The body that Aodh posts for a message about a compute."""
        self._messages += 1
        traits = {"session_id": "s", "project_id": ADMIN_PROJECT, "host": host, "state": state, **changed}
        event = {
            "message_id": message_id or f"m{self._messages}",
            "event_type": "maintenance.host",
            "traits": [[name, 1, value] for name, value in traits.items() if value is not None],
        }
        return {"alarm_id": "a", "alarm_name": "inspector", "reason_data": {"type": "event", "event": event}}

    def tell(self, host: str, state: str, **changed: Any) -> Any:
        return self.http.post(f"{self.inspector.url}/maintenance", json=self.alarm(host, state, **changed))

    def report(self, *hosts: str) -> Any:
        events = [{"type": "compute.host.down", "details": {"hostname": host}} for host in hosts]
        return self.put(events)

    def put(self, body: Any) -> Any:
        return self.http.put(f"{self.inspector.url}/events", json=body)

    def done(self) -> list[tuple[str, str, str | None]]:
        """What the Inspector did, as its history says."""
        found = self.history.of("fault_management", actor="inspector")
        return [(event.data["host"], event.data["action"], event.data["server_id"]) for event in found]

    def close(self) -> None:
        self.inspector.stop()
        self.clock.stop()
        self.inspector.join()
        self.http.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()
    assert not made.clock.failures
