"""What the admin hears of a session's progress fits together."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedSession
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import Event, History
from pytest_doctor_maint.protocol import SESSION_EVENT

CLAIM = "progress_is_consistent"
DONE, FAILED = "MAINTENANCE_DONE", "MAINTENANCE_FAILED"


def check(history: History) -> Verdict:
    """Each ``maintenance.session`` event has a ``percent_done`` from 0 to 100 that never falls, and is 100 when the
    state is MAINTENANCE_DONE, after which nothing follows, as nothing does after MAINTENANCE_FAILED. Every state that
    the admin saw was told. An admin tool that has no such events has nothing to keep; Fenix has them.
    """
    facts = index_of(history)
    sessions = facts.some_sessions
    told = facts.session_notices
    if not told and facts.expectations.tells_progress:
        raise CannotTell(f"the history has no {SESSION_EVENT}")
    violations = [found for session in sessions.values() for found in _session(facts, session)] if told else []
    holds = f"{len(told)} events, each consistent" if told else "this admin tool tells no progress"
    return conclude(CLAIM, violations, holds, {"events": len(told)})


def _session(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    name = facts.name(session.session_id)
    told = [event for event in facts.session_notices if event.data["session_id"] == session.session_id]
    highest: tuple[float, Event] | None = None
    over: Event | None = None
    for event in told:
        state, percent = str(event.data["state"]), _percent(event)
        if over is not None:
            yield violation(f"{name} was told to be {state} after {over.data['state']}", name, over, event)
        if percent is None:
            shown = event.data.get("percent_done")
            yield violation(f"percent_done of {name} in {state} is {shown!r}; allowed: 0 to 100", name, event)
            continue
        if highest is not None and percent < highest[0]:
            yield violation(
                f"percent_done of {name} fell from {highest[0]:g} to {percent:g} in {state}", name, highest[1], event
            )
        else:
            highest = (percent, event)
        if state == DONE and percent != 100:
            yield violation(f"{name} is {state} at {percent:g} %; due: 100", name, event)
        if state in (DONE, FAILED):
            over = event
    states = [str(event.data["state"]) for event in told]
    for seen in session.states:
        if str(seen.data["state"]) not in states:
            yield violation(f"the admin saw {seen.data['state']} of {name}, which no event told", name, seen)


def _percent(event: Event) -> float | None:
    try:
        percent = float(event.data.get("percent_done", ""))
    except (TypeError, ValueError):
        return None
    return percent if 0 <= percent <= 100 else None
