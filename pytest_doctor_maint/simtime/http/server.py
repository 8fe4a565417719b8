"""An HTTP server of a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.clock import Clock, ClockError, ClockStopped, NoToken
from pytest_doctor_maint.simtime.http.body import MAX_BODY, receive_body
from pytest_doctor_maint.simtime.http.errors import ANSWERED, HttpError
from pytest_doctor_maint.simtime.http.headers import CAUSE_HEADER, TOKEN_HEADER, environ_key
from pytest_doctor_maint.simtime.http.wires import wire_of
from pytest_doctor_maint.simtime.numbers import natural

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class HttpServer:
    """Serves one WSGI application at ``url`` from :meth:`start` to :meth:`stop`, on the wire of its clock.

    An exception that leaves the application is answered with 500 and reported to the clock, so that the test fails.

    The body of a request is received before the application is called, and before the request gets control in
    simulated time: a client that stalls stops nobody else. A body that is broken, late or too large is refused.

    Args:
        app: The application.
        name: The actor's name, for threads and failures.
        clock: Requests are handled in its time.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        public_host: The host in ``url``, where clients use another one than ``host``; empty for ``host`` itself.
        body_limit: Returns the largest body in bytes that a request may have, by its WSGI environment. All requests may
            have :data:`~pytest_doctor_maint.simtime.http.body.MAX_BODY` when left out.

    Attributes:
        name: The actor's name.
        url: ``http://HOST:PORT``, as clients use it.

    Raises:
        OSError: The address cannot be bound.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        name: str,
        clock: Clock,
        host: str = "127.0.0.1",
        port: int = 0,
        public_host: str = "",
        body_limit: Callable[[WSGIEnvironment], int] = lambda _: MAX_BODY,
    ) -> None:
        self.name = name
        self._body_limit = body_limit
        self._app = app
        self._clock = clock
        self._endpoint = wire_of(clock).listen(self._handle, name=name, host=host, port=port, public_host=public_host)
        self.url = self._endpoint.url

    def start(self) -> Self:
        """Begin to accept requests."""
        for layer in self._endpoint.layers:
            self._app = layer(self._app)
        self._endpoint.start()
        return self

    def stop(self) -> None:
        """Accept no more requests and close every connection.

        Handlers that wait on the clock end when the clock is stopped.
        """
        self._endpoint.stop()

    def join(self, patience: float = 5.0) -> None:
        """Wait for the handlers that ran when the server stopped; call it after the clock was stopped.

        Raises:
            RuntimeError: A handler still runs after ``patience`` real seconds.
        """
        self._endpoint.join(patience)

    def _handle(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            receive_body(environ, self._body_limit(environ))
        except HttpError as error:
            return _plain(start_response, error.status, error.message)
        run, _, cause = environ.get(environ_key(CAUSE_HEADER), "").partition("/")
        try:
            with (
                self._clock.adopt(environ.get(environ_key(TOKEN_HEADER))),
                caused_by(natural(cause) if run == self._clock.run else None),
            ):
                return self._whole_body(environ, start_response)
        except NoToken as error:
            return _plain(start_response, 400, str(error))
        except (ClockStopped, ClockError):
            return _plain(start_response, 503, "the run is over")
        except Exception as error:
            return self._died(error, start_response)

    def _whole_body(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """Return the whole body, which is made while the token is held."""
        chunks = self._app(environ, start_response)
        self._clock.note_answered(self.name, environ.get(ANSWERED))
        try:
            return list(chunks)
        finally:
            if (close := getattr(chunks, "close", None)) is not None:
                close()

    def _died(self, error: Exception, start_response: StartResponse) -> Iterable[bytes]:
        self._clock.report_failure(self.name, error)
        return _plain(start_response, 500, f"{type(error).__name__} in {self.name}: {error}")


def _plain(start_response: StartResponse, status: int, message: str) -> Iterable[bytes]:
    body = json.dumps({"error": message}).encode()
    start_response(
        f"{status} {HTTPStatus(status).phrase}",
        [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
    )
    return [body]
