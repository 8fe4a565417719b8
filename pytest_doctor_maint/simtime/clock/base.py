"""What every part may ask of time."""

from __future__ import annotations

import secrets
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.simtime.clock.errors import ClockError

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.wire import Wire


class ClockStopped(Exception):
    """The clock was stopped while this thread waited on it, or before it asked. The thread should end."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A thread or request handler that ended with an exception it should not have had.

    Attributes:
        name: The thread's or server's name.
        error: The exception.
    """

    name: str
    error: BaseException


class Signal(ABC):
    """Something that can be waited for with :meth:`Clock.wait`; it stays set until it is cleared."""

    @abstractmethod
    def set(self) -> None:
        """Let everyone who waits go on."""

    @abstractmethod
    def clear(self) -> None:
        """Make the next wait wait again."""

    @abstractmethod
    def is_set(self) -> bool:
        """Whether a wait would return at once."""


class Task:
    """A thread that the clock knows.

    Attributes:
        name: What it is called in reports.
        error: The exception it ended with, if any (:class:`ClockStopped` is a clean end).
    """

    def __init__(self, clock: Clock, name: str, done: Signal) -> None:
        self.name = name
        self.error: BaseException | None = None
        self._clock = clock
        self._done = done

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._done.is_set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for its end, at most ``timeout`` clock seconds; says whether it has ended."""
        return self._clock.wait(self._done, timeout)


class Clock(ABC):
    """The one source of time and the one way to wait.

    Seconds are the clock's: simulated or real. A thread that uses the clock was spawned by it, handles a request of
    :mod:`pytest_doctor_maint.simtime.http`, or made the clock.

    Attributes:
        failures: What threads and handlers died of, in order.
        on_failure: Called with each failure as it happens.
        requests: How many HTTP requests were made in this clock's time.
        run: Tells the runs of several processes apart, which may speak with each other on the wall clock. It is no part
            of any history.
        wire: How requests reach the servers of the run; None until the first server or session chooses sockets.

    Args:
        wire: How requests reach the servers of the run; None for sockets.
    """

    simulated: bool

    def __init__(self, wire: Wire | None = None) -> None:
        self.wire = wire
        self.run = secrets.token_hex(8)
        self.requests = 0
        self.failures: list[Failure] = []
        self.on_failure: Callable[[Failure], object] = lambda failure: None

    @abstractmethod
    def now(self) -> datetime:
        """The time: aware, UTC, to the microsecond."""

    @abstractmethod
    def sleep(self, seconds: float) -> None:
        """Do nothing for so long. Zero or less lets others go first.

        Raises:
            ClockStopped: The clock was stopped.
        """

    @abstractmethod
    def signal(self, name: str = "signal") -> Signal:
        """A new signal, not set. ``name`` is for reports of who waits for what."""

    @abstractmethod
    def wait(self, signal: Signal, timeout: float | None = None) -> bool:
        """Wait until ``signal`` is set, or ``timeout`` seconds; says whether it is set.

        Raises:
            ClockStopped: The clock was stopped.
        """

    @abstractmethod
    def spawn(self, target: Callable[[], Any], name: str) -> Task:
        """Run ``target()`` in a thread of its own, with the caller's context (cause). An exception is a failure."""

    @abstractmethod
    def carry(self) -> str | None:
        """What a request takes along to hand this thread's control to the server that handles it; None: nothing."""

    @abstractmethod
    def adopt(self, carried: str | None) -> AbstractContextManager[None]:
        """Handle a request with the control that it took along from :meth:`carry`.

        Raises:
            NoToken: The request carries none, and this clock cannot do without.
        """

    @abstractmethod
    def abandon(self, carried: str | None) -> None:
        """The request that took ``carried`` along failed: its handler may go on with our control, take a fresh one."""

    @abstractmethod
    def stop(self) -> None:
        """End all waiting with :class:`ClockStopped` and join the spawned threads."""

    def until(self, moment: datetime) -> float:
        """Seconds from now to ``moment``; negative when it is past."""
        return (moment - self.now()).total_seconds()

    def report_failure(self, name: str, error: BaseException) -> None:
        """Note that a thread or handler died."""
        failure = Failure(name, error)
        self.failures.append(failure)
        self.on_failure(failure)

    def _run(self, task: Task, target: Callable[[], Any]) -> None:
        """The body of a spawned thread, the same on every clock."""
        try:
            target()
        except ClockStopped:
            # The clean way to end a thread that waits.
            return
        except ClockError as error:
            # The run as a whole cannot go on; the thread that drives it raises the same.
            task.error = error
        except BaseException as error:
            task.error = error
            self.report_failure(task.name, error)


def join_all(threads: list[threading.Thread], patience: float = 5.0) -> None:
    """Join ``threads`` (other than this one), with ``patience`` real seconds for each.

    Raises:
        RuntimeError: One still runs; the message names it.
    """
    for thread in threads:
        if thread is not threading.current_thread():
            thread.join(patience)
            if thread.is_alive():
                raise RuntimeError(f"thread {thread.name!r} did not end within {patience} s after the clock stopped")
