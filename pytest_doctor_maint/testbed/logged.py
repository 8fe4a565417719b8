"""Exceptions of the user's code that only a log shows: web frameworks catch them, log them and answer 500."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_doctor_maint.simtime.clock import Clock


class _Exceptions(logging.Handler):
    def __init__(self, clock: Clock) -> None:
        super().__init__(logging.WARNING)
        self._clock = clock

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception of a record, if the code of the user raised it."""
        if record.exc_info is not None:
            self._clock.note_answered("", record.exc_info[1])


@contextmanager
def noting_logged_exceptions(clock: Clock) -> Iterator[None]:
    """Let a clock keep the exceptions of the user's code that are logged meanwhile.

    Args:
        clock: The clock of a run.
    """
    handler = _Exceptions(clock)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
