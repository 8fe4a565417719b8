"""When the admin tool refuses a request, it says what is wrong with the request."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds

#: The lowest HTTP status of a server's own failure.
_SERVER_ERROR = 500
#: Fenix's status for too many sessions.
_TOO_MANY_SESSIONS = 509


@claim(
    topic=Topic.SESSIONS,
    source="Fenix API reference",
    needs=(kinds.SESSION_CREATED,),
    partly={kinds.REPLY_REFUSED: "the refusal of replies"},
)
def refusals_are_clear(index: HistoryIndex) -> Verdict:
    """The admin tool refuses a session or a reply with a status below 500, and each refusal says why.

    Fenix's 509 (too many sessions) is allowed for a session.
    """
    index.require_sessions()
    refusals = [*index.of(kinds.REPLY_REFUSED), *index.of(kinds.SESSION_REFUSED)]
    violations = [found for event in refusals for found in _refusal(index, event)]
    return refusals_are_clear.conclude(
        violations,
        f"{len(refusals)} refusals, each clear",
        {"refusals": len(refusals)},
        nothing="" if refusals else "the admin tool refused nothing",
    )


def _refusal(index: HistoryIndex, event: Event) -> Iterator[Violation]:
    is_session = event.kind == kinds.SESSION_REFUSED
    what = "a session" if is_session else "a reply"
    status = int(event.data["status"])
    events = [event] if event.cause is None else [index.event(event.cause), event]
    if status >= _SERVER_ERROR and not (status == _TOO_MANY_SESSIONS and is_session):
        yield violation(
            f"the admin tool answered {what} with {status}; allowed: a status from 400 to 499",
            "the admin tool",
            *events,
        )
    elif not event.data["error"]:
        yield violation(
            f"the admin tool refused {what} with {status} and no reason; due: a reason", "the admin tool", *events
        )
