"""A wire of sockets: every server listens on a port, and handles each request in a thread of its own."""

from __future__ import annotations

import selectors
import socket
import threading
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from pytest_doctor_maint.simtime.wire import Address, Endpoint, Wire, address, url_at

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class SocketWire(Wire):
    """Real sockets on this machine; actors and clouds in other processes can be reached, too."""

    def __init__(self) -> None:
        self._endpoints: dict[Address, Endpoint] = {}

    def listen(self, app: WSGIApplication, *, name: str, host: str, port: int, public_host: str = "") -> Endpoint:
        endpoint = _SocketEndpoint(app, name, host, port, public_host)
        self._endpoints[address(endpoint.url)] = endpoint
        return endpoint

    def adapter(self) -> HTTPAdapter:
        return HTTPAdapter(pool_maxsize=16)

    def endpoint_at(self, url: str) -> Endpoint | None:
        return self._endpoints.get(address(url))


class _Handler(WSGIRequestHandler):
    """Writes no log: the history is the log. werkzeug closes the connection after each answer."""

    # werkzeug would otherwise set it on its own class, for the whole process.
    protocol_version = "HTTP/1.1"
    # Headers and body leave in two writes; without this the second waits for the first one's ACK (40 ms).
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: object) -> None:
        """Write nothing."""


class _WsgiServer(ThreadedWSGIServer):
    """A threaded server that stops at once, and closes the connections that its clients left open."""

    daemon_threads = True

    def __init__(self, host: str, port: int, app: WSGIApplication, name: str) -> None:
        self.open_sockets: dict[socket.socket, threading.Thread] = {}
        self.handler_lock = threading.Lock()
        self.thread_name = name
        # Bound here: werkzeug's own attempt ends a failed bind with SystemExit, which would die silently in a thread.
        family = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        both = host == "::" and socket.has_dualstack_ipv6()
        listener = socket.create_server((host, port), family=family, backlog=128, dualstack_ipv6=both)
        try:
            super().__init__(host, port, app, handler=_Handler, fd=listener.fileno())
        finally:
            listener.close()
        self.port = self.server_address[1]
        # After the constructor of the base class, which calls server_close() once.
        self._wake_reader, self._wake_writer = socket.socketpair()

    def serve_until_stopped(self) -> None:
        """Accept connections until :meth:`stop_serving`."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while all(key.fileobj is not self._wake_reader for key, _ in selector.select()):
                self.handle_request()

    def stop_serving(self) -> None:
        """Let :meth:`serve_until_stopped` return."""
        self._wake_writer.send(b"x")

    # Any, here and below: a request is a socket.socket, but the base class serves datagrams as well.
    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), name=self.thread_name, daemon=True
        )
        with self.handler_lock:
            self.open_sockets[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self.handler_lock:
            self.open_sockets.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that went away; the application handles its own exceptions."""

    def close(self) -> None:
        """Close every socket of the server."""
        self.server_close()
        self._wake_reader.close()
        self._wake_writer.close()


class _SocketEndpoint(Endpoint):
    def __init__(self, app: WSGIApplication, name: str, host: str, port: int, public_host: str) -> None:
        self._name = name
        self._server = _WsgiServer(host, port, app, name)
        super().__init__(url_at(host, self._server.port, public_host))
        self._thread = threading.Thread(target=self._server.serve_until_stopped, name=f"{name}-accept", daemon=True)
        self._handlers: list[threading.Thread] = []
        self._stopped = False

    def start(self) -> None:
        self.started = True
        self._thread.start()

    def stop(self) -> None:
        if self._stopped:
            return
        self._stopped = True
        self._server.stop_serving()
        if self.started:
            self._thread.join()
        with self._server.handler_lock:
            self._handlers = list(self._server.open_sockets.values())
            for connection in self._server.open_sockets:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    # The client closed it in the same moment.
                    continue
        self._server.close()

    def join(self, patience: float) -> None:
        for thread in self._handlers:
            thread.join(patience)
            if thread.is_alive():
                raise RuntimeError(f"a request handler of {self._name} did not end within {patience} s")
