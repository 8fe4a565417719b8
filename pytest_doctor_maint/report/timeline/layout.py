"""The rows one below the other. If they do not fit all, the quiet ones become strips of a few pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pytest_doctor_maint.report.timeline.axis import LEFT
from pytest_doctor_maint.report.timeline.drawing import Drawing
from pytest_doctor_maint.report.timeline.flags import draw_flags
from pytest_doctor_maint.report.timeline.lettering import SMALL, fitted, told_apart, width
from pytest_doctor_maint.report.timeline.marks import PILL, pills_of
from pytest_doctor_maint.report.timeline.row import Row

#: The left edge and the greatest width of the names of rows, in pixels.
MARGIN, NAME = 12.0, LEFT - 26
#: The least height of a row, in which its name and its note have room; the distance of two rows.
LEAST, GAP = 27.0, 7.0
#: The height of a strip: at most, at least. The most that all strips of a section take.
STRIP, THINNEST_STRIP, MOST_STRIPS = 7.0, 1.0, 400.0

#: So many of the rows that violate the same claims are drawn in full if not all rows fit.
ALIKE = 3


@dataclass(slots=True)
class Block:
    """A part of the picture: a name, a note, and shapes relative to its upper edge ``y``."""

    label: str
    note: str
    height: float
    drawing: Drawing
    tip: str = ""
    y: float = 0.0
    is_red: bool = False
    has_strips: bool = False


@dataclass(slots=True)
class Section:
    """Rows of one kind.

    Attributes:
        what: What a row is about.
        rows: The rows.
        most: The height that they may take if there is no room for all rows of the picture. None: what the others
            leave.
    """

    what: str
    rows: Sequence[Row]
    most: float | None
    blocks: list[Block] = field(default_factory=list)


def full_block(row: Row) -> Block:
    """Return a row that is drawn in full: its marks, its flags, and its bars."""
    drawing = Drawing()
    y = 0.0
    if row.breaches:
        drawing.pills += pills_of(row.breaches, y + 1)
        y += PILL + 4
    if row.flags:
        y = draw_flags(row.flags, drawing, y)
    height = max(row.draw(drawing, y), LEAST)
    for x in sorted({breach.x for breach in row.breaches}):
        drawing.line(x, PILL, x, height, "breach")
    return Block(
        row.shown or "(no name)", fitted(row.note, NAME), height, drawing, row.label, is_red=bool(row.breaches)
    )


def strips_block(rows: Sequence[Row], what: str, most: float) -> Block:
    """Return rows that are drawn as strips, one below the other, with as many of their names as there is room for.

    Args:
        rows: The rows; at least one.
        what: What a row is about.
        most: The height that all strips may take.
    """
    drawing = Drawing()
    breaches = [breach for row in rows for breach in row.breaches]
    y = 0.0
    if breaches:
        drawing.pills += pills_of(breaches, y + 1)
        y += PILL + 4
    top = y = max(y, LEAST)
    pitch = min(STRIP, max(most / len(rows), THINNEST_STRIP))
    shown = min(len(rows), int(most / pitch))
    named = top - SMALL - 2
    lowest: dict[float, float] = {}
    for number, row in enumerate(rows):
        # More strips than pixels: some lie on each other.
        y = round(top + (number * shown // len(rows)) * pitch, 1)
        row.draw_strip(drawing, y, max(round(pitch - 1, 1), 1.0))
        for x, words in {breach.x: breach.violation.message for breach in reversed(row.breaches)}.items():
            drawing.bar(x - 1.5, x + 1.5, y - 0.5, pitch, "spot", words)
            lowest[x] = y + pitch
        if y >= named + SMALL + 2 and y + pitch / 2 + 3 <= top + shown * pitch + 4:
            name = fitted(row.shown, NAME, SMALL)
            drawing.text(LEFT - 10 - width(name, SMALL), y + pitch / 2 + 3, name, "dim", SMALL)
            named = y
    for x, y in sorted(lowest.items()):
        drawing.line(x, PILL, x, y, "breach")
    quiet = not any(row.is_telling for row in rows)
    note = "nothing went wrong here" if quiet else ""
    count = f"{len(rows)} {what}{'' if len(rows) == 1 else 's'}"
    return Block(count, note, top + shown * pitch + 4, drawing, is_red=bool(breaches), has_strips=True)


def fill(sections: Iterable[Section], room: float) -> list[Block]:
    """Return the blocks of all sections, which take at most about ``room`` pixels of height.

    All rows are drawn in full if they fit. Else each section has its share, in which the rows that tell what went wrong
    are drawn in full as far as they fit, those with most violations first, and the others as strips.
    """
    sections = [section for section in sections if section.rows]
    for section in sections:
        for row, name in zip(section.rows, told_apart([row.label for row in section.rows], NAME, 11), strict=True):
            row.shown = name
    if sum(len(section.rows) for section in sections) * (LEAST + GAP) <= room:
        for section in sections:
            section.blocks = [full_block(row) for row in section.rows]
        if sum(map(_height, sections)) <= room:
            return [block for section in sections for block in section.blocks]
    for section in sections:
        if section.most is not None:
            _shrink(section, section.most)
            room -= _height(section)
    for section in sections:
        if section.most is None:
            _shrink(section, room)
    return [block for section in sections for block in section.blocks]


def _height(section: Section) -> float:
    return sum(block.height + GAP for block in section.blocks)


def _seriousness(row: Row) -> tuple[int, bool, int]:
    return len({breach.number for breach in row.breaches}), row.is_troubled, len(row.breaches)


def _shrink(section: Section, most: float) -> None:
    """Draw the rows of a section within its height."""
    if len(section.rows) * (LEAST + GAP) <= most:
        section.blocks = [full_block(row) for row in section.rows]
        if _height(section) <= most:
            return
    strips = min(len(section.rows) * STRIP, most / 2)
    left = most - strips - LEAST - PILL - 8 - GAP
    telling = [row for row in section.rows if row.is_telling]
    telling.sort(key=_seriousness, reverse=True)
    chosen: dict[int, Block] = {}
    alike: Counter[frozenset[str]] = Counter()
    for row in telling:
        claims = frozenset(breach.claim for breach in row.breaches)
        alike[claims] += 1
        if alike[claims] > ALIKE and not row.is_troubled:
            continue
        block = full_block(row)
        if block.height + GAP > left:
            continue
        chosen[id(row)] = block
        left -= block.height + GAP
    section.blocks = [chosen[id(row)] for row in section.rows if id(row) in chosen]
    others = [row for row in section.rows if id(row) not in chosen]
    if others:
        what = f"{'other ' if chosen else ''}{section.what}"
        section.blocks.append(strips_block(others, what, min(strips + max(left, 0.0), MOST_STRIPS)))
