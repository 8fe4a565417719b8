"""A cloud without sockets, for tests of Nova and Placement: their WSGI applications on a simulated clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from werkzeug.test import Client, TestResponse

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.embedded.core import CloudSettings, ComputeSpec
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http.wires import MemoryWire
from pytest_doctor_maint.simtime.ids import Ids
from tests.support.json import Json

THREE_COMPUTES = tuple(ComputeSpec(f"compute-{number}", vcpus=4) for number in (1, 2, 3))
TWO_COMPUTES = tuple(ComputeSpec(f"compute-{number}", vcpus=4, memory_mb=8192, disk_gb=100) for number in (1, 2))


class NovaBench:
    """A cloud, and callers whose tokens are their names: ``admin``, and ``ann`` and ``bob`` of projects of their own.

    Args:
        computes: The computes of the cloud.

    Attributes:
        clock: The simulated clock.
        history: Everything that the cloud records.
        cloud: The services' states.
        nova: Nova's state.
        projects: The project of each caller.
        callers: The callers by name.
        client: Sends requests to Nova; :meth:`ask` and :meth:`call` are shorter.
        image: The id of an image that everybody can use.
    """

    def __init__(self, computes: Sequence[ComputeSpec] = THREE_COMPUTES) -> None:
        self.clock = SimulatedClock(1, wire=MemoryWire())
        self.history = History(self.clock.now)
        self.cloud = CloudState(self.clock, self.history, Ids(1), CloudSettings(computes))
        self.nova = self.cloud.nova
        keystone = self.cloud.keystone
        self.projects = {"admin": keystone.admin_project_id}
        self.projects |= {name: keystone.create_project(name).id for name in ("ann", "bob")}
        self.callers = {
            name: Caller(f"u-{name}", name, project_id, name, frozenset({"member", "reader"} | ({name} & {"admin"})))
            for name, project_id in self.projects.items()
        }
        # Which token belongs to which caller is tested with Keystone.
        keystone.validate = self.callers.get  # type: ignore[method-assign, assignment]
        services = self.cloud.services()
        self.client = Client(services["/compute"])
        self._placement = Client(services["/placement"])
        self.image = next(iter(self.cloud.glance.images))

    # -- requests ----------------------------------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        by: str = "ann",
        version: str = "2.1",
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Send a request below /v2.1 to Nova, and return the response.

        Args:
            method: The HTTP method.
            path: The path below /v2.1.
            body: What is sent as JSON; bytes are sent as they are.
            by: The caller.
            version: The microversion.
            headers: Further headers.
        """
        sent = {"OpenStack-API-Version": f"compute {version}", **(headers or {})}
        return _open(self.client, method, f"/v2.1{path}", body, by, sent)

    def call(
        self, method: str, path: str, body: object = None, *, by: str = "ann", version: str = "2.1", status: int = 200
    ) -> Json:
        """Send a request below /v2.1 to Nova, check the status, and return the JSON (None if there is no body)."""
        return _json(self.ask(method, path, body, by=by, version=version), status)

    def placement(
        self, path: str, *, method: str = "GET", by: str = "admin", version: str = "1.39", status: int = 200
    ) -> Json:
        """Send a request to Placement, check the status, and return the JSON (None if there is no body)."""
        return _json(self.ask_placement(path, method=method, by=by, version=version), status)

    def ask_placement(
        self, path: str, *, method: str = "GET", by: str = "admin", version: str = "1.39"
    ) -> TestResponse:
        """Send a request to Placement, and return the response."""
        headers = {"OpenStack-API-Version": f"placement {version}"}
        return _open(self._placement, method, path, None, by, headers)

    def act(
        self,
        server: Server,
        name: str,
        value: object = None,
        *,
        by: str = "ann",
        version: str = "2.1",
        status: int = 202,
    ) -> Json:
        """Request an action on a server, check the status, and return the JSON."""
        path = f"/servers/{server.id}/action"
        return self.call("POST", path, {name: value}, by=by, version=version, status=status)

    # -- things of the cloud -----------------------------------------------------------------------------------------

    def boot(
        self,
        name: str = "one",
        *,
        by: str = "ann",
        wait: float = 10.0,
        hints: Mapping[str, object] | None = None,
        **fields: object,
    ) -> Server:
        """Create a server with 2 VCPUs and return it; after ``wait`` seconds it is active.

        Args:
            name: Its name.
            by: The caller.
            wait: Simulated seconds.
            hints: Scheduler hints.
            fields: Further fields of the request, or other values.
        """
        body: dict[str, object] = {"server": {"name": name, "flavorRef": "3", "imageRef": self.image, **fields}}
        if hints:
            body["os:scheduler_hints"] = hints
        answer = self.call("POST", "/servers", body, by=by, version="2.36", status=202)
        self.wait(wait)
        return self.nova.servers[answer["server"]["id"]]

    def group(self, policy: str = "anti-affinity") -> str:
        """Create a server group of ann's project and return its id."""
        body = {"server_group": {"name": "pair", "policy": policy}}
        return str(self.call("POST", "/os-server-groups", body, version="2.64")["server_group"]["id"])

    def wait(self, seconds: float) -> None:
        """Let so much simulated time pass, and a millisecond more, so that everything due in it has happened."""
        self.clock.sleep(seconds + 0.001)

    def guest(self, server: Server) -> list[tuple[float, bool]]:
        """Return the times when the guest of a server came up and went down, in seconds since the start."""
        start: datetime = self.history.event(1).at
        return [
            (round((event.at - start).total_seconds(), 1), event.data["up"])
            for event in self.history.of("guest", server_id=server.id)
        ]

    def vcpus_used(self) -> list[int]:
        """Return the VCPUs that are used of each compute."""
        return [compute.vcpus_used for compute in self.nova.computes.values()]


@contextmanager
def nova_bench(computes: Sequence[ComputeSpec] = THREE_COMPUTES) -> Iterator[NovaBench]:
    """Return a bench; at the end stop its clock, and check that no operation failed."""
    bench = NovaBench(computes)
    yield bench
    bench.clock.stop()
    assert bench.clock.failures == []


def _open(client: Client, method: str, path: str, body: object, by: str, headers: Mapping[str, str]) -> TestResponse:
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"X-Auth-Token": by, **headers}
    return client.open(path, method=method, data=data, headers=sent, content_type="application/json")


def _json(response: TestResponse, status: int) -> Json:
    assert response.status_code == status, response.text
    return response.json if response.data else None
