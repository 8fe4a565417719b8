"""Helpers for tests of histories: a clock, a saved run, and events that are replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from pytest_doctor_maint.history import Event, History, frozen
from pytest_doctor_maint.history.kinds import ALARM_DELETED, Kind, declaration, declare

START = datetime(2030, 1, 1, tzinfo=UTC)
#: A run on three computes in which every claim holds.
SAVED = Path(__file__).parents[1] / "unit" / "report" / "histories" / "full_cloud.jsonl"


class Ticking:
    """A clock that advances by a microsecond each time it is read."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        self.moment += timedelta(microseconds=1)
        return self.moment


def event(kind: str, data: dict[str, object], *, actor: str = "someone", seq: int = 1) -> Event:
    """Return an event with frozen data, as in a history."""
    return Event(seq, START, actor, kind, frozen(data))


def without(history: History, events: Collection[Event]) -> History:
    """Return ``history`` with each of ``events`` replaced by one without a meaning; all numbers stay the same."""
    nothing = {"alarm_id": "none", "project_id": "none"}
    return History(
        events=[replace(each, kind=ALARM_DELETED, data=nothing) if each in events else each for each in history]
    )


@contextmanager
def declared(kind: Kind) -> Iterator[Kind]:
    """Declare a kind of event for the duration of the block."""
    with patch.dict(declaration._DECLARED):
        yield declare(kind)
