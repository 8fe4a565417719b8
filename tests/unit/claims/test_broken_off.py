"""A history that ends early accuses nobody of what may have happened later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pytest_doctor_maint.claims import CLAIMS, Outcome, judge
from pytest_doctor_maint.claims.index.observed import read_message
from pytest_doctor_maint.history import Event, History, kinds
from tests.support.histories import SAVED, without


@pytest.fixture(scope="module")
def good() -> History:
    """A run in which every claim holds."""
    return History.load(SAVED)


def ended_at(history: History, seq: int, later: timedelta) -> History:
    """Return the history up to event ``seq``, and the end of the run so much later."""
    last = history.event(seq)
    end = Event(seq + 1, last.at + later, "harness", kinds.RUN_ENDED, {})
    return History(events=[*history.events[:seq], end])


def test_no_beginning_of_a_right_run_violates_a_claim(good: History) -> None:
    # given the recording of a run in which every claim holds
    for length in range(1, len(good)):
        # when it breaks off after any event
        judgement = judge(History(events=good.events[:length]))
        # then no claim is violated
        violated = {each.claim: each.summary for each in judgement.verdicts if each.outcome is Outcome.VIOLATED}
        assert violated == {}, f"of the first {length} events"
        assert not [each for each in judgement.verdicts if "itself failed" in each.summary]


@pytest.mark.parametrize(
    ("early", "outcome"),
    [(timedelta(0), Outcome.VIOLATED), (timedelta(microseconds=1), Outcome.UNKNOWN), (timedelta(60), Outcome.UNKNOWN)],
)
def test_a_reply_is_missing_only_if_the_run_reached_the_time_when_it_was_due(
    good: History, early: timedelta, outcome: Outcome
) -> None:
    # given a message that nobody has answered yet
    (asked,) = good.of(kinds.NOTIFICATION, state="MAINTENANCE")
    due = read_message(asked).due
    assert due is not None
    # when the run ends so much before the reply is due
    verdict = judge(ended_at(good, asked.seq, due - asked.at - min(early, due - asked.at)), ["messages_are_answered"])
    # then
    (found,) = verdict.verdicts
    assert found.outcome is outcome
    assert ("did not answer" in found.summary) == (outcome is Outcome.VIOLATED)


def test_what_is_certain_is_told_beside_what_is_not(good: History) -> None:
    # given a run in which one reply is missing, and which ends before another one is due
    *_, first, last = good.of(kinds.NOTIFICATION, event_type="maintenance.scheduled", state="PLANNED_MAINTENANCE")
    replies = [event for event in good.of(kinds.REPLY) if event.seq > first.seq]
    cut = ended_at(without(good, replies), last.seq, timedelta(0))
    events = [
        replace(event, data={**event.data, "reply_at": "2030-01-01T00:00:00"}) if event.seq == first.seq else event
        for event in cut
    ]
    # when it is judged
    (verdict,) = judge(History(events=events), ["messages_are_answered"]).verdicts
    # then only the one is told
    assert [violation.events for violation in verdict.violations] == [(first.seq,)]
    assert "(and " not in verdict.summary


def test_an_undeclared_kind_leaves_every_claim_unknown(good: History) -> None:
    events = [replace(event, kind="repli") if event.kind == kinds.REPLY else event for event in good]
    first = good.of(kinds.REPLY)[0].seq
    for verdict in judge(History(events=events)).verdicts:
        assert verdict.outcome is Outcome.UNKNOWN
        assert f"undeclared kinds: 'repli' (event {first}); the plug-in that declares" in verdict.summary
    assert len(judge(History(events=events)).verdicts) == len(list(CLAIMS))
