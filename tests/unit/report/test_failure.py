"""The text of a failed test: violated and unknown claims, and the events that prove a violation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pytest_doctor_maint.claims import CLAIMS, Verdict, judge
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.history import Event, History
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


def test_after_an_exception_each_claim_has_one_line(bad: History) -> None:
    text = failure_text(judge(bad, ["downtime_is_zero", "messages_are_answered"]), bad, None, is_brief=True)
    first, *claims, _, seed, repeat, _ = text.splitlines()
    assert first == "2 of 2 claims fail; this may follow from the exception"
    assert [line.partition(": ")[0] for line in claims] == ["VIOLATED", "VIOLATED"]
    assert any(line.startswith("VIOLATED: downtime_is_zero: no service behind ") for line in claims)
    assert (seed[:5], repeat[:7]) == ("seed:", "repeat:")


def test_the_exception_of_a_claim_comes_first_with_the_frames_of_its_author(
    good: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(index: HistoryIndex, **parameters: float) -> Verdict:
        raise ZeroDivisionError("a bug\nVIOLATED: nothing")

    monkeypatch.setitem(CLAIMS._own, "downtime_is_zero", replace(CLAIMS["downtime_is_zero"], check=broken))
    first, place, code, empty, count, *_ = failure_text(judge(good), good, None).splitlines()
    assert first == r"an exception in the claim downtime_is_zero: ZeroDivisionError: a bug\nVIOLATED: nothing"
    assert place.startswith(f'  File "{__file__}"')
    assert code.strip() == r'raise ZeroDivisionError("a bug\nVIOLATED: nothing")'
    assert (empty, count[:15]) == ("", "1 of 39 claims ")


def test_an_actor_elsewhere_that_answers_an_alarm_with_500_comes_first(bad: History) -> None:
    alarm = bad.of("alarm")[0]
    refused = [(500, "KeyError\n<html>"), (500, "KeyError\n<html>"), (400, "not a message")]
    events = [
        Event(len(bad) + number, bad.events[-1].at, alarm.actor, "alarm.refused", {"status": status, "error": error})
        for number, (status, error) in enumerate(refused, 1)
    ]
    history = History(events=[*bad.events, *events])
    first, second, *_ = failure_text(judge(history, ["downtime_is_zero"]), history, None).splitlines()
    assert first == rf"{alarm.actor} answered an alarm with 500: KeyError\n<html> (2 messages)"
    assert second.startswith("1 of 1 claims fail")
