"""The messages to the admin about a session's progress are consistent."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedSession
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, omission, violation
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import SESSION_EVENT

_DONE, _FAILED = "MAINTENANCE_DONE", "MAINTENANCE_FAILED"


@claim(topic=Topic.SESSIONS, source="Fenix API reference", needs=(kinds.NOTIFICATION, kinds.SESSION_STATE))
def progress_is_consistent(index: HistoryIndex) -> Verdict:
    """The percent_done of a session is from 0 to 100, never falls, and is 100 in MAINTENANCE_DONE.

    No message follows MAINTENANCE_DONE or MAINTENANCE_FAILED, and there is a message about every state that the admin
    saw. The claim is not applicable to an admin tool that sends no such messages; Fenix sends them.
    """
    sessions = index.require_sessions()
    messages = index.messages.about_sessions
    if not messages and index.expectations.reports_progress:
        raise CannotTell(f"the history has no {SESSION_EVENT}")
    violations = [found for session in sessions.values() for found in _session(index, session)] if messages else []
    return progress_is_consistent.conclude(
        violations,
        f"{len(messages)} messages, each consistent",
        {"events": len(messages)},
        nothing="" if messages else "this admin tool reports no progress",
    )


def _session(index: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    name = index.name(session.session_id)
    messages = index.messages.about_session.get(session.session_id, ())
    highest: tuple[float, Event] | None = None
    end: Event | None = None
    for event in messages:
        state, percent = str(event.data["state"]), _percent(event)
        if end is not None:
            yield violation(
                f"{name} was reported {state} after {end.data['state']}; allowed: nothing after it", name, end, event
            )
        if percent is None:
            shown = event.data.get("percent_done")
            yield violation(f"percent_done of {name} in {state} is {shown!r}; allowed: 0 to 100", name, event)
            continue
        if highest is not None and percent < highest[0]:
            yield violation(
                f"percent_done of {name} is {percent:g} in {state}; allowed: {highest[0]:g} or more, as before",
                name,
                highest[1],
                event,
            )
        else:
            highest = (percent, event)
        if state == _DONE and percent != 100:
            yield violation(f"percent_done of {name} in {state} is {percent:g}; due: 100", name, event)
        if state in (_DONE, _FAILED):
            end = event
    reported = {str(event.data["state"]) for event in messages}
    for seen in session.states:
        if str(seen.data["state"]) not in reported:
            yield omission(
                f"the admin saw {name} in {seen.data['state']}, which was not reported; due: a message about it",
                name,
                seen,
            )


def _percent(event: Event) -> float | None:
    try:
        percent = float(event.data.get("percent_done", ""))
    except (OverflowError, TypeError, ValueError):
        return None
    return percent if 0 <= percent <= 100 else None
