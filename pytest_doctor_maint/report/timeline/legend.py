"""The legend of the picture."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.protocol import ANSWERED, Step
from pytest_doctor_maint.report.timeline.axis import LEFT, RIGHT
from pytest_doctor_maint.report.timeline.drawing import Drawing, Pill
from pytest_doctor_maint.report.timeline.lettering import width

#: The height of a line of the legend, and the width of a sample.
LEGEND_LINE, SAMPLE = 16.0, 16.0

ENTRIES = (
    *((f"step {step.value.lower().replace('_', '-')}", step.value) for step in ANSWERED),
    (f"step {Step.ADMIN_ACTION_DONE.value.lower().replace('_', '-')}", Step.ADMIN_ACTION_DONE.value),
    ("due", "reply due"),
    ("disabled", "nova-compute disabled"),
    ("maint", "IN_MAINTENANCE"),
    ("act", "ACT"),
    ("stby", "STBY"),
    ("inst", "other instance"),
    ("up", "service up"),
    ("down", "down"),
    ("breach", "violation, by the number of its claim (x2: two of them)"),
)


def _placed() -> Iterator[tuple[float, int, str, str]]:
    x, line = LEFT, 0
    for style, words in ENTRIES:
        length = SAMPLE + 5 + width(words) + 14
        if x + length > RIGHT:
            x, line = LEFT, line + 1
        yield x, line, style, words
        x += length


def legend() -> tuple[Drawing, float]:
    """Return the legend and its height."""
    drawing = Drawing()
    lines = 0
    for x, line, style, words in _placed():
        y = line * LEGEND_LINE
        lines = max(lines, line + 1)
        if style == "breach":
            drawing.pills.append(Pill(x, y, SAMPLE, "1", width("1"), words, ()))
        elif style == "due":
            drawing.line(x, y + 11, x + 12, y + 11, "left")
            drawing.line(x + 12, y, x + 12, y + 12, "due")
        else:
            drawing.bar(x, x + SAMPLE, y, 12, style, words)
        if style in ("act", "stby"):
            drawing.line(x, y + 0.75, x + SAMPLE, y + 0.75, f"{style}-edge")
        drawing.text(x + SAMPLE + 5, y + 10, words, "dim")
    return drawing, lines * LEGEND_LINE
