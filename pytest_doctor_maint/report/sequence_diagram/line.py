"""One line of the diagram, before it has a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pytest_doctor_maint.report.sequence_diagram.windows import Window
from pytest_doctor_maint.report.sequence_diagram.words import listed


class Look(StrEnum):
    """How a line is drawn. Each look has a shape of its own; a colour alone says nothing."""

    MESSAGE = "message"
    """A message of the admin tool: a solid arrow with a filled head."""
    ANSWER = "answer"
    """An answer: a dashed arrow with an open head."""
    CALL = "call"
    """Anything else that goes from one actor to another: a thin arrow."""
    NOTE = "note"
    """Something that one actor did: a box on its column."""
    TROUBLE = "trouble"
    """A fault, an outage or a failure: a box with cut corners on its column."""
    ACROSS = "across"
    """Something about the whole run: a text across all columns."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, in one line.

    Attributes:
        seq: The number of its event.
        at: When it happened (UTC).
        look: How it is drawn.
        source: The column at which it begins; empty if it is about the whole run.
        target: The column at which it ends; empty if one actor alone is concerned.
        verb: What happened.
        names: The names of the things to which it happened.
        covers: The numbers of all events that it shows.
        window: The time for the answer; None if no answer is due.
        until: The number of the event with which it was over: it is drawn as a bar on the column of its target, until
            the line that shows this event. None: it has no duration.
        tip: What is shown while the pointer is on the line.
    """

    seq: int
    at: datetime
    look: Look
    source: str
    verb: str
    target: str = ""
    names: tuple[str, ...] = ()
    covers: tuple[int, ...] = ()
    window: Window | None = None
    until: int | None = None
    tip: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it needs."""
        return tuple(column for column in (self.source, self.target) if column)

    @property
    def text(self) -> str:
        """What is written on it."""
        return f"{self.verb} {listed(self.names)}".strip()

    def continues(self, other: Line, seconds: float) -> bool:
        """Return True if both lines say the same of different things, no more than so many seconds apart."""
        return (
            bool(self.names)
            and (self.look, self.source, self.target, self.verb) == (other.look, other.source, other.target, other.verb)
            and self.window is None
            and self.until is None
            and other.until is None
            and abs((self.at - other.at).total_seconds()) <= seconds
        )
