"""A wire of memory: a request is handled in the thread of its client."""

from __future__ import annotations

import contextvars
import errno
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from pytest_doctor_maint.simtime.http.wires.exchange import ServerAnswer, environ_of
from pytest_doctor_maint.simtime.wire import Address, Endpoint, Wire, address, url_at

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

#: The first port that a server gets. Linux gives out ports below this one by itself, so that an address of this wire is
#: hardly ever the address of a socket on the same machine.
FIRST_PORT = 61001
LAST_PORT = 65535


class MemoryWire(Wire):
    """Hands each request to its server within the thread that makes it.

    Only sessions of the same run reach its servers (:class:`~pytest_doctor_maint.simtime.http.HttpSession`), and they
    reach nothing else: a request to any other address is refused. A handler runs to its end, whatever read time-out
    the client has. A client whose server was stopped meanwhile then loses its connection.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._endpoints: dict[Address, _MemoryEndpoint] = {}
        self._ports = iter(range(FIRST_PORT, LAST_PORT + 1))

    def listen(self, app: WSGIApplication, *, name: str, host: str, port: int, public_host: str = "") -> Endpoint:
        with self._lock:
            url = url_at(host, port or self._free_port(host, public_host), public_host)
            if not self._is_free(url):
                raise OSError(errno.EADDRINUSE, f"Address already in use: {url} on this memory wire")
            endpoint = self._endpoints[address(url)] = _MemoryEndpoint(app, name, url)
        return endpoint

    def adapter(self) -> HTTPAdapter:
        return _MemoryAdapter(self)

    def endpoint_at(self, url: str) -> _MemoryEndpoint | None:
        return self._endpoints.get(address(url)) if urlsplit(url).scheme == "http" else None

    def _free_port(self, host: str, public_host: str) -> int:
        for port in self._ports:
            if self._is_free(url_at(host, port, public_host)):
                return port
        raise OSError(errno.EADDRINUSE, f"all ports from {FIRST_PORT} to {LAST_PORT} of this memory wire are used up")

    def _is_free(self, url: str) -> bool:
        holder = self._endpoints.get(address(url))
        return holder is None or holder.is_stopped


class _MemoryEndpoint(Endpoint):
    def __init__(self, app: WSGIApplication, name: str, url: str) -> None:
        super().__init__(url)
        self.is_stopped = False
        self._app = app
        self._name = name
        self._host, self._port = address(url)
        self._handlers = 0
        self._handler_ended = threading.Condition()

    @property
    def is_open(self) -> bool:
        """True from start to stop."""
        return self.started and not self.is_stopped

    def start(self) -> None:
        self.started = True

    def stop(self) -> None:
        self.is_stopped = True

    def join(self, patience: float) -> None:
        with self._handler_ended:
            if not self._handler_ended.wait_for(lambda: self._handlers == 0, patience):
                raise RuntimeError(f"a request handler of {self._name} did not end within {patience} s")

    def answer(self, environ: WSGIEnvironment) -> ServerAnswer:
        """Handle a request.

        Raises:
            ConnectionResetError: The endpoint was stopped meanwhile.
        """
        environ["SERVER_NAME"], environ["SERVER_PORT"] = self._host, str(self._port)
        answer = ServerAnswer()
        with self._counted():
            # On sockets a handler has its own thread and so its own context. It must not see the client's context here.
            contextvars.Context().run(answer.take_from, self._app, environ)
        if self.is_stopped:
            raise ConnectionResetError(errno.ECONNRESET, f"{self._name} was stopped while it handled the request")
        return answer

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._handler_ended:
            self._handlers += 1
        try:
            yield
        finally:
            with self._handler_ended:
                self._handlers -= 1
                self._handler_ended.notify_all()


class _MemoryAdapter(HTTPAdapter):
    """The adapter of a session that hands its requests to the servers of a memory wire."""

    def __init__(self, wire: MemoryWire) -> None:
        super().__init__()
        self._wire = wire

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: object = True,
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        url = request.url or ""
        endpoint = self._wire.endpoint_at(url)
        if endpoint is None or not endpoint.is_open:
            raise requests.ConnectionError(f"connection refused: no server of this run is at {url}", request=request)
        environ = environ_of(request)
        try:
            answer = endpoint.answer(environ)
        except ConnectionResetError as error:
            raise requests.ConnectionError(error, request=request) from error
        return self.build_response(request, answer.as_response(request.method or ""))
