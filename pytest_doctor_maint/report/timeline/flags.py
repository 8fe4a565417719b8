"""Flags: moments with a name beside them, on as many lanes as their names need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_doctor_maint.report.timeline.axis import LEFT, RIGHT
from pytest_doctor_maint.report.timeline.drawing import LANE, Drawing
from pytest_doctor_maint.report.timeline.lanes import Lanes
from pytest_doctor_maint.report.timeline.lettering import fitted, width

#: The largest number of lanes of flags in a row, and the widest name of a flag in pixels.
MOST_LANES, WIDEST = 3, 260.0


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
    lanes = Lanes(MOST_LANES)
    placed = []
    for flag in flags:
        text = fitted(flag.text, WIDEST)
        place = beside(flag.x, flag.x + 2, width(text))
        placed.append((flag, lanes.place(place.begin, place.end), text, place.x))
    bottom = y + LANE * len(lanes)
    for flag, lane, text, x in placed:
        top = bottom if lane is None else y + lane * LANE + 2
        drawing.bar(flag.x, flag.x + 1.5, top, bottom + down_to - top, flag.style, flag.tip)
        if lane is not None:
            drawing.text(x, y + lane * LANE + 11, text, flag.style)
    return bottom


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
