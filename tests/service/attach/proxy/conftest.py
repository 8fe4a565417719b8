"""The recording proxy in front of admin tools, in simulated time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pytest_doctor_maint.attach.remote_admin_tool import RemoteAdminTool
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.simtime.cause import current_cause
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import HttpServer, HttpSession

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@dataclass
class Seen:
    """A request as it reached the stub."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    cause: int | None
    recorded: int


@dataclass
class Stub:
    """An admin tool that takes down what reaches it, and answers what the test says.

    Attributes:
        history: How long it is, when a request arrives, goes into ``Seen.recorded``.
    """

    history: History
    seen: list[Seen] = field(default_factory=list)
    status: str = "200 OK"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b"{}"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        names = {key: key.removeprefix("HTTP_").replace("_", "-").lower() for key in environ if key.startswith("HTTP_")}
        names["CONTENT_TYPE"] = "content-type"
        self.seen.append(
            Seen(
                environ["REQUEST_METHOD"],
                environ["REQUEST_URI"].partition("?")[0],
                environ["QUERY_STRING"],
                {name: environ[key] for key, name in names.items() if environ.get(key)},
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
                current_cause(),
                len(self.history),
            )
        )
        start_response(self.status, [*self.headers, ("Content-Length", str(len(self.body)))])
        return [self.body]


class Bench:
    """A stub, the proxy in front of it, and a client.

    Attributes:
        path: Where the stub's API begins.
    """

    path = "/v1"

    def __init__(self) -> None:
        self.clock = SimulatedClock(1)
        self.history = History(self.clock.now)
        self.stub = Stub(self.history)
        self.server = HttpServer(self.stub, name="stub", clock=self.clock).start()
        self.stub_url = f"{self.server.url}{self.path}"
        self.proxy = RemoteAdminTool(self.stub_url, self.clock, self.history).start()
        self.client = HttpSession(self.clock)
        self.manager = HttpSession(self.clock)
        for prefix in ("http://", "https://"):
            self.manager.mount(prefix, self.proxy.detour())

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """Ask the proxy, as the admin."""
        options = {"json": body, **more} if body is not None else more
        return self.client.request(method, f"{self.proxy.url}{path}", **options)

    def answer(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """Ask the stub itself, as an app manager whose requests may take the detour."""
        options = {"json": body, **more} if body is not None else more
        return self.manager.request(method, f"{self.stub_url}{path}", **options)

    def says(self, status: str, body: bytes = b"{}", **headers: str) -> None:
        """What the stub answers from now on."""
        self.stub.status, self.stub.body = status, body
        self.stub.headers = [(name.replace("_", "-"), value) for name, value in headers.items()]

    def told(self, **changes: Any) -> Event:
        """A notification that was seen."""
        message = {"event_type": "maintenance.scheduled", "session_id": "s1", "project_id": "p1", **changes}
        return self.history.append("admin_tool", kinds.NOTIFICATION, {"state": "MAINTENANCE", **message})

    def text(self) -> str:
        """The history as it is kept."""
        return "".join(event.to_json() for event in self.history)

    def close(self) -> None:
        self.proxy.stop()
        self.server.stop()
        self.clock.stop()
        self.proxy.join()
        self.server.join()
        self.client.close()
        self.manager.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()
    assert made.clock.failures == []
