"""The page: the data, the program and the style sheet in one HTML document that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_doctor_maint.claims.verdict import Judgement
from pytest_doctor_maint.history import Event, History
from pytest_doctor_maint.printable import shortened
from pytest_doctor_maint.report.replay.difference import first_difference
from pytest_doctor_maint.report.replay.document import document
from pytest_doctor_maint.report.replay.tracks import LONGEST_REASON

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER = Path(__file__).parent
#: The parts of the program. They are one script on the page, in this order.
SCRIPTS = (
    "elements.js",
    "lookup.js",
    "arrows.js",
    "computes.js",
    "status.js",
    "overview.js",
    "events.js",
    "run.js",
    "player.js",
    "violations.js",
    "keyboard.js",
    "main.js",
)
#: What JSON within HTML must not have as it is; ``json.dumps`` escapes everything that is not ASCII.
_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\x7f"}


def replay(
    history: History,
    judgement: Judgement | None,
    other: History | None = None,
    other_judgement: Judgement | None = None,
) -> str:
    """Return a run as an HTML page that plays it again.

    The page shows the computes with their instances at a moment, the windows in which projects reply, the messages, the
    outages and the violations. It is one document without links, and makes no request.

    Args:
        history: The run.
        judgement: The verdicts on it; None: it was not judged.
        other: A second run, which is shown next to the first one, with their first difference.
        other_judgement: The verdicts on the second run.

    Raises:
        ValueError: A history is empty.
    """
    if not history.events or (other is not None and not other.events):
        raise ValueError("an empty history cannot be replayed")
    runs = [document(history, judgement)]
    difference = None
    if other is not None:
        runs.append(document(other, other_judgement))
        found = first_difference(history, other)
        difference = (
            None if found is None else [_side(found.left, found.only_left), _side(found.right, found.only_right)]
        )
    style, script = _file("style.css"), _script()
    return _template().render(
        runs=runs,
        policy=f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; base-uri 'none'; "
        "form-action 'none'",
        style=style,
        script=script,
        data=embedded({"runs": runs, "difference": difference}),
    )


def embedded(value: Mapping[str, object]) -> str:
    """Return ``value`` as JSON in printable ASCII that cannot end the element of HTML that it is in."""
    return json.dumps(value, separators=(",", ":")).translate(_ESCAPES)


def _side(event: Event | None, only: Sequence[str]) -> dict[str, object]:
    """Return one side of a difference: the number of the event, and the instances that it alone is about."""
    return {"event": None if event is None else event.seq, "only": shortened(", ".join(only), LONGEST_REASON)}


def _hash(text: str) -> str:
    """Return the source of a policy that allows the inline element with this text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _script() -> str:
    parts = "\n".join(_file(name) for name in SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


@cache
def _template() -> Template:
    # Imported here, because other reports do not need jinja2.
    from jinja2 import Environment, StrictUndefined

    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        _file("page.html")
    )
