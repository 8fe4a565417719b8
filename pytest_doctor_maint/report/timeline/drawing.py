"""The shapes of the picture, relative to the upper edge of their row. Coordinates are pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pytest_doctor_maint.report.timeline.lettering import SIZE, tip, width

#: The height of a lane, and the part of it that a bar fills.
LANE, BAR = 15.0, 13.0
#: The least width of a bar.
THINNEST = 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; ``style`` is its class in the style sheet, ``tip`` is shown while the pointer is on it."""

    x: float
    y: float
    width: float
    height: float
    style: str
    tip: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line; ``style`` is its class in the style sheet."""

    x1: float
    y1: float
    x2: float
    y2: float
    style: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text from ``x`` on, ``y`` is its base line; ``length`` is its width, ``style`` its class."""

    x: float
    y: float
    text: str
    length: float
    size: float
    style: str


@dataclass(frozen=True, slots=True)
class Pill:
    """A mark of violations: a red pill with the numbers of the claims.

    Attributes:
        x: The left edge.
        y: The upper edge.
        width: The width.
        text: The numbers.
        length: The width of the numbers.
        tip: The violations in words.
        claims: How many violations of which claim the mark stands for, by the claim's name.
    """

    x: float
    y: float
    width: float
    text: str
    length: float
    tip: str
    claims: Sequence[tuple[str, int]]


@dataclass(slots=True)
class Drawing:
    """A number of shapes."""

    bars: list[Bar] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    pills: list[Pill] = field(default_factory=list)

    def bar(self, begin: float, end: float, y: float, height: float, style: str, words: str) -> None:
        """Add a bar from ``begin`` to ``end``, which is wide enough to be seen."""
        self.bars.append(Bar(begin, y, max(round(end - begin, 1), THINNEST), height, style, tip(words)))

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
        """Add a line."""
        self.lines.append(Line(x1, y1, x2, y2, style))

    def text(self, x: float, y: float, words: str, style: str = "ink", size: float = SIZE) -> None:
        """Add a text that begins at ``x``."""
        if words:
            self.texts.append(Text(round(x, 1), y, words, width(words, size), size, style))
