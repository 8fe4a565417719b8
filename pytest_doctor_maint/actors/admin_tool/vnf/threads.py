"""The threads of one session, in addition to its scheduling thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.actors.admin_tool.base.workflow import FORESEEN
from pytest_doctor_maint.simtime.clock import Clock, ClockError, ClockStopped, Signal, Task


class SessionThreads:
    """Runs the threads of a session. A thread that fails closes the session's mailbox, so that all others end too.

    Args:
        clock: The threads are spawned on this clock.
        mailbox: The session's mailbox.
        session_id: The session's id; it begins the threads' names.

    Attributes:
        changed: Set when a thread has progressed or ended.
    """

    def __init__(self, clock: Clock, mailbox: Mailbox, session_id: str) -> None:
        self._clock = clock
        self._mailbox = mailbox
        self._session_id = session_id
        self._tasks: list[Task] = []
        self.changed: Signal = clock.signal(f"progress of session {session_id}")

    def spawn(self, body: Callable[[], None], name: str) -> None:
        """Run `body` in a thread of its own."""

        def run() -> None:
            try:
                body()
            except (ClockStopped, ClockError):
                raise
            except FORESEEN as failure:
                self._fail(str(failure))
            except Exception as error:
                self._fail(f"{type(error).__name__}: {error}")
                raise
            finally:
                self.changed.set()

        self._tasks.append(self._clock.spawn(run, f"session {self._session_id}: {name}"))

    def join(self) -> None:
        """Wait until every thread has ended."""
        for task in self._tasks:
            task.join()
        self._tasks.clear()

    def _fail(self, reason: str) -> None:
        """Let the session fail for `reason`, unless it has failed before."""
        try:
            self._mailbox.check()
        except SessionFailed:
            return
        self._mailbox.close(reason)


class ClockLock:
    """A lock whose holder may wait on the clock, which must not happen while a lock of Python is held.

    Args:
        clock: The clock on which to wait for the lock.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._is_held = False
        self._released = clock.signal("a lock is released")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock within the block."""
        while not self._take():
            self._clock.wait(self._released)
        try:
            yield
        finally:
            with self._guard:
                self._is_held = False
                self._released.set()

    def _take(self) -> bool:
        with self._guard:
            if self._is_held:
                return False
            self._is_held = True
            self._released.clear()
            return True
