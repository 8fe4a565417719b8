"""An Allure report has the events of a run as steps, and its results as attachments."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import allure_steps
from tests.support.allure import FakeAllure


def test_allure_gets_steps_and_attachments(good: History, allure: FakeAllure) -> None:
    allure_steps(good, judge(good))
    assert any(step.endswith("admin tool: MAINTENANCE to doctor") for step in allure.steps)
    assert any(step.startswith("downtime_is_zero holds") for step in allure.steps)
    assert set(allure.attached) == {"history", "timeline", "verdicts"}
    ids = [event.data["session_id"] for event in good.of("session.created")]
    ids += [event.data["server_id"] for event in good.of("server")]
    assert not any(identifier in step for identifier in ids for step in allure.steps)


def test_the_attached_history_is_the_saved_one(good: History, allure: FakeAllure, tmp_path: Path) -> None:
    allure_steps(good, judge(good, ["downtime_is_zero"]))
    assert allure.attached["history"] == good.save(tmp_path / "run.jsonl").read_text(encoding="utf-8")


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
