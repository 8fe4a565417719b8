"""An Inspector on a Nova of two computes and three instances."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import requests
from keystoneauth1.adapter import Adapter

from pytest_doctor_maint.actors.contract import InspectorContext
from pytest_doctor_maint.actors.inspector import Inspector
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import HOST_EVENT
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.http.wires import MemoryWire
from tests.support.alarm_bodies import Json, alarm_body

if TYPE_CHECKING:
    from keystoneauth1.session import Session
    from openstack.connection import Connection

ADMIN_PROJECT = "5f1d0e0a8b2f4f7b9c3d2a1e6b7c8d9e"


class NovaDouble(Adapter):
    """A double of the session of ``connection.compute``: computes, instances, and the calls that change them.

    Attributes:
        services: The services nova-compute by host.
        instances: The ids of the instances by host.
        changes: The calls that change something: path and body.
    """

    def __init__(self) -> None:
        super().__init__(cast("Session", None))
        self.services: dict[str, Json] = {
            host: {"host": host, "forced_down": False, "state": "up"} for host in ("compute-1", "compute-2")
        }
        self.instances = {"compute-1": ["i1", "i2"], "compute-2": ["i3"]}
        self.changes: list[tuple[str, object]] = []

    def request(  # type: ignore[override] # only the parameters that the product uses
        self,
        path: str,
        method: str,
        json: Json | None = None,
        params: Mapping[str, str | int] | None = None,
        **_options: object,
    ) -> requests.Response:
        if method != "GET":
            self.changes.append((path, json))
        query = params or {}
        if path == "/os-services":
            found = [{"id": f"id-{host}", **self.services[host]} for host in self.services if host == query["host"]]
            return _answer({"services": found})
        if path == "/servers/detail":
            assert query["all_tenants"] == 1
            names = self.instances[str(query["host"])]
            return _answer({"servers": [{"id": name, "name": name, "status": "ACTIVE"} for name in names]})
        if path.startswith("/os-services/id-"):
            assert json is not None
            service = self.services[path.removeprefix("/os-services/id-")]
            service.update(json, state="down" if json["forced_down"] else "up")
            return _answer({"service": service})
        return _answer(None, 202)


def _answer(body: Json | None, status: int = 200) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = b"" if body is None else json.dumps(body).encode()
    return response


class _ConnectionDouble:
    """The part of openstacksdk's connection that the Inspector uses here."""

    def __init__(self, nova: NovaDouble) -> None:
        self.compute = Adapter(cast("Session", nova), endpoint_override="http://nova")
        self.session = self

    def get_project_id(self) -> str:
        return ADMIN_PROJECT


class InspectorBench:
    """An Inspector and its Nova.

    Attributes:
        inspector: The Inspector.
        alarm_url: The URL that takes its alarms.
        nova: Nova.
        history: What the Inspector records.
        http: A session of the test.
    """

    def __init__(self) -> None:
        self.clock = SimulatedClock(1, wire=MemoryWire())
        self.history = History(self.clock.now)
        self.nova = NovaDouble()
        connection = cast("Connection", _ConnectionDouble(self.nova))
        self.inspector = Inspector(InspectorContext(self.clock, self.history, connection)).start()
        self.alarm_url = self.inspector.new_alarm_url()
        self.http = HttpSession(self.clock)
        self._messages = 0

    def alarm(self, host: str, state: str, *, message_id: str | None = None, **changed: object) -> Json:
        """Return the body that Aodh posts for a message about a compute; `changed` are other traits."""
        return self.alarm_with({"host": host, "state": state, **changed}, message_id=message_id)

    def alarm_with(self, changed: Mapping[str, object], *, message_id: str | None = None) -> Json:
        """Return the body that Aodh posts for a message with these traits; None leaves a trait out."""
        self._messages += 1
        traits = {"session_id": "s", "project_id": ADMIN_PROJECT, **changed}
        return alarm_body(HOST_EVENT, traits, message_id=message_id or f"m{self._messages}")

    def send(self, host: str, state: str, *, message_id: str | None = None, **changed: object) -> requests.Response:
        """Post a message about a compute."""
        return self.post(self.alarm(host, state, message_id=message_id, **changed))

    def post(self, body: object) -> requests.Response:
        """Post a body to the URL of the alarm."""
        return self.http.post(self.alarm_url, json=body)

    def report(self, *hosts: str) -> requests.Response:
        """Report failures as a monitor does."""
        return self.put([{"type": "compute.host.down", "details": {"hostname": host}} for host in hosts])

    def put(self, body: object) -> requests.Response:
        """Send a body to the URL of reports."""
        return self.http.put(f"{self.inspector.monitor_url}/events", json=body)

    def done(self) -> list[tuple[str, str, str | None]]:
        """Return what the Inspector did: host, action, server."""
        found = self.history.of("fault_management", actor="inspector")
        return [(event.data["host"], event.data["action"], event.data["server_id"]) for event in found]

    def close(self) -> None:
        """End the bench."""
        self.inspector.stop()
        self.clock.stop()
        self.inspector.join()
        self.http.close()
