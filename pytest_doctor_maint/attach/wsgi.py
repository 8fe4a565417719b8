"""How a WSGI layer calls the application below it and sees the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer that was passed on.

    Attributes:
        status: The HTTP status.
        chunks: The body, to be returned to the server.
    """

    status: int
    chunks: list[bytes]

    @property
    def is_success(self) -> bool:
        """True if the status is 2xx, or less."""
        return self.status < 300

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks)


def call(app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Seen:
    """Call an application, pass its status and headers on, and return its answer."""
    statuses: list[str] = []

    # Any: the last parameter and the result are what WSGI defines, and are only passed on.
    def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        statuses.append(status)
        return start_response(status, headers, *rest)

    chunks = list(app(environ, note))
    return Seen(int(statuses[-1].split()[0]), chunks)
