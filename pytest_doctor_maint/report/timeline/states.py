"""The states of a compute: down, nova-compute disabled, in maintenance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress

from pytest_doctor_maint.history import Event
from pytest_doctor_maint.report.timeline.axis import LEFT, RIGHT, Axis
from pytest_doctor_maint.report.timeline.drawing import BAR, Drawing
from pytest_doctor_maint.report.timeline.lanes import Lane
from pytest_doctor_maint.report.timeline.lettering import width

#: The classes of the states in the style sheet. A later one lies on the earlier ones.
STYLES = ("disabled", "maint", "down")


@dataclass(frozen=True, slots=True)
class Period:
    """A time in which a compute had a state; ``style`` is its class in the style sheet."""

    begin: datetime
    end: datetime
    style: str
    word: str


def periods_of(states: Sequence[Event], end: datetime) -> Iterator[Period]:
    """Yield the times in which a compute was down or its nova-compute disabled, each as long as it lasted.

    Args:
        states: The states of the compute, in order.
        end: Until when the last of them lasted (UTC).
    """
    latest: Period | None = None
    ends = [*(state.at for state in states[1:]), end]
    for state, until in zip(states, ends, strict=True):
        data = state.data
        style, word = "", ""
        if data["state"] != "up" or data["forced_down"] or not data["powered"]:
            style, word = "down", "down"
        elif data["status"] == "disabled":
            style, word = "disabled", "disabled"
        if latest is not None and latest.style == style:
            latest = Period(latest.begin, until, style, word)
            continue
        if latest is not None and latest.style:
            yield latest
        latest = Period(state.at, until, style, word)
    if latest is not None and latest.style:
        yield latest


def in_order(periods: Iterable[Period]) -> list[Period]:
    """Return periods in the order in which they are drawn."""
    return sorted(periods, key=lambda period: (STYLES.index(period.style), period.begin))


def draw_periods(periods: Iterable[Period], axis: Axis, drawing: Drawing, y: float, host: str) -> None:
    """Draw the states of a compute on one lane. Each has its name in its bar, else beside it, where there is room."""
    lane = Lane()
    bars = [(axis.x(period.begin), axis.x(period.end), period) for period in in_order(periods)]
    for begin, end, period in bars:
        when = f"from {axis.seconds(period.begin)} to {axis.seconds(period.end)}"
        drawing.bar(begin, end, y, BAR, period.style, f"{host}: {period.word} {when}")
    for style in reversed(STYLES):
        same = [bar for bar in bars if bar[2].style == style]
        seen = [bar for bar in same if not lane.is_covered(bar[0], bar[1])]
        unnamed = [bar for bar in seen if not _name_in(bar, lane, drawing, y)]
        # Beside an end that another state hides, the name would seem to be that of the other state.
        ends = [(not lane.is_covered(end - 1, end), not lane.is_covered(begin, begin + 1)) for begin, end, _ in unnamed]
        for begin, end, _ in same:
            lane.take(begin, end)
        for (begin, end, period), shows in zip(unnamed, ends, strict=True):
            length = width(period.word)
            beside = compress((end + 5, begin - 5 - length), shows)
            places = (x for x in beside if LEFT <= x <= RIGHT - length)
            x = next((x for x in places if lane.is_free(x, x + length)), None)
            if x is not None:
                lane.take(x, x + length)
                drawing.text(x, y + 9.5, period.word, "on")


def _name_in(bar: tuple[float, float, Period], lane: Lane, drawing: Drawing, y: float) -> bool:
    """Write the name of a state in its bar. Return False if it has no room there."""
    begin, end, period = bar
    length = width(period.word)
    x = next(
        (x for x in (begin + 3, end - 3 - length) if begin < x <= end - length and lane.is_free(x, x + length)), None
    )
    if x is None:
        return False
    lane.take(x, x + length)
    drawing.text(x, y + 9.5, period.word, "on-down" if period.style == "down" else "on")
    return True
