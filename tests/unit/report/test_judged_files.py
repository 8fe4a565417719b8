"""``doctor-maint judge`` and the verdicts as JSON."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_doctor_maint import claims
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.commands import __main__ as cli
from pytest_doctor_maint.history import History
from pytest_doctor_maint.history.header import header
from pytest_doctor_maint.report import to_json

HEADER = header()


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
    printed = capsys.readouterr().out
    assert "holds           downtime_is_zero: " in printed
    assert "not applicable  refusals_are_clear: the admin tool refused nothing" in printed
    assert printed.endswith("\n26 of 39 claims judged, 13 not applicable\n")
    assert (tmp_path / "run.svg").read_text().startswith("<svg")


def test_a_named_claim_without_anything_to_judge_fails_the_command(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["judge", str(saved), "--claim", "refusals_are_clear", "--claim", "downtime_is_zero"]
    assert cli.main(command) == 1
    printed = capsys.readouterr().out
    assert "NOT APPLICABLE: refusals_are_clear" in printed
    assert "VIOLATED" not in printed
    assert cli.main([*command, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["outcome"] == "not applicable"
    assert document["counts"] == {"holds": 1, "violated": 0, "unknown": 0, "not applicable": 1}


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


@pytest.mark.parametrize("text", ["", "\n", HEADER, '{"format": "doctor'], ids=["empty", "blank", "header", "torn"])
def test_a_file_without_events_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text)
    assert cli.main(["judge", str(path)]) == 2
    assert capsys.readouterr().err == f"doctor-maint judge: {path}, line 1: the history has no event\n"


def test_a_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["judge", str(tmp_path)]) == 2
    assert "Is a directory" in capsys.readouterr().err


def test_an_event_that_is_its_own_cause_is_refused(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.loads(line) for line in saved.read_text().splitlines()]
    number = next(line["seq"] for line in lines if line["kind"] == "reply")
    lines[number - 1]["cause"] = number
    path = tmp_path / "run.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert cli.main(["judge", str(path)]) == 2
    assert f"line {number}: the cause of event {number} is {number}; allowed: " in capsys.readouterr().err


def test_a_chain_of_causes_ends_in_a_history_that_was_not_loaded(good: History) -> None:
    """A history that is made by hand may have any causes."""
    events = [replace(event, cause=event.seq) for event in good]
    assert judge(History(events=events), ["messages_are_answered"]).verdicts


def test_a_recording_that_broke_off_is_judged_with_a_note(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(saved.read_text()[:-20])
    assert cli.main(["judge", str(path)]) == 1
    output, error = capsys.readouterr()
    last = len(saved.read_text().splitlines())
    assert error == (
        f"doctor-maint judge: note: {path}, line {last} breaks off, as the recording did; it is left out\n"
    )
    assert "VIOLATED" not in output


def test_a_history_with_a_kind_that_is_not_declared_does_not_hold(
    good: History, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [replace(event, kind="rack.lost") if event.kind == "guest" else event for event in good]
    path = History(events=events).save(tmp_path / "run.jsonl")
    assert cli.main(["judge", str(path), "--claim", "downtime_is_zero", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["outcome"] == "unknown"


def test_a_history_that_takes_too_long_is_given_up(
    saved: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a judge that does not end before the test does
    over = threading.Event()
    monkeypatch.setattr(claims, "judge", lambda *_: over.wait())
    # when it is asked, then it is given up after the time that it may take
    assert cli.main(["judge", str(saved), "--timeout", "0.01"]) == 2
    over.set()
    assert "judging takes longer than 0.01 s; allowed: more by --timeout" in capsys.readouterr().err
