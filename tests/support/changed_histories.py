"""Changes of the lines of a saved history, as anybody may make them: for tests with files that are odd."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from pytest_doctor_maint.history import Event, History, kinds
from tests.support.histories import SAVED

LINES: list[dict[str, Any]] = [json.loads(line) for line in SAVED.read_text().splitlines()]
TOP = ["seq", "at", "wall", "actor", "kind", "cause", "data"]

WILD = st.text(st.one_of(st.characters(), st.sampled_from("\x00\x1b\n\r\x7f\x9b\u202e\u2028\ud800\ufffe<>&'\"]")))
TIMES = st.sampled_from(
    ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2030-01-01", "2030-01-01 00:00:00", "1e9", ""]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WILD, TIMES, st.just(10**400), st.just("9" * 5000)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WILD, inner, max_size=4)),
    max_leaves=6,
)
Lines = list[dict[str, Any]]
Change = Callable[[Lines], None]


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Return a change of the lines of a history."""
    place = draw(st.integers(0, len(LINES) - 1))
    other = draw(st.integers(0, len(LINES) - 1))
    value = draw(VALUES)
    wild = draw(WILD)
    field = draw(st.sampled_from(TOP))
    pick = draw(st.integers(0, 20))
    what = draw(
        st.sampled_from(["drop", "repeat", "swap", "top", "remove", "data", "text", "text", "text", "lack", "rename"])
    )

    def change(lines: Lines) -> None:
        at = place % len(lines)
        line = lines[at]
        names = list(line["data"]) if isinstance(line.get("data"), dict) else []
        if what == "drop" and len(lines) > 1:
            del lines[at]
        elif what == "repeat":
            lines.insert(at, copy.deepcopy(line))
        elif what == "swap":
            lines[at], lines[other % len(lines)] = lines[other % len(lines)], line
        elif what == "top":
            line[field] = value
        elif what == "remove":
            line.pop(field, None)
        elif what == "data" and names:
            line["data"][names[pick % len(names)]] = value
        elif what == "text" and (texts := [name for name in names if isinstance(line["data"][name], str)]):
            line["data"][texts[pick % len(texts)]] = wild
        elif what == "lack" and names:
            del line["data"][names[pick % len(names)]]
        elif what == "rename":
            _rename(lines, wild)

    return change


def _rename(lines: Lines, name: str) -> None:
    """Give a wild name to everything that has one."""
    for line in lines:
        data = line.get("data")
        for field in ("name", "host", "reason", "scenario", "repeat"):
            if isinstance(data, dict) and isinstance(data.get(field), str):
                data[field] = name


def renumber(lines: Lines) -> None:
    for number, line in enumerate(lines, start=1):
        line["seq"] = number
        if isinstance(cause := line.get("cause"), int) and cause >= number:
            line["cause"] = None


@st.composite
def changed_histories(draw: st.DrawFn) -> History:
    """Return a history that a file with some changes holds, of those that are not refused."""
    lines = copy.deepcopy(LINES)
    for change in draw(st.lists(changes(), min_size=1, max_size=4)):
        change(lines)
    renumber(lines)
    del lines[draw(st.integers(1, len(lines))) :]
    try:
        events = [Event.from_fields(json.loads(json.dumps(line))) for line in lines]
        for event in events:
            kinds.for_reading(event.kind).check(event.data)
    except ValueError:
        reject()
    return History(events=events)
