"""The text of a failed test: violated and unknown claims, and the events that prove a violation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import failure_text
from pytest_doctor_maint.report.failure import around
from tests.support.histories import event, without


def test_the_text_is_empty_when_all_claims_hold(good: History, saved: Path) -> None:
    assert failure_text(judge(good), good, saved) == ""


def test_a_failure_says_all_that_is_needed(bad: History) -> None:
    text = failure_text(judge(bad, ["downtime_is_zero", "messages_are_answered"]), bad, Path("out/run.jsonl"))
    started = bad.of("run.started")[0].data
    assert text.startswith("2 of 2 claims fail\n")
    assert "VIOLATED: downtime_is_zero" in text
    assert "doctor_ha_app_0 is down (cold migration); allowed: 0 s" in text
    assert "total_outage_s = 12.0" in text
    assert "doctor did not answer DOWN_SCALE by " in text
    assert "about doctor, at 20" in text
    assert "Z (wall clock 20" in text
    assert f"seed:    {started['seed']}" in text
    assert f"repeat:  {started['repeat']}" in text
    assert "history: out/run.jsonl" in text
    assert "admin_tool" in text
    assert not any(server.data["server_id"] in text for server in bad.of("server"))


def test_an_unknown_claim_is_in_the_text_too(good: History) -> None:
    cut = History(events=good.events[:-1])
    text = failure_text(judge(cut, ["downtime_is_zero"]), cut, None)
    assert "UNKNOWN: downtime_is_zero" in text
    assert "no run.ended (an unknown claim does not pass)" in text
    assert "history: not saved" in text


def test_a_claim_that_was_named_and_had_nothing_to_judge_is_in_the_text(good: History) -> None:
    text = failure_text(judge(good, ["downtime_is_zero", "refusals_are_clear"]), good, None)
    assert text.startswith("1 of 2 claims fail; 1 of 2 claims judged, 1 not applicable\n")
    assert "NOT APPLICABLE: refusals_are_clear" in text
    assert "the admin tool refused nothing (a claim that is asked for by name must have something to judge)" in text
    assert "VIOLATED" not in text


def test_claims_that_had_nothing_to_judge_are_counted_in_the_text_of_others(bad: History) -> None:
    text = failure_text(judge(bad), bad, None)
    assert " of 39 claims judged, 13 not applicable\n" in text
    assert "NOT APPLICABLE" not in text


@pytest.mark.parametrize(
    ("number", "more"), [(3, ""), (4, "  and 1 more violation\n"), (5, "  and 2 more violations\n")]
)
def test_the_first_three_violations_of_a_claim_are_shown(good: History, number: int, more: str) -> None:
    # The run goes on until each reply is due.
    later = [replace(each, at=each.at + timedelta(hours=1)) if each.kind == "run.ended" else each for each in good]
    silent = without(History(events=later), good.of("reply")[:number])
    text = failure_text(judge(silent, ["messages_are_answered"]), silent, None)
    assert text.count("did not answer") == 3
    assert text.count("more violation") == (1 if more else 0)
    assert more in text


def test_three_telling_events_are_shown_on_either_side() -> None:
    events = [event("run.ended", {}, seq=seq) for seq in range(1, 10)]
    assert [each.seq for each in around(events, [5])] == [2, 3, 4, 5, 6, 7, 8]
    assert [each.seq for each in around(events, [1, 9])] == [1, 2, 3, 4, 6, 7, 8, 9]


def test_quiet_events_are_shown_only_if_the_violation_is_about_them() -> None:
    guest = {"server_id": "s", "up": True, "reason": "booted"}
    events = [event("guest", guest, seq=1), event("run.ended", {}, seq=2), event("guest", guest, seq=3)]
    assert [each.seq for each in around(events, [2])] == [2]
    assert [each.seq for each in around(events, [3])] == [2, 3]
