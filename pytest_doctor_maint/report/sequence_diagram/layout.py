"""The places of everything in the picture. Coordinates are pixels, y grows downwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pytest_doctor_maint.report.sequence_diagram.columns import OTHERS, Actors, arranged
from pytest_doctor_maint.report.sequence_diagram.findings import Finding
from pytest_doctor_maint.report.sequence_diagram.line import Line, Look
from pytest_doctor_maint.report.sequence_diagram.sections import Section
from pytest_doctor_maint.report.sequence_diagram.windows import Window
from pytest_doctor_maint.report.sequence_diagram.words import BOLD, clock, fitted, length, listed, width_of

WIDTH, MARGIN = 1200, 14
#: Between these the actors have their columns; left of them are marks and times, right of them the windows.
LEFT, RIGHT = 150, 846
#: The bar of a window.
BAR_X, BAR_WIDTH = 858, 84
SIZE, SMALL = 11, 10
#: The space between a text and the edge of its box.
PAD = 8
ROW, HEADING, GAP = 20, 23, 13
#: The height of the names of the actors, which are repeated when so many pixels have no names.
NAMES, REPEATED = 36, 1700
#: The height of a collapsed phase, the place of its title and that of its note.
COLLAPSED, HEAD_TITLE, HEAD_NOTE = 20, 62, 270
#: The most phases of a collapsed picture. If there are more, those in which something is marked come first.
MOST_SECTIONS = 500
#: The lines of each finding that a collapsed picture shows.
SHOWN = 3
#: The width of a bar on a column, and the most such bars beside each other.
BAR, LANES = 7, 3


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the picture. `anchor` is start, middle or end, as in SVG."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Bar:
    """The window of a message. `due` and `answered` are the x of the deadline and of the answer, None without one."""

    text: str
    due: float
    answered: float | None
    is_late: bool

    @property
    def used(self) -> float:
        """The x until which the window was used."""
        return self.due if self.answered is None else min(self.due, self.answered)


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line in its place.

    Attributes:
        line: What is drawn.
        y: The y of the arrow, or of the lower edge of the box.
        clock: The time.
        label: What is written above the arrow or in the box.
        begin: The x of its begin, or of the left edge of the box.
        end: The x of its end, or of the right edge of the box.
        numbers: The numbers of the findings that it shows; empty without any.
        claims: The claims of these findings, where there is room for their names.
        tip: What is shown while the pointer is on it.
        bar: The window; None if no answer is due.
    """

    line: Line
    y: float
    clock: str
    label: Text
    begin: float
    end: float
    numbers: str
    claims: str
    tip: str
    bar: Bar | None

    @property
    def look(self) -> str:
        """How it is drawn."""
        return self.line.look.value

    @property
    def half(self) -> float:
        """Half of the width of the label."""
        return round(width_of(self.label.text, SIZE) / 2, 1)

    @property
    def to_right(self) -> bool:
        """True if it goes to the right."""
        return self.end > self.begin


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a phase, with a note and the numbers of the findings that the phase shows."""

    title: Text
    note: Text
    numbers: str


@dataclass(frozen=True, slots=True)
class Activity:
    """A bar on a column, for what takes its time."""

    x: float
    y: float
    height: float
    is_trouble: bool


@dataclass(slots=True)
class Layout:
    """Everything in its place.

    Args:
        actors: The actors of the run.
        marks: The findings that an event shows, by the number of the event.
        top: Where the names of the actors are.

    Attributes:
        begin: Where the lines of the actors begin.
        y: Where they end.
    """

    actors: Actors
    marks: Mapping[int, tuple[Finding, ...]]
    top: float
    columns: dict[str, float] = field(default_factory=dict)
    names: list[Text] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    gaps: list[tuple[float, str]] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    begin: float = 0.0
    y: float = 0.0
    _named_at: float = 0.0
    _last: datetime | None = None

    def place(self, sections: Sequence[Section], fold: float, *, collapsed: bool) -> None:
        """Place the lines of the sections.

        Args:
            sections: The lines by phase.
            fold: A time without events that is longer than so many seconds is drawn as a break.
            collapsed: True to place only the heading of each phase, and the lines that findings are about.
        """
        found = sorted((line for section in sections for line in section.lines), key=lambda line: line.seq)
        shown = self._first_of_each(found) if collapsed else found
        self._place_columns(shown)
        self.y = self.top
        self._write_names()
        self.begin = self.y
        if collapsed:
            self._place_collapsed(sections, {line.seq for line in shown})
        else:
            heading_of = {section.lines[0].seq: section for section in sections}
            for line in shown:
                self._break(line.at, fold)
                if (section := heading_of.get(line.seq)) is not None:
                    self._head(section.title, section.when)
                self._row(line)
            self._place_activities()
        self.y += 8

    def _first_of_each(self, lines: Sequence[Line]) -> list[Line]:
        """Return the first lines that show each finding."""
        shown: Counter[int] = Counter()
        found = []
        for line in lines:
            numbers = [finding.number for finding in self._findings(line)]
            if any(shown[number] < SHOWN for number in numbers):
                found.append(line)
                shown.update(numbers)
        return found

    def _findings(self, line: Line) -> list[Finding]:
        """Return the findings that a line shows, in the order of their numbers."""
        found = {finding.number: finding for seq in line.covers for finding in self.marks.get(seq, ())}
        return [found[number] for number in sorted(found)]

    def _place_collapsed(self, sections: Sequence[Section], shown: Collection[int]) -> None:
        kept = sections
        if len(sections) > MOST_SECTIONS:
            is_marked = [any(map(self._findings, section.lines)) for section in sections]
            first = sorted(range(len(sections)), key=lambda number: not is_marked[number])[:MOST_SECTIONS]
            kept = [sections[number] for number in sorted(first)]
        for section in kept:
            marked = [line for line in section.lines if self._findings(line)]
            findings = {finding.number: finding for line in marked for finding in self._findings(line)}
            parts = [section.when, section.counts, section.least_left]
            if marked:
                claims = ", ".join(findings[number].claim for number in sorted(findings))
                parts.append(f"{len(marked)} marked ({claims}): {marked[0].text}")
            self._head(section.title, "; ".join(filter(None, parts)), sorted(findings), collapsed=True)
            for line in marked:
                if line.seq in shown:
                    self._row(line)
        if len(kept) < len(sections):
            self._head(f"{len(sections) - len(kept)} more phases", "too many for a picture", collapsed=True)

    # -- columns -----------------------------------------------------------------------------------------------------

    def _place_columns(self, lines: Sequence[Line]) -> None:
        columns = arranged(column for line in lines for column in line.columns)
        step = (RIGHT - LEFT) / max(len(columns), 1)
        self.columns = {column: round(LEFT + (place + 0.5) * step, 1) for place, column in enumerate(columns)}

    def _x(self, column: str) -> float:
        return self.columns[column] if column in self.columns else self.columns[OTHERS]

    def _write_names(self) -> None:
        self._named_at = self.y
        if not self.columns:
            return
        width = (RIGHT - LEFT) / len(self.columns) - 4
        heads = {x: self._head_of(column, width) for column, x in self.columns.items()}
        for x, words in heads.items():
            for number, word in enumerate(words):
                self.names.append(Text(x, self.y + 14 + 14 * number, fitted(word, SIZE * BOLD, width), "middle"))
        self.y += NAMES + 14 * max(0, max(map(len, heads.values())) - 2)

    def _head_of(self, column: str, width: float) -> list[str]:
        """Return what is written at the head of a column, line by line."""
        role, project = (column, "") if column == OTHERS else self.actors.label(column)
        lines = [role] if width_of(role, SIZE * BOLD) <= width else role.split(" ", 1)
        return [*lines, project] if project else lines

    # -- rows --------------------------------------------------------------------------------------------------------

    def _head(self, title: str, note: str, numbers: Sequence[int] = (), *, collapsed: bool = False) -> None:
        if self.columns and self.y - self._named_at > REPEATED:
            self._write_names()
        left, right = (HEAD_NOTE, WIDTH - MARGIN - PAD) if collapsed else (WIDTH / 2, WIDTH - MARGIN - PAD)
        title_x = MARGIN + (HEAD_TITLE if collapsed else PAD)
        note = fitted(note, SMALL, right - left)
        self.headings.append(
            Heading(
                title=Text(title_x, self.y + 16, fitted(title, SIZE * BOLD, left - title_x - PAD)),
                note=Text(left, self.y + 16, note) if collapsed else Text(right, self.y + 16, note, "end"),
                numbers=_numbers(numbers),
            )
        )
        self.y += COLLAPSED if collapsed else HEADING

    def _break(self, at: datetime, fold: float) -> None:
        """Draw a break if much time has passed since the last line."""
        if self._last is not None and (passed := (at - self._last).total_seconds()) > fold:
            self.gaps.append((self.y + 3, length(passed)))
            self.y += GAP
        self._last = at if self._last is None else max(at, self._last)

    def _row(self, line: Line) -> None:
        findings = self._findings(line)
        y = self.y + ROW - 4
        # A long text may take the place of a window, if there is none.
        is_long = line.window is None and width_of(line.text, SIZE) + 2 * PAD > RIGHT - LEFT
        begin, end, label = self._span(line, y, WIDTH - 2 * MARGIN if is_long else RIGHT)
        claims = ", ".join(finding.claim for finding in findings)
        has_room = line.window is None and not is_long
        full = f"{line.verb} {listed(line.names, 40)}".strip()
        parts = (
            f"{line.at:%Y-%m-%d %H:%M:%S.%f}Z, event {line.seq}",
            line.tip or full,
            line.window.text if line.window is not None else "",
            f"violated: {claims}" if claims else "",
        )
        self.arrows.append(
            Arrow(
                line=line,
                y=y,
                clock=clock(line.at),
                label=label,
                begin=begin,
                end=end,
                numbers=_numbers([finding.number for finding in findings]),
                claims=fitted(claims, SMALL, WIDTH - 2 * MARGIN - BAR_X) if has_room else "",
                tip="; ".join(filter(None, parts)),
                bar=None if line.window is None else _bar(line.window),
            )
        )
        self.y += ROW

    def _span(self, line: Line, y: float, right: float) -> tuple[float, float, Text]:
        """Return the begin and the end of an arrow or a box, and its label, which ends before `right`."""
        if line.target and self._x(line.source) != self._x(line.target):
            begin, end = self._x(line.source), self._x(line.target)
            text = fitted(line.text, SIZE, right - LEFT)
            middle = _inside((begin + end) / 2, width_of(text, SIZE), right)
            return begin, end, Text(middle, y - 5, text, "middle")
        text = fitted(line.text, SIZE, right - LEFT - 2 * PAD)
        width = width_of(text, SIZE) + 2 * PAD
        centre = (LEFT + RIGHT) / 2 if line.look is Look.ACROSS else self._x(line.source)
        middle = _inside(centre, width, right)
        return round(middle - width / 2, 1), round(middle + width / 2, 1), Text(middle, y - 3, text, "middle")

    def _place_activities(self) -> None:
        """Draw a bar on a column from each line that has a duration until the line that shows its end."""
        row_of = {seq: arrow.y for arrow in reversed(self.arrows) for seq in arrow.line.covers}
        busy: dict[str, list[float]] = {}
        for arrow in self.arrows:
            line = arrow.line
            if line.until is None or (until := row_of.get(line.until, 0.0)) <= arrow.y:
                continue
            column = line.target or line.source
            lanes = busy.setdefault(column, [])
            lane = next((number for number, end in enumerate(lanes) if end <= arrow.y), len(lanes))
            if lane >= LANES:
                continue
            lanes[lane : lane + 1] = [until]
            x = self._x(column) - BAR / 2 + lane * (BAR + 1)
            self.activities.append(Activity(round(x, 1), arrow.y, until - arrow.y, line.look is Look.TROUBLE))


def _numbers(numbers: Sequence[int]) -> str:
    """Return the numbers of findings as they are written next to the mark."""
    return fitted(",".join(map(str, numbers)), SIZE * BOLD, LEFT - MARGIN - 99)


def _bar(window: Window) -> Bar:
    room = WIDTH - MARGIN - BAR_X - BAR_WIDTH - 10
    return Bar(
        text=fitted(window.text, SMALL, room),
        due=round(BAR_X + window.due * BAR_WIDTH, 1),
        answered=None if window.answered is None else round(BAR_X + window.answered * BAR_WIDTH, 1),
        is_late=window.is_late,
    )


def _inside(middle: float, width: float, right: float) -> float:
    """Return the middle of a text or a box of this width, moved so far that it is between `LEFT` and `right`."""
    return round(min(max(middle, LEFT + width / 2), right - width / 2), 1)
