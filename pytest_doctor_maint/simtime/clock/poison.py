"""Let ``time.sleep`` raise in threads of a simulated clock, where it would stop simulated time for real seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import SupportsIndex

from pytest_doctor_maint.simtime.clock.errors import RealSleep

_lock = threading.Lock()
_real_sleep = time.sleep
_guards: list[Callable[[], bool]] = []


def _guarded_sleep(seconds: SupportsIndex | float, /) -> None:
    if any(guard() for guard in list(_guards)):
        raise RealSleep(f"time.sleep({seconds!r}) in simulated time: use clock.sleep(), or poll with the clock")
    _real_sleep(seconds)


def poison_sleep(guard: Callable[[], bool]) -> Callable[[], None]:
    """Let ``time.sleep`` raise :class:`RealSleep` in every thread in which ``guard()`` is true.

    Returns:
        A function that ends this.
    """
    with _lock:
        _guards.append(guard)
        time.sleep = _guarded_sleep

    def undo() -> None:
        with _lock:
            _guards.remove(guard)
            if not _guards:
                time.sleep = _real_sleep

    return undo
