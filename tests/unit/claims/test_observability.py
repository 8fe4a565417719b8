"""Claims on histories observed from outside: an order that is not certain makes a claim unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pytest_doctor_maint.claims import (
    CannotTell,
    Claim,
    HistoryIndex,
    Outcome,
    Topic,
    Verdict,
    claim,
    index_of,
    judge,
    violation,
)
from pytest_doctor_maint.claims.observability import Observability
from pytest_doctor_maint.history import History, kinds

START = datetime(2026, 1, 1, tzinfo=UTC)
RUN: dict[str, object] = {
    "seed": 1,
    "cloud": "lab",
    "admin_tool": "sample",
    "app_manager": "sample",
    "inspector": "sample",
    "computes": [],
    "projects": {},
    "admin_project_id": "admin",
    "profile": "sample",
    "windows": {},
    "scenario": "",
    "repeat": "",
    "observed_every": 0.5,
}


def observed(*, emitted: float, unseen: tuple[str, ...] = ()) -> History:
    """A compute is seen enabled at 1 s, and a message about it is seen at 1.1 s."""
    compute = {"host": "c", "status": "enabled", "state": "up", "forced_down": False, "powered": True, "vcpus": 2}
    message = {"event_type": "maintenance.host", "session_id": "s", "project_id": "admin", "state": "X", "host": "c"}
    emitted_at = (START + timedelta(seconds=emitted)).isoformat()
    recorded: list[tuple[float, str, dict[str, object]]] = [
        (0.0, kinds.RUN_STARTED, {**RUN, "unseen": list(unseen)}),
        (1.0, kinds.COMPUTE, {**compute}),
        (1.1, kinds.NOTIFICATION, {**message, "emitted_at": emitted_at}),
    ]
    history = History()
    for at, kind, data in recorded:
        history.append("harness", kind, data, at=START + timedelta(seconds=at))
    return history


@claim(topic=Topic.COMPUTES, source="this test", derived=True)
def enabled_after_the_message(index: HistoryIndex) -> Verdict:
    """The compute is enabled after the message."""
    (compute,), (message,) = index.of(kinds.COMPUTE), index.of(kinds.NOTIFICATION)
    early = [violation("too early", "c", compute, message)] if compute.seq < message.seq else []
    return enabled_after_the_message.conclude(early, "in order")


@claim(topic=Topic.COMPUTES, source="this test")
def enabled_before_the_message(index: HistoryIndex) -> Verdict:
    """The compute is enabled before the message."""
    (compute,), (message,) = index.of(kinds.COMPUTE), index.of(kinds.NOTIFICATION)
    late = [violation("too late", "c", compute, message)] if message.seq < compute.seq else []
    return enabled_before_the_message.conclude(late, "in order", {"computes": 1})


@claim(topic=Topic.COMPUTES, source="this test")
def known_after_the_message(index: HistoryIndex) -> Verdict:
    """Unknown if the compute comes before the message."""
    if index.event(2).kind == kinds.COMPUTE:
        raise CannotTell("nothing is known")
    return known_after_the_message.conclude([], "known")


@claim(topic=Topic.COMPUTES, source="this test")
def known_before_the_message(index: HistoryIndex) -> Verdict:
    """Unknown if the message comes before the compute."""
    if index.event(2).kind == kinds.NOTIFICATION:
        raise CannotTell("nothing is known")
    return known_before_the_message.conclude([], "known")


def verdict_on(history: History, claim: Claim) -> Verdict:
    def judge_index(index: HistoryIndex) -> Verdict:
        try:
            return claim.judge(index)
        except CannotTell as reason:
            return Verdict(claim.name, Outcome.UNKNOWN, str(reason))

    return Observability(index_of(history)).judge(claim, judge_index)


def test_a_violation_in_an_order_that_is_not_certain_is_unknown() -> None:
    verdict = verdict_on(observed(emitted=0.9), enabled_after_the_message)
    assert (verdict.outcome, verdict.unobserved) == (Outcome.UNKNOWN, True)
    assert verdict.summary == "could not observe which came first: too early"


def test_a_violation_in_the_order_of_emission_alone_is_unknown_too() -> None:
    verdict = verdict_on(observed(emitted=0.9), enabled_before_the_message)
    assert (verdict.outcome, verdict.unobserved) == (Outcome.UNKNOWN, True)
    assert verdict.summary == "could not observe which came first: too late"
    assert verdict.figures == {"computes": 1, "resolution_s": 0.5}


@pytest.mark.parametrize("claim", [known_before_the_message, known_after_the_message], ids=["seen", "emitted"])
def test_a_claim_that_is_unknown_in_one_order_is_unknown(claim: Claim) -> None:
    verdict = verdict_on(observed(emitted=0.9), claim)
    assert (verdict.outcome, verdict.summary, verdict.unobserved) == (Outcome.UNKNOWN, "nothing is known", False)


def test_a_claim_that_holds_in_both_orders_holds() -> None:
    verdict = verdict_on(observed(emitted=1.05), enabled_before_the_message)
    assert (verdict.outcome, verdict.summary) == (Outcome.HOLDS, "in order")


def test_an_order_that_is_certain_is_judged() -> None:
    history = observed(emitted=1.05)
    verdict = verdict_on(history, enabled_after_the_message)
    assert (verdict.outcome, verdict.unobserved) == (Outcome.VIOLATED, False)
    assert {history.event(seq).kind for seq in verdict.violations[0].events} == {kinds.COMPUTE, kinds.NOTIFICATION}
    assert verdict.figures["resolution_s"] == 0.5


def test_what_was_not_observed_is_unknown_and_not_a_pass() -> None:
    judgement = judge(observed(emitted=1.05, unseen=("host.failure", "windows")), ["failures_are_managed_once"])
    (verdict,) = judgement.unobserved()
    assert verdict.summary == "could not observe host.failure events"
    assert not judgement.holds
    assert not judgement.holds_as_far_as_seen, "one claim at least must hold"


def test_another_unknown_is_not_excused() -> None:
    judgement = judge(observed(emitted=1.05), ["sessions_end_well"])
    assert judgement.outcome is Outcome.UNKNOWN
    assert not judgement.unobserved()
    assert not judgement.holds_as_far_as_seen
