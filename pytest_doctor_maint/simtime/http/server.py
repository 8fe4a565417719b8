"""An HTTP server in this process, on a socket of its own."""

from __future__ import annotations

import json
import selectors
import socket
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.clock import Clock, ClockError, ClockStopped, NoToken
from pytest_doctor_maint.simtime.http.headers import CAUSE_HEADER, TOKEN_HEADER, environ_key

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _Handler(WSGIRequestHandler):
    """Keeps quiet: the history is the log. werkzeug closes the connection after each answer."""

    # werkzeug would otherwise set it on its own class, for the whole process.
    protocol_version = "HTTP/1.1"
    # Headers and body leave in two writes; without this the second waits for the first one's ACK (40 ms).
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:
        """Write nothing."""


class _WsgiServer(ThreadedWSGIServer):
    """A threaded server that stops at once, and closes the connections that its clients left open."""

    daemon_threads = True

    def __init__(self, host: str, port: int, app: WSGIApplication, name: str) -> None:
        self.open_sockets: dict[socket.socket, threading.Thread] = {}
        self.handler_lock = threading.Lock()
        self.thread_name = name
        # Bound here: werkzeug's own attempt ends a failed bind with SystemExit, which would die silently in a thread.
        listener = socket.create_server((host, port), backlog=128)
        try:
            super().__init__(host, port, app, handler=_Handler, fd=listener.fileno())
        finally:
            listener.close()
        self.port = self.server_address[1]
        # After the base class, which closes the server once on its way.
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
        """A client that went away is no error of ours; what an application raises is met in :class:`HttpServer`."""

    def close(self) -> None:
        """Give every socket of the server back."""
        self.server_close()
        self._wake_reader.close()
        self._wake_writer.close()


class HttpServer:
    """Serves one WSGI application at ``url`` from :meth:`start` to :meth:`stop`.

    An exception that the application lets out is answered with 500 and noted with the clock, so that the test fails.

    Args:
        app: The application.
        name: The actor's name, for threads and failures.
        clock: Requests are handled in its time.
        host: The address to listen on.
        port: The port; 0 takes a free one.

    Raises:
        OSError: The address cannot be bound.
    """

    def __init__(
        self, app: WSGIApplication, *, name: str, clock: Clock, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.name = name
        self._app = app
        self._clock = clock
        self._server = _WsgiServer(host, port, self._handle, name)
        self.url = f"http://{host}:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_until_stopped, name=f"{name}-accept", daemon=True)
        self._handlers: list[threading.Thread] = []
        self._stopped = False

    def start(self) -> HttpServer:
        """Begin to accept requests."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Accept nothing more and close every connection. Handlers that wait on the clock end when that is stopped."""
        if self._stopped:
            return
        self._stopped = True
        self._server.stop_serving()
        if self._thread.ident is not None:
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

    def join(self, patience: float = 5.0) -> None:
        """Wait for the handlers that ran when the server stopped; call it after the clock was stopped.

        Raises:
            RuntimeError: One still runs after ``patience`` real seconds.
        """
        for thread in self._handlers:
            thread.join(patience)
            if thread.is_alive():
                raise RuntimeError(f"a request handler of {self.name} did not end within {patience} s")

    def _handle(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        run, _, cause = environ.get(environ_key(CAUSE_HEADER), "").partition("/")
        try:
            with (
                self._clock.adopt(environ.get(environ_key(TOKEN_HEADER))),
                caused_by(int(cause) if cause.isdigit() and run == self._clock.run else None),
            ):
                # The whole body is made here, while the token is held.
                return list(self._app(environ, start_response))
        except NoToken as error:
            return _plain(start_response, "400 Bad Request", str(error))
        except (ClockStopped, ClockError):
            return _plain(start_response, "503 Service Unavailable", "the run is over")
        except Exception as error:
            return self._died(error, start_response)

    def _died(self, error: Exception, start_response: StartResponse) -> Iterable[bytes]:
        self._clock.report_failure(self.name, error)
        return _plain(start_response, "500 Internal Server Error", f"{type(error).__name__} in {self.name}: {error}")


def _plain(start_response: Callable[..., Any], status: str, message: str) -> Iterable[bytes]:
    body = json.dumps({"error": message}).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
