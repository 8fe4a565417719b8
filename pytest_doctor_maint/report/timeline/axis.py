"""The time axis: the place of a moment, and the ticks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Judgement
from pytest_doctor_maint.report.timeline.lettering import width

WIDTH, LEFT, RIGHT = 1200.0, 196.0, 1176.0
#: The possible distances of two ticks, in seconds, up to a day; above that, whole numbers of days.
STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)


@dataclass(frozen=True, slots=True)
class Axis:
    """The time that the picture shows, from left to right.

    Attributes:
        begin: The moment at the left edge, where the axis has 0 s.
        end: The moment at the right edge, which is later.
    """

    begin: datetime
    end: datetime

    @property
    def length(self) -> float:
        """The seconds from the left to the right edge."""
        return (self.end - self.begin).total_seconds()

    def x(self, moment: datetime) -> float:
        """Return the place of ``moment`` in pixels; a moment outside is at the edge."""
        inside = min(max(moment, self.begin), self.end)
        return round(LEFT + (inside - self.begin).total_seconds() / self.length * (RIGHT - LEFT), 1)

    def shows(self, begin: datetime, end: datetime) -> bool:
        """Return True if a part of the period from ``begin`` to ``end`` is in the picture."""
        return begin <= self.end and end >= self.begin

    def seconds(self, moment: datetime) -> str:
        """Return ``moment`` as the axis has it: seconds since its begin."""
        return f"{round((moment - self.begin).total_seconds(), 2):.12g} s"

    def ticks(self) -> list[tuple[float, str]]:
        """Return the place and the label of each tick. The labels do not overlap."""
        room = (RIGHT - LEFT) / (width(f"{self.length:.0f} s") + 24)
        days = int(self.length / room / STEPS[-1]) + 1
        step = next((step for step in STEPS if self.length / step <= min(room, 14)), days * STEPS[-1])
        count = int(self.length // step)
        return [(self.x(self.begin + timedelta(seconds=step * n)), f"{step * n} s") for n in range(count + 1)]


def axis_of(index: HistoryIndex, judgement: Judgement) -> Axis:
    """Return the axis of a run: from the creation of the first session, or the first violation before it, to the end.

    Args:
        index: The index of the history, which has at least one event.
        judgement: The verdicts on it.
    """
    events = index.events
    begin = next((session.created for session in index.sessions.values()), events[0]).at
    earliest, latest = min(event.at for event in events), max(event.at for event in events)
    for verdict in judgement.verdicts:
        for violation in verdict.violations:
            begin = min(begin, max(violation.at, earliest))
    return Axis(begin, max(latest, begin + timedelta(seconds=1)))
