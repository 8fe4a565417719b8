"""``doctor-maint judge`` and the verdicts as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.commands import __main__ as cli
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import to_json


def test_the_verdicts_as_json(bad: History) -> None:
    found = json.loads(to_json(judge(bad, ["downtime_is_zero"])))
    assert found["outcome"] == "violated"
    (verdict,) = found["verdicts"]
    assert verdict["figures"]["total_outage_s"] == 12
    assert verdict["violations"][0]["events"]


def test_a_saved_history_is_judged_on_the_command_line(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["judge", str(saved), "--svg", str(tmp_path / "run.svg")]) == 0
    assert "holds     downtime_is_zero: " in capsys.readouterr().out
    assert (tmp_path / "run.svg").read_text().startswith("<svg")


def test_the_command_line_reports_a_failure(bad: History, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = bad.save(tmp_path / "bad.jsonl")
    assert cli.main(["judge", str(path), "--claim", "downtime_is_zero"]) == 1
    assert "VIOLATED: downtime_is_zero" in capsys.readouterr().out
    assert cli.main(["judge", str(path), "--claim", "downtime_is_zero", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["outcome"] == "violated"


@pytest.mark.parametrize("arguments", [["missing.jsonl"], ["SAVED", "--claim", "all_is_well"]])
def test_the_command_line_refuses_what_it_cannot_judge(
    arguments: list[str], saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["judge", *(str(saved) if part == "SAVED" else part for part in arguments)]) == 2
    assert capsys.readouterr().err.startswith("doctor-maint judge: ")
