"""The file in which ``doctor-maint cloud`` writes what changes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pytest_doctor_maint.commands.event_file import EventFile
from pytest_doctor_maint.embedded.events import COMPUTE
from pytest_doctor_maint.history import History

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
    events = EventFile(lambda: MOMENT, path)
    events.alias("http://127.0.0.1:8774", "cloud")
    for status in ("enabled", "disabled"):
        events.append("nova", COMPUTE, DATA | {"status": status})
    before_it_ends = History.load(path)
    events.close()
    events.append("nova", COMPUTE, DATA)
    found = History.load(path)
    assert found == before_it_ends
    assert [(event.seq, event.at, event.kind, event.data["status"]) for event in found] == [
        (1, MOMENT, COMPUTE, "enabled"),
        (2, MOMENT, COMPUTE, "disabled"),
    ]
    assert found.events[0].data["host"] == "http://cloud/c"
    assert "secret" not in path.read_text(encoding="utf-8")
