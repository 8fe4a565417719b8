"""``doctor-maint judge`` on files that anybody may have made: it refuses them or judges them, and prints safe text."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from pytest_doctor_maint.commands import __main__ as cli
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.history.header import header
from pytest_doctor_maint.registry import Registry
from pytest_doctor_maint.report.replay import replay
from tests.support.histories import SAVED
from tests.support.replays import Page

LINES: list[dict[str, Any]] = [json.loads(line) for line in SAVED.read_text().splitlines()]
TOP = ["seq", "at", "wall", "actor", "kind", "cause", "data"]
#: The longest time that a small file may take, in seconds of the processor.
LONGEST = 10.0

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


def _renumber(lines: Lines) -> None:
    for number, line in enumerate(lines, start=1):
        line["seq"] = number
        if isinstance(cause := line.get("cause"), int) and cause >= number:
            line["cause"] = None


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    made=st.lists(changes(), min_size=1, max_size=4),
    renumbered=st.booleans(),
    cut=st.one_of(st.none(), st.integers(1, 3000)),
)
def test_a_file_is_refused_with_its_line_or_is_judged(
    made: list[Change], renumbered: bool, cut: int | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a run whose file was changed
    lines = copy.deepcopy(LINES)
    for change in made:
        change(lines)
    if renumbered:
        _renumber(lines)
    text = "".join(f"{line}\n" for line in (header(), *map(json.dumps, lines)))
    path, picture = tmp_path / "run.jsonl", tmp_path / "run.svg"
    path.write_text(text[: None if cut is None else -cut])
    picture.unlink(missing_ok=True)
    # when it is judged
    began = time.process_time()
    code = cli.main(["judge", str(path), "--svg", str(picture)])
    # then it is refused in one sentence, or judged
    assert time.process_time() - began < LONGEST
    output, error = capsys.readouterr()
    assert all(line.isprintable() for line in f"{output}{error}".split("\n"))
    if code == 2:
        assert output == ""
        assert re.fullmatch(r"doctor-maint judge: .*run\.jsonl, line \d+: .+\n", error)
    else:
        assert code in (0, 1)
        assert "the claim itself failed" not in output
        ElementTree.parse(picture)  # noqa: S314  # the file is our own
        headings = [line for line in output.split("\n") if line.startswith(("VIOLATED", "UNKNOWN"))]
        assert all(line.split(": ")[1] in cli_claims() for line in headings)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=st.lists(changes(), min_size=1, max_size=2))
def test_a_file_that_can_be_read_is_replayed(made: list[Change]) -> None:
    lines = copy.deepcopy(LINES)
    for change in made:
        change(lines)
    _renumber(lines)
    try:
        history = History(events=[Event.from_fields(line) for line in lines])
        for event in history:
            kinds.kind(event.kind).check(event.data)
    except ValueError:
        reject()  # A file that is refused.
    page = Page(replay(history, None))
    assert len(page.data["runs"][0]["events"]) == len(history)
    assert [tag for tag, _ in page.elements].count("script") == 2


def cli_claims() -> Registry[Any]:
    """Return the claims that there are."""
    from pytest_doctor_maint.claims import CLAIMS

    return CLAIMS
