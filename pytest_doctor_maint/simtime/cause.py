"""Which event the work at hand follows from.

The cause lives in a context variable. A thread that the clock spawns inherits it, and a request carries it to the
server that handles it (:mod:`pytest_doctor_maint.simtime.http`). A reply so points at its notification, and no actor
has to keep track of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CAUSE: ContextVar[int | None] = ContextVar("doctor_maint_cause", default=None)


def current_cause() -> int | None:
    """``seq`` of the event that the present work follows from."""
    return _CAUSE.get()


@contextmanager
def caused_by(seq: int | None) -> Iterator[None]:
    """Within this block, what is recorded has ``seq`` as its cause."""
    before = _CAUSE.set(seq)
    try:
        yield
    finally:
        _CAUSE.reset(before)
