"""What a history can tell when parts of the run were elsewhere, and seen from outside.

``run.started`` says so: ``unseen`` is what nobody recorded, and ``observed_every`` how many seconds passed between two
looks at the cloud. A claim that needs what was not seen is unknown. So is one that hangs on which of two things came
first, where that cannot be told: a message of an admin tool elsewhere is seen when it arrives, and what happened on the
cloud between its emission and its arrival may have been before it or after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from pytest_doctor_maint.claims.index.index import IndexedHistory
from pytest_doctor_maint.claims.verdict import Figure, Outcome, Verdict
from pytest_doctor_maint.history import Event, kinds

#: What each claim needs to be seen, among what may be unseen: kinds of events, and ``windows`` for what the admin tool
#: was set to.
NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "messages_are_answered": (kinds.REPLY,),
        "admin_tool_waits_for_answers": (kinds.REPLY,),
        "agreed_actions_are_taken": (kinds.REPLY,),
        "windows_are_long_enough": ("windows",),
        "failures_are_managed_once": (kinds.HOST_FAILURE, kinds.FAULT_MANAGEMENT),
        "lead_times_are_kept": (kinds.CONSTRAINT_INSTANCE,),
        "migration_types_are_respected": (kinds.CONSTRAINT_INSTANCE,),
        "interruptions_are_short_enough": (kinds.CONSTRAINT_INSTANCE,),
        "impacts_stay_within_the_limit": (kinds.CONSTRAINT_INSTANCE,),
        "groups_recover_between_impacts": (kinds.CONSTRAINT_INSTANCE,),
        "instances_per_host_stay_within_the_limit": (kinds.CONSTRAINT_INSTANCE,),
        "anti_affinity_is_kept": (kinds.CONSTRAINT_INSTANCE,),
        "impacts_are_mitigated": (kinds.CONSTRAINT_INSTANCE,),
    }
)
#: What such a need is called.
_WORDS = {"windows": "the windows that the admin tool was set to"}
#: Claims that are judged from the servers' states where nobody asks the guests.
_DERIVED = ("downtime_is_zero", "act_and_stby_never_both_down")
#: No message is on its way for longer; a cloud whose clock differs by more is not believed.
_LONGEST_WAY = timedelta(seconds=5)


class Observability:
    """A history and what is known of how it was seen.

    Args:
        record: The history.
    """

    def __init__(self, record: IndexedHistory) -> None:
        self._record = record
        run = next((event.data for event in record.of(kinds.RUN_STARTED)), {})
        self._every: float | None = run.get("observed_every")
        self._unseen = tuple(run.get("unseen", ()))
        self._as_emitted: IndexedHistory | None = None
        self._numbers: Mapping[int, int] = {}
        if self._every is not None and (found := reordered(record.events)) is not None:
            self._as_emitted, self._numbers = IndexedHistory(events=found[0]), found[1]

    def judge(self, claim: str, ask: Callable[[IndexedHistory], Verdict]) -> Verdict:
        """The verdict on a claim, with due doubt where the run was seen from outside.

        Args:
            claim: The claim.
            ask: Judges the claim on a history.
        """
        if self._every is None:
            return ask(self._record)
        if unseen := [need for need in NEEDS.get(claim, ()) if need in self._unseen]:
            told = " and ".join(_WORDS.get(need, f"{need} events") for need in unseen)
            return Verdict(claim, Outcome.UNKNOWN, f"could not observe {told}", unobserved=True)
        verdict = ask(self._record)
        if self._as_emitted is not None:
            verdict = _without_doubt(claim, verdict, self._in_old_numbers(ask(self._as_emitted)))
        figures: dict[str, Figure] = {**verdict.figures, "resolution_s": self._every}
        summary = verdict.summary
        if claim in _DERIVED and verdict.outcome is Outcome.HOLDS:
            summary += f" (derived from the servers' states, seen every {self._every:g} s; no guest was asked)"
        return replace(verdict, summary=summary, figures=MappingProxyType(figures))

    def _in_old_numbers(self, verdict: Verdict) -> Verdict:
        violations = tuple(
            replace(each, events=tuple(self._numbers.get(seq, seq) for seq in each.events))
            for each in verdict.violations
        )
        return replace(verdict, violations=violations)


def _without_doubt(claim: str, seen: Verdict, emitted: Verdict) -> Verdict:
    """What is so whether the cloud or the message came first."""
    for verdict in (seen, emitted):
        if verdict.outcome is Outcome.UNKNOWN:
            return verdict
    if seen.outcome is emitted.outcome is Outcome.HOLDS:
        return seen
    shared = {(each.subject, frozenset(each.events)) for each in emitted.violations}
    if certain := tuple(each for each in seen.violations if (each.subject, frozenset(each.events)) in shared):
        return replace(seen, violations=certain, summary=certain[0].message)
    doubtful = seen if seen.violations else emitted
    text = f"could not observe which came first: {doubtful.summary}"
    return Verdict(claim, Outcome.UNKNOWN, text, figures=doubtful.figures, unobserved=True)


def reordered(events: Iterable[Event]) -> tuple[list[Event], Mapping[int, int]] | None:
    """The events with every message at the time of its emission, and the old number of each by its new one.

    None when no message was seen elsewhere than where it was emitted.
    """
    found = list(events)
    if not any(_emitted(event) for event in found):
        return None
    moved = [replace(event, at=emitted) if (emitted := _emitted(event)) else event for event in found]
    moved.sort(key=lambda event: (event.at, event.seq))
    new = {event.seq: number for number, event in enumerate(moved, start=1)}
    renumbered = [
        replace(event, seq=new[event.seq], cause=None if event.cause is None else new.get(event.cause))
        for event in moved
    ]
    return renumbered, {number: old for old, number in new.items()}


def _emitted(event: Event) -> datetime | None:
    told: Any = event.data.get("emitted_at") if event.kind == kinds.NOTIFICATION else None
    if not isinstance(told, str):
        return None
    return min(max(datetime.fromisoformat(told), event.at - _LONGEST_WAY), event.at)
