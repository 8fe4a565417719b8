"""Flags: moments with a name beside them, on as many lanes as their names need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_doctor_maint.report.timeline.axis import LEFT, RIGHT
from pytest_doctor_maint.report.timeline.drawing import LANE, Drawing
from pytest_doctor_maint.report.timeline.lanes import Lane
from pytest_doctor_maint.report.timeline.lettering import fitted, width

#: The largest number of lanes of flags in a row, and the widest name of a flag in pixels.
MOST_LANES, WIDEST = 3, 260.0
#: The width of a pole.
POLE = 1.5


@dataclass(frozen=True, slots=True)
class Flag:
    """A moment with a name.

    Attributes:
        x: Its place in pixels.
        text: The name.
        tip: The text that is shown while the pointer is on it.
        style: The class of its pole and its name in the style sheet.
    """

    x: float
    text: str
    tip: str
    style: str = "flag"


def draw_flags(flags: Iterable[Flag], drawing: Drawing, y: float, down_to: float = LANE - 2) -> float:
    """Draw flags from ``y`` on, and return the lower edge of their lanes.

    The pole of a flag reaches so far below the lanes as ``down_to`` says. A flag for whose name there is no lane has
    its pole and its tip.
    """
    lanes = _Lanes()
    # The outer ones first, so that no pole crosses the name of another flag: their names are to the right of the poles,
    # at the right edge to the left.
    ordered = sorted(flags, key=lambda flag: (_is_left(flag), -flag.x if _is_left(flag) else flag.x))
    placed = [(flag, lanes.place(flag)) for flag in ordered]
    bottom = y + LANE * lanes.used
    for flag, (lane, x, text) in placed:
        top = bottom if lane is None else y + lane * LANE + 2
        drawing.bar(flag.x, flag.x + POLE, top, bottom + down_to - top, flag.style, flag.tip)
        if lane is not None:
            drawing.text(x, y + lane * LANE + 11, text, flag.style)
    return bottom


def _is_left(flag: Flag) -> bool:
    """Return True if the name of a flag is to the left of its pole."""
    return beside(flag.x, flag.x + 2, width(fitted(flag.text, WIDEST))).x < flag.x


class _Lanes:
    """The lanes of the names of flags. The poles of those above cross no name below.

    Attributes:
        used: The number of lanes that have a name.
    """

    def __init__(self) -> None:
        self._names = [Lane() for _ in range(MOST_LANES)]
        self._poles = [Lane() for _ in range(MOST_LANES)]
        self.used = 0

    def place(self, flag: Flag) -> tuple[int | None, float, str]:
        """Return the lane of a flag (None: there is no room for its name), and the place and the text of its name."""
        text = fitted(flag.text, WIDEST)
        x = beside(flag.x, flag.x + 2, width(text)).x
        name, pole = (x, x + width(text)), (flag.x, flag.x + 1)
        for number in range(MOST_LANES):
            is_free = self._names[number].is_free(*name) and self._poles[number].is_free(*name)
            if is_free and all(lane.is_free(*pole) for lane in self._names[number + 1 :]):
                self._names[number].take(*name)
                for lane in self._poles[number + 1 :]:
                    lane.take(*pole)
                self.used = max(self.used, number + 1)
                return number, x, text
        return None, x, text


@dataclass(frozen=True, slots=True)
class Beside:
    """A bar and its name on a lane.

    Attributes:
        begin: The left edge of what both take.
        end: The right edge of what both take.
        x: The left edge of the name.
        is_on: True if the name is on the bar, because beside it is no room.
    """

    begin: float
    end: float
    x: float
    is_on: bool = False


def beside(begin: float, end: float, label: float) -> Beside:
    """Return the place of a name of this width: to the right of the bar; else to its left; else on it."""
    if not label:
        return Beside(begin, end, end)
    if end + 3 + label <= RIGHT:
        return Beside(begin, end + 3 + label, end + 3)
    if begin - 3 - label >= LEFT:
        return Beside(begin - 3 - label, end, begin - 3 - label)
    return Beside(begin, max(end, begin + 3 + label), begin + 3, is_on=True)
