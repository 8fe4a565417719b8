"""Moments of a run as whole milliseconds, which a browser can count with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_doctor_maint.claims.index.index import HistoryIndex

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Moments:
    """The time line of a run.

    Attributes:
        zero: The moment from which is counted (UTC): the first session was created then.
        begin: The first moment, in milliseconds; 0 or less.
        end: The last moment, in milliseconds.
    """

    zero: datetime
    begin: int
    end: int

    @classmethod
    def of(cls, index: HistoryIndex) -> Moments:
        """Return the time line of a run that has at least one event."""
        times = [event.at for event in index.all_events]
        zero = next((session.created.at for session in index.sessions.values()), min(times))
        line = cls(zero, 0, 0)
        return cls(zero, line.ms(min(times)), line.ms(max(times)))

    def ms(self, moment: datetime) -> int:
        """Return a moment (UTC) in milliseconds since :attr:`zero`, rounded down."""
        return (moment - self.zero) // _MILLISECOND
