"""A history that ends early accuses nobody of what may have happened later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pytest_doctor_maint.claims import CLAIMS, Outcome, judge
from pytest_doctor_maint.claims.claim import WINDOWS
from pytest_doctor_maint.claims.index.observed import read_message
from pytest_doctor_maint.history import Event, History, kinds, timestamp
from pytest_doctor_maint.history.reading import read
from tests.support.fenix_runs import default_workflow, vnf_workflow
from tests.support.histories import SAVED, without
from tests.support.history_builder import EPOCH, full_cloud
from tests.support.large_histories import sessions


@pytest.fixture(scope="module")
def good() -> History:
    """A run in which every claim holds."""
    return History.load(SAVED)


def ended_at(history: History, seq: int, later: timedelta) -> History:
    """Return the history up to event ``seq``, and the end of the run so much later."""
    last = history.event(seq)
    end = Event(seq + 1, last.at + later, "harness", kinds.RUN_ENDED, {})
    return History(events=[*history.events[:seq], end])


def seen_late() -> History:
    """Return a right run that is observed from outside: each compute is seen in use before the message about it."""
    run = full_cloud()
    run.one("run.started").data.update(observed_every=0.5, unseen=[kinds.HOST_WORK, WINDOWS])
    run.drop(*run.all(kinds.HOST_WORK))
    for message in run.all(kinds.NOTIFICATION, event_type="maintenance.host", state="MAINTENANCE_COMPLETE"):
        message.data["emitted_at"] = timestamp(EPOCH + timedelta(seconds=message.at - 0.1))
        where = run.drafts.index(message)
        enabled = next(number for number, draft in enumerate(run.drafts) if number > where and draft.kind == "compute")
        late = [message, *(draft for draft in run.drafts if draft.cause is message)]
        for draft in late:
            draft.at += 1
        kept = [draft for draft in run.drafts[where:enabled] if draft not in late]
        run.drafts[where : enabled + 1] = [*kept, run.drafts[enabled], *late]
    return run.history()


@pytest.mark.parametrize(
    ("make", "step"),
    [
        (lambda: History.load(SAVED), 1),
        (lambda: default_workflow().history(), 3),
        (lambda: vnf_workflow().history(), 3),
        (lambda: sessions(2).history(), 7),
        (seen_late, 1),
    ],
    ids=["sample", "fenix", "vnf", "two sessions", "observed"],
)
def test_no_beginning_of_a_right_run_violates_a_claim(make: Callable[[], History], step: int) -> None:
    # given the recording of a run in which no claim is violated
    whole = make()
    for length in range(1, len(whole) + 1, step):
        # when it breaks off
        judgement = judge(History(events=whole.events[:length]))
        # then no claim is violated
        violated = {each.claim: each.summary for each in judgement.verdicts if each.outcome is Outcome.VIOLATED}
        assert violated == {}, f"of the first {length} events"
        assert not [each for each in judgement.verdicts if "itself failed" in each.summary]


@pytest.mark.parametrize(("later", "outcome"), [(4.9, Outcome.UNKNOWN), (5, Outcome.VIOLATED)])
def test_what_an_observer_saw_at_the_end_may_have_had_a_message_on_its_way(later: float, outcome: Outcome) -> None:
    # given a run that is observed from outside, in which a compute is in use before its MAINTENANCE_COMPLETE
    seen = seen_late()
    complete = seen.of(kinds.NOTIFICATION, state="MAINTENANCE_COMPLETE", event_type="maintenance.host")[0]
    enabled = seen.event(complete.seq - 1)
    # when the recording breaks off so much later, and the message did not come
    last = Event(enabled.seq + 1, enabled.at + timedelta(seconds=later), "observer", enabled.kind, enabled.data)
    broken = History(events=[*seen.events[: enabled.seq], last])
    # then
    (found,) = judge(broken, ["computes_are_disabled_for_maintenance"]).verdicts
    assert found.outcome is outcome, found.summary


def test_a_file_whose_last_line_is_torn_violates_no_claim(good: History, tmp_path: Path) -> None:
    path = good.save(tmp_path / "run.jsonl")
    text = path.read_bytes()
    for length in range(len(text) // 2, len(text), len(text) // 40):
        path.write_bytes(text[:length])
        recording = read(path)
        assert recording.torn is not None
        judgement = judge(History(events=recording.events))
        assert [each.summary for each in judgement.verdicts if each.outcome is Outcome.VIOLATED] == []


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
