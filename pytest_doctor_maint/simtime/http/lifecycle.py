"""The life of a part that serves HTTP: start, stop, join."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Protocol, Self, TypeVar


class Closable(Protocol):
    """A resource that is given back with ``close()``, such as a session."""

    def close(self) -> object:
        """Give the resource back."""


class Servable(Protocol):
    """A server at ``url``: an :class:`~pytest_doctor_maint.simtime.http.HttpServer`, or a part that has one."""

    url: str

    def start(self) -> object:
        """Begin to accept requests."""

    def stop(self) -> None:
        """Accept no more requests."""

    def join(self) -> None:
        """Wait for the last handlers."""


ClosableT = TypeVar("ClosableT", bound=Closable)


class Served:
    """A part of a run that is served from :meth:`start` to :meth:`stop`.

    The order at the end of a run is: stop every part, stop the clock (which ends the handlers that wait), join every
    part. A subclass calls this constructor when it has its server, and may then read :attr:`url`. It overrides
    :meth:`start` and :meth:`stop` to do more, and lists with :meth:`close_at_end` what is closed after the last
    handler.

    Args:
        server: The server, or another part whose life is this one's.

    Attributes:
        url: Where the part is served (``http://HOST:PORT``). A subclass that is served below a path sets this again.
    """

    def __init__(self, server: Servable) -> None:
        self._server = server
        self._closables = ExitStack()
        self.url = server.url

    def start(self) -> Self:
        """Begin to accept requests."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Accept no more requests. Handlers that wait on the clock end when the clock is stopped."""
        self._server.stop()

    def join(self) -> None:
        """Wait for the last handlers and close what was named for the end; call it after the clock was stopped.

        Raises:
            RuntimeError: A handler did not end.
        """
        with self._closables:
            self._server.join()

    def close_at_end(self, closable: ClosableT) -> ClosableT:
        """Close ``closable`` after the last handler has ended, and return it; the last one named is closed first."""
        self._closables.callback(closable.close)
        return closable
