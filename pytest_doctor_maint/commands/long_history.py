"""The history of a process that runs for a long time: only its newest events are kept in memory."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pytest_doctor_maint.commands.process import UsageError
from pytest_doctor_maint.history import Event, History
from pytest_doctor_maint.simtime.cause import caused_by

#: The number of events that an actor keeps in memory, some 10 MB; it may look at what it recorded last.
KEPT = 10_000


class LongHistory(History):
    """A history of which the newest events are in memory, and all of them in the file of ``--history``.

    The causes that requests of other processes carry are left out: they are numbers of other histories.

    Args:
        now: Return the time of the clock of the process (UTC).
        keep: The number of events that are kept.
        report: Reports that the file cannot be written any more.
    """

    def __init__(self, now: Callable[[], datetime], keep: int, report: Callable[[str], None]) -> None:
        super().__init__(now, keep=keep)
        self._report = report

    def append(
        self, actor: str, kind: str, data: Mapping[str, Any], *, cause: int | None = None, at: datetime | None = None
    ) -> Event:
        could_write = self.write_error is None
        with caused_by(None):
            event = super().append(actor, kind, data, cause=cause, at=at)
        if could_write and self.write_error is not None:
            self._report(f"the history breaks off at event {event.seq}: {self.write_error}")
        return event


def add_history(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the option for the file; `what` is what is written to it."""
    parser.add_argument(
        "--history",
        type=Path,
        metavar="FILE",
        help=f"write {what} to this file, an event on each line (default: it is not kept)",
    )


def write_history(history: LongHistory, path: Path | None, usage_error: UsageError) -> None:
    """Write the history to `path`, if it is given, which must be writable."""
    try:
        if path is not None:
            history.write_to(path)
            if history.write_error is not None:
                raise history.write_error
    except OSError as error:
        usage_error(f"argument --history: {path} cannot be written: {error.strerror}")
