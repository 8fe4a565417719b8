"""The cause: the event in the history that the current work follows from.

The cause is a context variable. A thread that the clock spawns inherits it, and a request carries it to the server that
handles it (:mod:`pytest_doctor_maint.simtime.http`). In this way a reply points at its notification, and no actor has
to keep track of causes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CAUSE: ContextVar[int | None] = ContextVar("doctor_maint_cause", default=None)


def current_cause() -> int | None:
    """Return the ``seq`` of the event that the current work follows from; None if the cause is not known."""
    return _CAUSE.get()


@contextmanager
def caused_by(seq: int | None) -> Iterator[None]:
    """Give all events that are recorded within this block the cause ``seq``."""
    before = _CAUSE.set(seq)
    try:
        yield
    finally:
        _CAUSE.reset(before)
