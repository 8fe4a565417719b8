"""The contract of clocks."""

from __future__ import annotations

import secrets
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pytest_doctor_maint.simtime.clock.errors import ClockError
from pytest_doctor_maint.tracebacks import is_raised_by_them

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.wire import Wire


class ClockStopped(Exception):
    """The clock was stopped, before this thread called it or while the thread waited. The thread should end."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A thread or a request handler that ended with an unexpected exception.

    Attributes:
        name: The thread's or server's name.
        error: The exception.
    """

    name: str
    error: BaseException


#: The number of answered exceptions that a clock keeps.
ANSWERED = 100


class Signal(ABC):
    """A flag that threads wait for with :meth:`Clock.wait`; it stays set until it is cleared."""

    @abstractmethod
    def set(self) -> None:
        """Set the flag and end all waits for it."""

    @abstractmethod
    def clear(self) -> None:
        """Clear the flag, so that the next wait waits."""

    @abstractmethod
    def is_set(self) -> bool:
        """Return True if the flag is set: a wait would return at once."""


class Task:
    """A thread that a clock has spawned.

    Attributes:
        name: The name of the thread in reports.
        error: The exception that the thread ended with; None for an end without exception or by :class:`ClockStopped`.
    """

    def __init__(self, clock: Clock, name: str, done: Signal) -> None:
        self.name = name
        self.error: BaseException | None = None
        self._clock = clock
        self._done = done

    @property
    def done(self) -> bool:
        """True if the thread has ended."""
        return self._done.is_set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the thread, at most ``timeout`` clock seconds; return True if it has ended."""
        return self._clock.wait(self._done, timeout)


class Clock(ABC):
    """The only source of time, and the only way to wait.

    All seconds are seconds of the clock, simulated or real. Only these threads may use a clock: the one that made it,
    those that it has spawned, and those that handle a request of :mod:`pytest_doctor_maint.simtime.http`.

    Attributes:
        failures: The unexpected exceptions of threads and handlers, in order.
        answered: The newest exceptions that the code of the user raised in a handler, and that the application answered
            with the status of an error: a refusal, or a mistake that looks like one.
        on_failure: Called with each failure when it happens.
        requests: The number of HTTP requests that were made in the time of this clock.
        run: Identifies the run among those of other processes, with which it may exchange requests on the wall clock.
            It is not part of any history.
        wire: How requests reach the servers of the run; None until the first server or session takes sockets.

    Args:
        wire: How requests reach the servers of the run; None for sockets.
    """

    simulated: bool

    def __init__(self, wire: Wire | None = None) -> None:
        self.wire = wire
        self.run = secrets.token_hex(8)
        self.requests = 0
        self.failures: list[Failure] = []
        self.answered: deque[Failure] = deque(maxlen=ANSWERED)
        self.on_failure: Callable[[Failure], object] = lambda failure: None

    @abstractmethod
    def now(self) -> datetime:
        """Return the time: aware, UTC, to the microsecond."""

    @abstractmethod
    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``. With zero or less, other threads whose turn it is go first.

        Raises:
            ClockStopped: The clock was stopped.
        """

    @abstractmethod
    def signal(self, name: str = "signal") -> Signal:
        """Return a new signal that is not set. Reports of waiting threads show ``name``."""

    @abstractmethod
    def wait(self, signal: Signal, timeout: float | None = None) -> bool:
        """Wait until ``signal`` is set, at most ``timeout`` seconds; return True if it was set.

        Raises:
            ClockStopped: The clock was stopped.
        """

    @abstractmethod
    def spawn(self, target: Callable[[], object], name: str) -> Task:
        """Run ``target()`` in a new thread with a copy of the caller's context, and so with its cause.

        An exception in the thread is a failure.

        Raises:
            ClockStopped: The clock was stopped.
        """

    @abstractmethod
    def carry(self) -> str | None:
        """Return what a request carries so that its handler gets this thread's control; None if nothing is needed."""

    @abstractmethod
    def adopt(self, carried: str | None) -> AbstractContextManager[None]:
        """Handle a request with the control that it carries (see :meth:`carry`).

        Raises:
            NoToken: The request carries no token, and this clock needs one.
        """

    @abstractmethod
    def abandon(self, carried: str | None) -> None:
        """Take new control after the request with ``carried`` failed: its handler may still run with the old one."""

    @abstractmethod
    def stop(self) -> None:
        """End all waits with :class:`ClockStopped` and join the spawned threads."""

    def until(self, moment: datetime) -> float:
        """Return the seconds from now to ``moment``; negative if it is past."""
        return (moment - self.now()).total_seconds()

    def report_failure(self, name: str, error: BaseException) -> None:
        """Record that a thread or a handler ended with an unexpected exception."""
        failure = Failure(name, error)
        self.failures.append(failure)
        self.on_failure(failure)

    def note_answered(self, name: str, error: BaseException | None) -> None:
        """Keep an exception of the user's code that the application of the server ``name`` answered; None: there is
        none.
        """
        if error is not None and is_raised_by_them(error):
            self.answered.append(Failure(name, error))

    def _run(self, task: Task, target: Callable[[], object]) -> None:
        """Run ``target`` in its thread and record how it ended."""
        try:
            target()
        except ClockStopped:
            # This is how a thread that waits ends.
            return
        except ClockError as error:
            # The whole run is over; the thread that drives the run raises the same error.
            task.error = error
        except BaseException as error:
            task.error = error
            self.report_failure(task.name, error)


def join_all(threads: list[threading.Thread], patience: float = 5.0) -> None:
    """Join ``threads`` (other than this one), with ``patience`` real seconds for each.

    Raises:
        RuntimeError: A thread still runs; the message names it.
    """
    for thread in threads:
        if thread is not threading.current_thread():
            thread.join(patience)
            if thread.is_alive():
                raise RuntimeError(f"thread {thread.name!r} did not end within {patience} s after the clock stopped")
