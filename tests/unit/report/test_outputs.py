from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.commands import __main__ as cli
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import allure_steps, properties, svg, terminal_summary, to_json

NODE = "scenarios/test_room.py::test_one_compute_is_empty[sample-3]"


def words(picture: str) -> list[str]:
    # It is our own output, and no foreign document.
    tree = ElementTree.fromstring(picture)  # noqa: S314
    return [element.text or "" for element in tree.iter() if element.tag.endswith(("text", "title"))]


def test_the_timeline_shows_computes_instances_messages_and_the_service(good: History) -> None:
    shown = words(svg(good))
    for word in ("doctor", "compute-1", "compute-3", "doctor_ha_app_0", "IN_MAINTENANCE", "down 0 s in all"):
        assert word in shown
    assert any(word.startswith("PLANNED_MAINTENANCE, ACK_PLANNED_MAINTENANCE after") for word in shown)


def test_downtime_is_marked_in_the_timeline(good: History, bad: History) -> None:
    assert "down 12 s in all" in words(svg(bad))
    assert any(word.startswith("down for 12 s: doctor_ha_app_0") for word in words(svg(bad)))
    assert not any(word.startswith("down for") for word in words(svg(good)))


def test_names_cannot_break_the_picture(good: History) -> None:
    events = [
        replace(event, data={**event.data, "scenario": "</text><script>"}) if event.kind == "run.started" else event
        for event in good
    ]
    assert "</text><script>" in words(svg(History(events=events)))


def test_an_empty_history_has_no_timeline() -> None:
    with pytest.raises(ValueError, match="empty history"):
        svg(History())


def test_the_same_history_gives_the_same_picture(good: History) -> None:
    assert svg(good) == svg(good)


def test_properties_are_plain_data(good: History, bad: History) -> None:
    found = properties(judge(good), good, 0.5, 300, NODE)
    assert json.loads(json.dumps(found)) == found
    assert (found["computes"], found["requests"], found["outcome"], found["failed"]) == (3, 300, "holds", [])
    assert found["downtime_seconds"] == 0
    assert found["simulated_seconds"] == (good.events[-1].at - good.events[0].at).total_seconds()


def test_the_summary_has_a_row_per_run_and_totals(good: History, bad: History) -> None:
    runs = [
        properties(judge(good), good, 0.5, 300, NODE),
        properties(judge(bad, ["downtime_is_zero"]), bad, 0.25, 200, "a.py::test_other"),
    ]
    head, _, other, one, _, total = terminal_summary(runs)
    assert head.split() == [
        "scenario",
        "computes",
        "simulated",
        "s",
        "wall",
        "s",
        "requests",
        "downtime",
        "s",
        "outcome",
    ]
    assert other.split()[0] == "other"
    assert other.endswith("violated: downtime_is_zero")
    assert one.startswith("one compute is empty [sample-3]")
    assert one.endswith("claims hold")
    assert total.split()[:2] == ["2", "runs"]
    assert total.endswith("1 of 2 fail")
    assert "500" in total
    assert "0.75" in total


def test_what_nobody_could_see_is_listed_below_the_table(good: History) -> None:
    """Once for all runs in which it is the same, and not so long that nobody reads it."""
    run = properties(judge(good), good, 0.5, 250, NODE)
    dark = [f"claim_number_{number}" for number in range(12)]
    runs = [
        {**run, "unobserved": dark},
        {**run, "nodeid": "a.py::test_other", "unobserved": dark},
        {**run, "nodeid": "a.py::test_third", "unobserved": ["one_more"]},
        {**run, "nodeid": "a.py::test_fourth"},
    ]
    lines = terminal_summary(runs)
    assert lines[2].endswith(f"{run['claims']} claims hold")
    assert lines[3].endswith(f"{run['claims'] - 12} claims hold; 12 could not be observed")
    assert lines[7].endswith("all hold, as far as could be observed")
    told = " ".join(line.strip() for line in lines[8:])
    same = f"could not observe {', '.join(dark)} (other; one compute is empty [sample-3])"
    assert told == f"{same} could not observe one_more (third)"
    assert max(len(line) for line in lines[8:]) <= 120


def test_without_runs_there_is_no_summary() -> None:
    assert terminal_summary([]) == []


def test_the_verdicts_as_json(bad: History) -> None:
    found = json.loads(to_json(judge(bad, ["downtime_is_zero"])))
    assert found["outcome"] == "violated"
    (verdict,) = found["verdicts"]
    assert verdict["figures"]["total_outage_s"] == 12
    assert verdict["violations"][0]["events"]


class FakeAllure:
    """Takes what allure would show."""

    class attachment_type:  # noqa: N801  # as allure has it
        TEXT, SVG, JSON = "text", "svg", "json"

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.attached: dict[str, str] = {}

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self.steps.append(title)
        yield

    def attach(self, body: str, name: str, **more: Any) -> None:
        self.attached[name] = body


def test_allure_gets_steps_and_attachments(good: History, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeAllure()
    monkeypatch.setitem(sys.modules, "allure", fake)
    monkeypatch.setattr("pytest_doctor_maint.report.allure._is_active", lambda: True)
    judgement = judge(good)
    allure_steps(good, judgement)
    assert any(step.endswith("admin tool: MAINTENANCE to doctor") for step in fake.steps)
    assert any(step.startswith("downtime_is_zero holds") for step in fake.steps)
    assert set(fake.attached) == {"history", "timeline", "verdicts"}
    ids = [event.data["session_id"] for event in good.of("session.created")]
    ids += [event.data["server_id"] for event in good.of("server")]
    assert not any(identifier in step for identifier in ids for step in fake.steps)


def test_a_real_allure_report_has_them(pytester: pytest.Pytester, saved: Path) -> None:
    pytest.importorskip("allure_pytest")
    pytester.makepyfile(
        f"""
        from pathlib import Path
        from pytest_doctor_maint.claims import judge
        from pytest_doctor_maint.history import History
        from pytest_doctor_maint.report import allure_steps

        def test_run():
            history = History.load(Path({str(saved)!r}))
            allure_steps(history, judge(history, ["downtime_is_zero"]))
        """
    )
    pytester.runpytest_subprocess("--alluredir=out", "-p", "allure_pytest").assert_outcomes(passed=1)
    (result,) = pytester.path.glob("out/*-result.json")
    found = json.loads(result.read_text())
    assert [attached["name"] for attached in found["attachments"]] == ["history", "timeline", "verdicts"]
    assert found["steps"][-1]["name"].startswith("downtime_is_zero holds")


def test_without_an_active_allure_nothing_happens(good: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "allure_commons", None)
    allure_steps(good, judge(good))


def test_a_saved_history_is_judged_on_the_command_line(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["judge", str(saved), "--svg", str(tmp_path / "run.svg")]) == 0
    assert "holds     downtime_is_zero: " in capsys.readouterr().out
    assert (tmp_path / "run.svg").read_text().startswith("<svg")


def test_the_command_line_tells_a_failure(bad: History, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
