"""What is seen from outside is judged with due doubt."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_doctor_maint.claims import Outcome, judge
from pytest_doctor_maint.claims.index.index import IndexedHistory
from pytest_doctor_maint.claims.observability import Observability
from pytest_doctor_maint.claims.verdict import Verdict, conclude, violation
from pytest_doctor_maint.history import Event, History, kinds

START = datetime(2026, 1, 1, tzinfo=UTC)
RUN = {
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


def history(*, emitted: float, unseen: tuple[str, ...] = ()) -> IndexedHistory:
    """A compute is enabled at 1 s as far as was seen; a message about it is seen at 1.1 s."""
    compute = {"host": "c", "status": "enabled", "state": "up", "forced_down": False, "powered": True, "vcpus": 2}
    message = {"event_type": "maintenance.host", "session_id": "s", "project_id": "admin", "state": "X", "host": "c"}
    stamp = (START + timedelta(seconds=emitted)).isoformat()
    told: list[tuple[float, str, Mapping[str, Any]]] = [
        (0.0, kinds.RUN_STARTED, {**RUN, "unseen": list(unseen)}),
        (1.0, kinds.COMPUTE, compute),
        (1.1, kinds.NOTIFICATION, {**message, "emitted_at": stamp}),
    ]
    moments = iter(START + timedelta(seconds=at) for at, _, _ in told)
    made = History(lambda: next(moments))
    for _, kind, data in told:
        made.append("harness", kind, data)
    return IndexedHistory(events=made.events)


def enabled_after_the_message(record: IndexedHistory) -> Verdict:
    """A claim that hangs on the order of the two."""
    compute: Event = record.of(kinds.COMPUTE)[0]
    message: Event = record.of(kinds.NOTIFICATION)[0]
    early = [violation("too early", "c", compute, message)] if compute.seq < message.seq else []
    return conclude("claim", early, "in order")


def test_an_order_that_cannot_be_told_is_unknown() -> None:
    verdict = Observability(history(emitted=0.9)).judge("claim", enabled_after_the_message)
    assert (verdict.outcome, verdict.unobserved) == (Outcome.UNKNOWN, True)
    assert verdict.summary == "could not observe which came first: too early"


def test_an_order_that_is_certain_is_judged() -> None:
    record = history(emitted=1.05)
    verdict = Observability(record).judge("claim", enabled_after_the_message)
    assert (verdict.outcome, verdict.unobserved) == (Outcome.VIOLATED, False)
    assert {record.event(seq).kind for seq in verdict.violations[0].events} == {kinds.COMPUTE, kinds.NOTIFICATION}
    assert verdict.figures["resolution_s"] == 0.5


def test_what_nobody_saw_is_unknown_and_no_pass() -> None:
    judgement = judge(history(emitted=1.05, unseen=("host.failure", "windows")), ["windows_are_long_enough"])
    (verdict,) = judgement.unobserved()
    assert verdict.summary == "could not observe the windows that the admin tool was set to"
    assert not judgement.holds
    assert not judgement.holds_as_far_as_seen, "one claim at least must hold"


def test_another_unknown_is_not_excused() -> None:
    judgement = judge(history(emitted=1.05), ["sessions_end_well"])
    assert judgement.outcome is Outcome.UNKNOWN
    assert not judgement.unobserved()
    assert not judgement.holds_as_far_as_seen
