"""The events of a history by their kinds and numbers, and what ``run.started`` and ``run.ended`` say."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from typing import Any, Protocol, TypeVar

from pytest_doctor_maint.claims.verdict import CannotTell
from pytest_doctor_maint.history import Event, kinds


class Numbered(Protocol):
    """Something that has the number of an event."""

    @property
    def seq(self) -> int:
        """The number of the event."""


N = TypeVar("N", bound=Numbered)


def between(found: Sequence[N], first: int, last: int) -> Sequence[N]:
    """Return those of ``found``, in the order of their numbers, from event ``first`` until event ``last`` inclusive."""
    begin, end = bisect_left(found, first, key=_seq), bisect_right(found, last, key=_seq)
    return found[begin:end]


def newest_before(found: Sequence[N], seq: int) -> N | None:
    """Return the last of ``found``, in the order of their numbers, before event ``seq``; None if there is none."""
    number = bisect_left(found, seq, key=_seq)
    return found[number - 1] if number else None


def _seq(numbered: Numbered) -> int:
    return numbered.seq


class EventIndex:
    """The events of a run, in the order in which they were recorded.

    The order of the events is that of ``seq``. Times are read from ``at``: an event may have an earlier time than the
    event before it, because the findings of a poll of the cloud are recorded before the message that caused the poll.

    Args:
        events: All events of the history.

    Attributes:
        events: The events up to ``run.ended``. What follows, while the testbed is taken down, is not judged.
        all_events: All events.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self.all_events = tuple(events)
        ends = (number for number, event in enumerate(self.all_events, start=1) if event.kind == kinds.RUN_ENDED)
        self.events = self.all_events[: next(ends, None)]
        by_kind: dict[str, list[Event]] = defaultdict(list)
        standing: frozenset[str] = frozenset()
        for event in self.events:
            if event.kind == kinds.RUN_STARTED:
                standing = frozenset(event.data.get("standing_sessions", ()))
            # What a session does that was there before the run is nobody's fault.
            if not standing or event.data.get("session_id") not in standing:
                by_kind[event.kind].append(event)
        self._by_kind = {kind: tuple(found) for kind, found in by_kind.items()}

    def of(self, kind: str) -> tuple[Event, ...]:
        """Return the events of this kind, without those about sessions that were there before the run."""
        return self._by_kind.get(kind, ())

    def event(self, seq: int) -> Event:
        """Return the event with this number."""
        return self.events[seq - 1]

    def last_earlier_than(self, moment: datetime) -> int:
        """Return the number of the last event that happened before ``moment``; 0 if there is none.

        Events before it may have later times.
        """
        return bisect_left(self._earliest_from, moment)

    @cached_property
    def _earliest_from(self) -> Sequence[datetime]:
        """The earliest time of each event and all that follow it."""
        return list(accumulate((event.at for event in reversed(self.events)), min))[::-1]

    @property
    def last(self) -> Event:
        """The last event: ``run.ended``, unless the history breaks off."""
        return self.events[-1]

    @property
    def run(self) -> Mapping[str, Any]:
        """The data of ``run.started``.

        Raises:
            CannotTell: There is no such event.
        """
        return self.require_start().data

    def require_start(self) -> Event:
        """Return the event ``run.started``.

        Raises:
            CannotTell: There is no such event.
        """
        if not self.of(kinds.RUN_STARTED):
            raise CannotTell("the history has no run.started")
        return self.of(kinds.RUN_STARTED)[0]

    def require_end(self) -> Event:
        """Return the event ``run.ended``.

        Raises:
            CannotTell: There is no such event: the history breaks off.
        """
        if not self.of(kinds.RUN_ENDED):
            raise CannotTell("the history breaks off: it has no run.ended")
        return self.of(kinds.RUN_ENDED)[0]

    @property
    def admin_project_id(self) -> str:
        """The id of the project of the admin tool and of the Inspector."""
        return str(self.run["admin_project_id"])
