"""Histories are saved to files and loaded again, and invalid files are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.simtime.cause import caused_by
from tests.support.histories import SAVED, START, Ticking

HEADER = '{"format": "doctor-maint-history", "version": 1}\n'
FIRST = Event(1, START, "a", kinds.RUN_ENDED, {}).to_json() + "\n"


@pytest.fixture
def history() -> History:
    return History(Ticking())


def test_saved_and_loaded_it_is_equal(history: History, tmp_path: Path) -> None:
    history.append("harness", kinds.RUN_ENDED, {"nested": {"list": [1, {"a": None}], "when": START}})
    with caused_by(1):
        history.append("harness", kinds.RUN_ENDED, {})
    path = history.save(tmp_path / "deep" / "history.jsonl")
    loaded = History.load(path)
    assert loaded == history
    assert loaded.events[0].data["nested"]["list"] == (1, {"a": None})
    assert loaded.events[1].cause == 1
    assert loaded.events[0].wall == history.events[0].wall


def test_wall_time_is_one_field_at_the_top_and_no_part_of_what_is_compared(tmp_path: Path) -> None:
    lines: list[dict[str, object]] = []
    for run in range(2):
        history = History(Ticking())
        history.append("harness", kinds.RUN_ENDED, {"x": 1})
        _, line = history.save(tmp_path / f"{run}.jsonl").read_text().splitlines()
        lines.append(json.loads(line))
    assert lines[0].pop("wall") != lines[1].pop("wall")
    assert lines[0] == lines[1]
    assert History.load(tmp_path / "0.jsonl") == History.load(tmp_path / "1.jsonl")


@pytest.mark.parametrize("text", ["", "\n", FIRST, HEADER, HEADER + FIRST, "\n" + HEADER + "\n" + FIRST + "\n"])
def test_a_file_is_read_with_and_without_a_header(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text)
    assert [event.seq for event in History.load(path)] == ([1] if FIRST in text else [])


def test_a_file_begins_with_its_format(history: History, tmp_path: Path) -> None:
    history.append("a", kinds.RUN_ENDED, {})
    text = history.save(tmp_path / "run.jsonl").read_text()
    assert text == history.to_json_lines()
    assert text.startswith(HEADER + '{"seq": 1, ')


def test_a_run_that_was_saved_by_an_earlier_version_is_saved_again_with_a_header(tmp_path: Path) -> None:
    before = SAVED.read_text()
    assert not before.startswith(HEADER)
    assert History.load(SAVED).save(tmp_path / "run.jsonl").read_text() == HEADER + before


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ({"format": "doctor-maint-history", "version": 2}, "version of the file format is 2; this program can read 1"),
        ({"format": "doctor-maint-history", "version": 0}, "version of the file format is 0; "),
        ({"format": "doctor-maint-history", "version": "1"}, "version of the file format is '1'; "),
        ({"format": "doctor-maint-history", "version": True}, "version of the file format is True; "),
        ({"format": "doctor-maint-history"}, "version of the file format is None; "),
        ({"format": "jepsen", "version": 1}, "the file format is 'jepsen'; allowed: 'doctor-maint-history'"),
        ({"format": None}, "the file format is None; "),
    ],
)
def test_a_foreign_format_and_a_version_that_cannot_be_read_are_refused(
    tmp_path: Path, header: dict[str, object], complaint: str
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("\n" + json.dumps(header) + "\n" + FIRST)
    with pytest.raises(ValueError, match=rf"run\.jsonl, line 2: .*{complaint}"):
        History.load(path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("not json\n", "line 1: not JSON"),
        ('{"seq": 1}\n', "line 1: not an event of a history: it lacks 'at', 'wall', 'actor', 'kind', 'cause', 'data'"),
        (FIRST.replace("1", "2", 1), "line 1: event 2; expected event 1"),
        (HEADER + FIRST.replace("1", "2", 1), "line 2: event 2; expected event 1"),
        (HEADER + "\n" + FIRST + FIRST, "line 4: event 1; expected event 2"),
        (HEADER + HEADER, "line 2: not an event of a history: it lacks 'seq'"),
        (FIRST + HEADER, "line 2: not an event of a history: it lacks 'seq'"),
        # A line ends with a line feed, and with nothing else that Unicode has.
        (FIRST.replace('"a"', '"a\u2028b"') + "not json\n", "line 2: not JSON"),
    ],
)
def test_a_file_that_is_not_a_history_is_refused_with_file_and_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"broken.jsonl, {complaint}"):
        History.load(path)


def test_a_history_is_written_as_it_happens(tmp_path: Path) -> None:
    path = tmp_path / "new" / "history.jsonl"
    history = History()
    history.append("harness", kinds.RUN_ENDED, {})
    history.write_to(path)
    for _ in range(3):
        assert History.load(path) == history
        history.append("harness", kinds.RUN_ENDED, {})
    assert path.read_text(encoding="utf-8") == history.to_json_lines()
    history.close()
    history.append("harness", kinds.RUN_ENDED, {})
    assert len(History.load(path)) == 4
    assert history.write_error is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_an_event_that_cannot_be_written_is_recorded_all_the_same() -> None:
    history = History()
    history.write_to(Path("/dev/full"))
    history.append("harness", kinds.RUN_ENDED, {})
    assert len(history) == 1
    assert isinstance(history.write_error, OSError)
