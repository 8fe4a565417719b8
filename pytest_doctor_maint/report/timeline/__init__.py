"""The timeline of a run as an SVG picture."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.judging import judge
from pytest_doctor_maint.claims.verdict import Judgement
from pytest_doctor_maint.history import History
from pytest_doctor_maint.printable import LONGEST_LINE, shortened
from pytest_doctor_maint.report.timeline.axis import RIGHT, WIDTH
from pytest_doctor_maint.report.timeline.layout import MARGIN
from pytest_doctor_maint.report.timeline.lettering import width
from pytest_doctor_maint.report.timeline.picture import picture_of
from pytest_doctor_maint.report.timeline.style import style_sheet
from pytest_doctor_maint.report.timeline.template import STYLE_SHEET, TEMPLATE

if TYPE_CHECKING:
    from jinja2 import Template


def timeline(history: History, judgement: Judgement | None = None) -> str:
    """Return a run as an SVG picture of at most some 1,200 x 1,600 pixels, without scripts, for light and dark pages.

    It has a list of the violated claims, with numbers; a row per session; a row per project (each message as a bar
    until its reply, or until the reply was due); a row per compute (its state, and its instances as ACT, STBY or
    others); and a row per service (its downtime and its switch-overs). Each violation has a mark with the number of its
    claim, on the row of its subject. Of many computes, those about which there is nothing to tell are strips of a few
    pixels, and of many messages those are named that tell what went wrong.

    Args:
        history: The history of the run.
        judgement: The verdicts on it. None: it is judged here by all claims, because a picture without marks would look
            like a run without violations.

    Raises:
        ValueError: The history is empty.
    """
    if not history.events:
        raise ValueError("an empty history has no timeline")
    picture = picture_of(index_of(history), judge(history) if judgement is None else judgement)
    return _template().render(picture=picture, width=WIDTH, right=RIGHT, margin=MARGIN, widths=width)


@cache
def _template() -> Template:
    # Imported here, because other reports do not need jinja2.
    from jinja2 import Environment, StrictUndefined

    return Environment(
        autoescape=True, finalize=_written, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(TEMPLATE.replace(STYLE_SHEET, style_sheet()))


def _written(value: object) -> object:
    """Return a value of the template as XML 1.0 may have it; jinja2 escapes what XML has a meaning for."""
    if type(value) is float:
        return f"{round(value, 1):.9g}"
    return shortened(value, LONGEST_LINE) if type(value) is str else value
