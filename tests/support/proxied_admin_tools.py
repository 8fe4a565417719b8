"""The recording proxy in front of a stub of an admin tool, in simulated time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from pytest_doctor_maint.attach.remote_admin_tool import RemoteAdminTool
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.simtime.cause import current_cause
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import HttpServer, HttpSession

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


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
    """An admin tool that records the requests that reach it, and answers as the test sets it up.

    Attributes:
        history: Its length at the arrival of a request is noted in ``Seen.recorded``.
        seen: The requests so far.
        status: The status of the answers.
        headers: Further headers of the answers.
        body: The body of the answers.
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


class ProxyBench:
    """A stub, the proxy in front of it, and two clients.

    Attributes:
        path: The path below which the stub's API is served.
        stub: The stub.
        server: The stub's server.
        stub_url: The URL of the stub's API.
        proxy: The proxy.
        client: The session of the admin.
        manager: The session of an app manager.
        history: What the proxy records.
    """

    path = "/v1"

    def __init__(self) -> None:
        self.clock = SimulatedClock(1)
        self.history = History(self.clock.now)
        self.stub = Stub(self.history)
        self.server = HttpServer(self._handle, name="stub", clock=self.clock).start()
        #: An application that answers instead of the stub.
        self.app: WSGIApplication = self.stub
        self.stub_url = f"{self.server.url}{self.path}"
        self.proxy = RemoteAdminTool(self.stub_url, self.clock, self.history).start()
        self.client = HttpSession(self.clock)
        self.manager = HttpSession(self.clock)
        for prefix in ("http://", "https://"):
            self.manager.mount(prefix, self.proxy.detour())

    def _handle(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.app(environ, start_response)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        data: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        allow_redirects: bool = True,
    ) -> requests.Response:
        """Send a request to the proxy, as the admin."""
        return self.client.request(
            method, f"{self.proxy.url}{path}", json=body, data=data, headers=headers, allow_redirects=allow_redirects
        )

    def reply(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        allow_redirects: bool = True,
    ) -> requests.Response:
        """Send a request to the URL of the stub, as an app manager whose requests may take the detour."""
        return self.manager.request(
            method, f"{self.stub_url}{path}", json=body, data=data, headers=headers, allow_redirects=allow_redirects
        )

    def says(self, status: str, body: bytes = b"{}", **headers: str) -> None:
        """Set the answer of the stub."""
        self.stub.status, self.stub.body = status, body
        self.stub.headers = [(name.replace("_", "-"), value) for name, value in headers.items()]

    def notify(self, **changes: object) -> Event:
        """Record a notification, and return its event."""
        message = {"event_type": "maintenance.scheduled", "session_id": "s1", "project_id": "p1", **changes}
        return self.history.append("admin_tool", kinds.NOTIFICATION, {"state": "MAINTENANCE", **message})

    def text(self) -> str:
        """Return the history as it is saved."""
        return "".join(event.to_json() for event in self.history)

    def close(self) -> None:
        """End the bench."""
        self.proxy.stop()
        self.server.stop()
        self.clock.stop()
        self.proxy.join()
        self.server.join()
        self.client.close()
        self.manager.close()
