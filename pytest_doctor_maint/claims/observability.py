"""Verdicts on a run whose cloud or actors are elsewhere and are observed from outside.

``run.started`` describes the observation: ``unseen`` lists what was not recorded, and ``observed_every`` is the number
of seconds between two polls of the cloud. A claim that needs what was not seen is unknown. If only a part of the claim
needs it, the rest is judged: its violations count, and without any the claim is unknown. So is a claim that depends on
which of two events came first, if that is not known: a message of an admin tool elsewhere is seen when it arrives,
and a change of the cloud that is seen before that may have happened before or after the emission of the message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, WINDOWS, Claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import read_time
from pytest_doctor_maint.claims.verdict import Figure, Outcome, Verdict
from pytest_doctor_maint.history import Event, kinds

_DESCRIPTIONS = {
    WINDOWS: "the windows to which the admin tool was set",
    HOST_MESSAGES: "any message about a compute",
}
#: The outcomes of claims of which no violation was found.
_PASSED = (Outcome.HOLDS, Outcome.NOT_APPLICABLE)
#: The longest plausible time between the emission of a message and its arrival. A longer time means that the cloud's
#: clock is wrong. This is a property of clocks and networks, so it is not a parameter of a claim.
LONGEST_DELAY = timedelta(seconds=5)


class Observability:
    """The index of a history, and what is known about how the run was observed.

    Args:
        index: The index of the history.
    """

    def __init__(self, index: HistoryIndex) -> None:
        self._index = index
        started = index.of(kinds.RUN_STARTED)
        run: Mapping[str, Any] = started[0].data if started else {}
        self._observed_every: float | None = run.get("observed_every")
        self._as_emitted: HistoryIndex | None = None
        self._old_numbers: Mapping[int, int] = {}
        if self._observed_every is not None and (found := reordered(index.all_events)) is not None:
            self._as_emitted, self._old_numbers = HistoryIndex(found[0]), found[1]

    def judge(self, claim: Claim, judge: Callable[[HistoryIndex], Verdict]) -> Verdict:
        """Return the verdict on a claim; unknown if the observation from outside does not allow another verdict.

        Args:
            claim: The claim.
            judge: Judges the claim on an index.
        """
        if self._observed_every is None:
            return judge(self._index)
        if unseen := [need for need in claim.needs if need in self._index.unseen]:
            return Verdict(claim.name, Outcome.UNKNOWN, _could_not_observe(unseen), unobserved=True)
        verdict = judge(self._index)
        if self._as_emitted is not None:
            verdict = _certain(verdict, self._with_old_numbers(judge(self._as_emitted)))
        if unseen := [need for need in claim.partly if need in self._index.unseen]:
            verdict = _in_part(claim, verdict, unseen)
        figures: dict[str, Figure] = {**verdict.figures, "resolution_s": self._observed_every}
        summary = verdict.summary
        if claim.derived and verdict.outcome is Outcome.HOLDS:
            seen = f"seen every {self._observed_every:g} s"
            summary += f" (derived from the servers' states, {seen}; no guest was asked)"
        return replace(verdict, summary=summary, figures=MappingProxyType(figures))

    def _with_old_numbers(self, verdict: Verdict) -> Verdict:
        violations = tuple(
            replace(violation, events=tuple(self._old_numbers.get(seq, seq) for seq in violation.events))
            for violation in verdict.violations
        )
        return replace(verdict, violations=violations)


def _could_not_observe(unseen: Sequence[str]) -> str:
    return f"could not observe {' and '.join(_DESCRIPTIONS.get(need, f'{need} events') for need in unseen)}"


def _in_part(claim: Claim, rest: Verdict, unseen: Sequence[str]) -> Verdict:
    """Return the verdict on a claim of which only the ``rest`` could be judged."""
    if rest.outcome not in _PASSED:
        return rest
    left_out = " and ".join(dict.fromkeys(claim.partly[need] for need in unseen))
    remark = "was judged and holds" if rest.outcome is Outcome.HOLDS else f"had nothing to judge ({rest.summary})"
    text = f"{_could_not_observe(unseen)}: {left_out} was not judged; the rest of the claim {remark}"
    return replace(rest, outcome=Outcome.UNKNOWN, summary=text, unobserved=True)


def _certain(seen: Verdict, emitted: Verdict) -> Verdict:
    """Return the verdict that holds for both orders of the messages: as they were seen, and as they were emitted."""
    for verdict in (seen, emitted):
        if verdict.outcome is Outcome.UNKNOWN:
            return verdict
    if seen.outcome in _PASSED and emitted.outcome in _PASSED:
        return emitted if seen.outcome is Outcome.NOT_APPLICABLE else seen
    shared = {(violation.subject, frozenset(violation.events)) for violation in emitted.violations}
    certain = tuple(each for each in seen.violations if (each.subject, frozenset(each.events)) in shared)
    if certain:
        return replace(seen, violations=certain, summary=certain[0].message)
    doubtful = seen if seen.violations else emitted
    text = f"could not observe which came first: {doubtful.summary}"
    return Verdict(seen.claim, Outcome.UNKNOWN, text, figures=doubtful.figures, unobserved=True)


def reordered(events: Sequence[Event]) -> tuple[list[Event], Mapping[int, int]] | None:
    """Return the events with every message at the time of its emission, and the old number of each by its new one.

    None if every message was seen where it was emitted. All other events keep their order, even if an event has an
    earlier time than the event before it: the findings of a poll of the cloud are recorded before the reply that caused
    the poll, and the reply is passed on after the poll.
    """
    if not any(_emitted_at(event) for event in events):
        return None
    moved: list[tuple[datetime, Event]] = []
    recorded_at = events[0].at
    for event in events:
        recorded_at = max(recorded_at, event.at)
        emitted_at = _emitted_at(event)
        moved.append((recorded_at, event) if emitted_at is None else (emitted_at, replace(event, at=emitted_at)))
    moved.sort(key=lambda pair: (pair[0], pair[1].seq))
    new = {event.seq: number for number, (_, event) in enumerate(moved, start=1)}
    renumbered = [
        replace(event, seq=new[event.seq], cause=None if event.cause is None else new.get(event.cause))
        for _, event in moved
    ]
    return renumbered, {number: old for old, number in new.items()}


def _emitted_at(event: Event) -> datetime | None:
    """Return the time when a message was emitted (UTC), if it was seen elsewhere and later."""
    emitted = read_time(event.data.get("emitted_at")) if event.kind == kinds.NOTIFICATION else None
    return None if emitted is None else min(max(emitted, event.at - LONGEST_DELAY), event.at)
