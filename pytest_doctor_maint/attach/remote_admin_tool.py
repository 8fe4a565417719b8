"""An admin tool that runs elsewhere, behind a recording proxy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter

from pytest_doctor_maint.attach.constraint_recorder import CONSTRAINT, ConstraintRecorder
from pytest_doctor_maint.attach.forward import Forward
from pytest_doctor_maint.attach.wire_recorder import ACTOR, WireRecorder
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import SAMPLE, Dialect
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpServer
from pytest_doctor_maint.simtime.http.lifecycle import Served

if TYPE_CHECKING:
    import requests

_REPLY = re.compile(r"/maintenance/[^/]+/[^/]+(/[^/]+)?/?$")


class RemoteAdminTool(Served):
    """Stands for an admin tool at ``remote``: a proxy in front of it that records sessions and replies.

    The admin's requests go to :attr:`url`. A reply goes to the URL in the message, which is that of the admin tool
    itself; an app manager of this run sends its replies and constraints through the proxy (:meth:`detour`). The admin
    tool's notifications, and its work on the computes, do not pass the proxy.

    Args:
        remote: The URL below which the admin tool's API is served (``http://HOST:12347``, with ``/v1`` for Fenix).
        clock: The clock of the run.
        history: Where sessions, replies and constraints are recorded.
        dialect: The dialect of the admin tool.

    Attributes:
        dialect: The dialect of the admin tool.
        url: The proxy's URL for ``remote``.

    Raises:
        OSError: There is no free port.
    """

    name: ClassVar[str] = "remote"
    version: ClassVar[str] = ""

    def __init__(self, remote: str, clock: Clock, history: History, dialect: Dialect = SAMPLE) -> None:
        self.dialect = dialect
        origin = _origin(remote)
        self._forward = forward = Forward(clock, origin, "the admin tool")
        app = ConstraintRecorder(WireRecorder(forward, history, lambda: origin), history)
        server = HttpServer(app, name="proxy of the admin tool", clock=clock)
        super().__init__(server)
        self.close_at_end(forward)
        self.url = f"{server.url}{urlsplit(remote).path.rstrip('/')}"
        history.alias(origin, ACTOR)
        history.alias(server.url, ACTOR)
        self._proxy = server.url

    def detour(self) -> HTTPAdapter:
        """Return an adapter that sends replies and constraints through the proxy, and all other requests directly."""
        return _Detour(self._proxy, self._forward)


class _Detour(HTTPAdapter):
    def __init__(self, proxy: str, forward: Forward) -> None:
        super().__init__(pool_maxsize=16)
        self._proxy = proxy
        self._forward = forward

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request; a reply or a constraint through the proxy."""
        url = request.url or ""
        path = urlsplit(url).path
        is_recorded = (request.method == "PUT" and _REPLY.search(path)) or (
            request.method in ("PUT", "DELETE") and CONSTRAINT.search(path)
        )
        if is_recorded and not url.startswith(self._proxy):
            request = request.copy()
            request.headers.update(self._forward.address(url.partition("?")[0]))
            request.url = self._proxy + url[len(_origin(url)) :]
            # http.client writes the header for the new host.
            request.headers.pop("Host", None)
        return super().send(request, stream, timeout, verify, cert, proxies)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
