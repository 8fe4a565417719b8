"""The lines of the diagram by the phases of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pytest_doctor_maint.report.phases import Phase
from pytest_doctor_maint.report.sequence_diagram.line import Line, Look
from pytest_doctor_maint.report.sequence_diagram.words import clock, counted, length


@dataclass(slots=True)
class Section:
    """The lines of a phase, which have a heading.

    Attributes:
        title: What is done in the phase.
        begin: The begin of the phase (UTC).
        end: The end of the phase (UTC).
        lines: Its lines, in order; at least one.
    """

    title: str
    begin: datetime
    end: datetime
    lines: list[Line] = field(default_factory=list)

    @property
    def when(self) -> str:
        """When the phase began, and how long it took."""
        return f"from {clock(self.begin)}, {length((self.end - self.begin).total_seconds())}"

    @property
    def counts(self) -> str:
        """How many messages, answers and other things there were."""
        messages = sum(line.look is Look.MESSAGE for line in self.lines)
        answers = sum(line.look is Look.ANSWER for line in self.lines)
        troubles = sum(line.look is Look.TROUBLE for line in self.lines)
        others = len(self.lines) - messages - answers - troubles
        numbers = ((messages, "message"), (answers, "answer"), (troubles, "trouble"), (others, "other"))
        return ", ".join(counted(number, noun) for number, noun in numbers if number)

    @property
    def least_left(self) -> str:
        """The least time that was left when an answer came; empty without answers."""
        left = [line.window.left for line in self.lines if line.window is not None and line.window.left is not None]
        return f"≥ {length(min(left))} left" if left else ""


def sections_of(lines: Sequence[Line], phases: Sequence[Phase]) -> list[Section]:
    """Return the lines by phase, the phases in the order of their first lines; those that overlap are not mixed.

    What belongs to no phase, before the first one and after the last one, has sections of its own.
    """
    of_event = {seq: phase for phase in phases for seq in phase.seqs}
    found: dict[object, Section] = {}
    for line in lines:
        phase = of_event.get(line.seq)
        if phase is not None:
            key: object = phase.seqs[0]
            section = found.setdefault(key, Section(phase.title, phase.begin, phase.end))
        else:
            is_before = not phases or line.seq < phases[0].seqs[0]
            title = "before the sessions" if is_before and phases else "the run" if is_before else "after the sessions"
            section = found.setdefault(title, Section(title, line.at, line.at))
            section.begin, section.end = min(section.begin, line.at), max(section.end, line.at)
        section.lines.append(line)
    return list(found.values())
