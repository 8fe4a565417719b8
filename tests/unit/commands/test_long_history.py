"""The histories of processes that run for a long time: in a file, and not in memory."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from pytest_doctor_maint.commands.long_history import LongHistory, write_history
from pytest_doctor_maint.embedded.events import COMPUTE
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.cause import caused_by

MOMENT = datetime(2030, 1, 1, tzinfo=UTC)
DATA = {
    "host": "http://127.0.0.1:8774/c",
    "status": "enabled",
    "state": "up",
    "forced_down": False,
    "powered": True,
    "vcpus": 2,
    "password": "secret",
}


def test_each_change_is_a_line_of_a_history_at_once(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    history = LongHistory(lambda: MOMENT, 0, pytest.fail)
    history.write_to(path)
    history.alias("http://127.0.0.1:8774", "cloud")
    for status in ("enabled", "disabled"):
        with caused_by(17):
            history.append("nova", COMPUTE, DATA | {"status": status})
    before_it_ends = History.load(path)
    history.close()
    history.append("nova", COMPUTE, DATA)
    found = History.load(path)
    assert found == before_it_ends
    assert [(event.seq, event.at, event.cause, event.data["status"]) for event in found] == [
        (1, MOMENT, None, "enabled"),
        (2, MOMENT, None, "disabled"),
    ]
    assert found.events[0].data["host"] == "http://cloud/c"
    assert "secret" not in path.read_text(encoding="utf-8")


def test_only_the_newest_events_stay_in_memory() -> None:
    history = LongHistory(lambda: MOMENT, 3, pytest.fail)
    for _ in range(5):
        last = history.append("nova", COMPUTE, DATA)
    assert [event.seq for event in history] == [3, 4, 5]
    assert history.event(5) is last
    with pytest.raises(KeyError, match="no event 2 in a history of 3"):
        history.event(2)


def test_a_file_that_cannot_be_written_any_more_is_reported_once(tmp_path: Path) -> None:
    reports: list[str] = []
    history = LongHistory(lambda: MOMENT, 0, reports.append)
    # given a pipe whose reader has gone
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    history.write_to(tmp_path / "pipe")
    os.close(reader)
    for _ in range(2):
        history.append("nova", COMPUTE, DATA)
    assert reports == ["the history breaks off at event 1: [Errno 32] Broken pipe"]


@pytest.mark.parametrize(("path", "reason"), [("/dev/full", "No space left"), ("/dev", "Is a directory")])
def test_a_file_that_cannot_be_written_is_a_usage_error(path: str, reason: str) -> None:
    def refuse(text: str) -> NoReturn:
        raise ValueError(text)

    with pytest.raises(ValueError, match=f"argument --history: {path} cannot be written: {reason}"):
        write_history(LongHistory(lambda: MOMENT, 0, pytest.fail), Path(path), refuse)
