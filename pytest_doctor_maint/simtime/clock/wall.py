"""The wall clock: real time, for a real cloud and for actors in other processes."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from pytest_doctor_maint.simtime.clock.base import Clock, ClockStopped, Signal, Task, join_all

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.wire import Wire


class WallSignal(Signal):
    """A signal of a :class:`WallClock`."""

    def __init__(self, condition: threading.Condition) -> None:
        self._condition = condition
        self._set = False

    def set(self) -> None:
        with self._condition:
            self._set = True
            self._condition.notify_all()

    def clear(self) -> None:
        with self._condition:
            self._set = False

    def is_set(self) -> bool:
        return self._set


class WallClock(Clock):
    """Real time. :meth:`stop` ends every wait.

    Args:
        wire: How requests reach the servers of the run; None for sockets.
    """

    simulated = False

    def __init__(self, wire: Wire | None = None) -> None:
        super().__init__(wire)
        self._condition = threading.Condition()
        self._stopped = False
        self._threads: set[threading.Thread] = set()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        self._wait_for(lambda: False, max(0.0, seconds))

    def signal(self, name: str = "signal") -> WallSignal:
        return WallSignal(self._condition)

    def wait(self, signal: Signal, timeout: float | None = None) -> bool:
        return self._wait_for(signal.is_set, timeout)

    def _wait_for(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        end = None if timeout is None else monotonic() + timeout
        with self._condition:
            while True:
                if self._stopped:
                    raise ClockStopped
                if ready():
                    return True
                left = None if end is None else end - monotonic()
                if left is not None and left <= 0:
                    return False
                # threading refuses to wait for more than a few weeks.
                self._condition.wait(None if left is None else min(left, 86400.0))

    def spawn(self, target: Callable[[], object], name: str) -> Task:
        task = Task(self, name, self.signal(name))
        context = contextvars.copy_context()

        def body() -> None:
            try:
                context.run(self._run, task, target)
            finally:
                task._done.set()
                with self._condition:
                    self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=body, name=name, daemon=True)
        with self._condition:
            if self._stopped:
                raise ClockStopped
            self._threads.add(thread)
        thread.start()
        return task

    def carry(self) -> str | None:
        return None

    @contextmanager
    def adopt(self, carried: str | None) -> Iterator[None]:
        yield

    def abandon(self, carried: str | None) -> None:
        """Do nothing: in real time every thread may run."""

    def stop(self) -> None:
        with self._condition:
            self._stopped = True
            self._condition.notify_all()
            threads = list(self._threads)
        join_all(threads)
