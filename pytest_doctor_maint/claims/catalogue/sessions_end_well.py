"""Every session is completed and deleted."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedSession
from pytest_doctor_maint.claims.verdict import Figure, Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import ANSWERED, Action


@claim(
    topic=Topic.SESSIONS,
    source="use case, Fenix API reference",
    needs=(kinds.SESSION_CREATED, kinds.SESSION_STATE, kinds.SESSION_DELETED),
)
def sessions_end_well(index: HistoryIndex) -> Verdict:
    """The last state of every session that the admin saw is MAINTENANCE_DONE, and the session was deleted after it."""
    end = index.require_end()
    sessions = index.require_sessions()
    violations = [found for session in sessions.values() for found in _session(index, session, end)]
    durations = [
        (session.done.at - session.created.at).total_seconds()
        for session in sessions.values()
        if session.done is not None
    ]
    figures: dict[str, Figure] = {"sessions": len(sessions)}
    if durations:
        figures["longest_session_s"] = round(max(durations), 6)
    return sessions_end_well.conclude(violations, f"{len(sessions)} sessions done and deleted", figures)


def _session(index: HistoryIndex, session: ObservedSession, end: Event) -> Iterator[Violation]:
    name = index.name(session.session_id)
    last = session.last_seen
    if session.failed is not None:
        reason = _why_failed(index, session, session.failed)
        yield violation(f"{name} failed: {reason}; due: MAINTENANCE_DONE", name, session.failed)
    elif session.done is None or last is not session.done:
        state = last.data.get("state", "unknown, as none was seen")
        yield violation(f"the last state of {name} is {state}; due: MAINTENANCE_DONE", name, last)
    if session.deleted is None:
        yield violation(f"{name} was not deleted; due: deleted after its end", name, last, end)
    elif session.deleted.seq < last.seq:
        yield violation(
            f"{name} was deleted before its last state; allowed: after its end", name, session.deleted, last
        )


def _why_failed(index: HistoryIndex, session: ObservedSession, failed: Event) -> str:
    """Return the reason that the admin was given, else what the replies show."""
    if reason := failed.data.get("reason"):
        return str(reason)
    for reply in index.messages.replies_in.get(session.session_id, ()):
        if not reply.agrees:
            return f"{index.name(reply.project_id)} answered {reply.state}"
    for message in index.messages.of_session(session.session_id, *ANSWERED):
        agreed = index.messages.agreement(message)
        if agreed is None:
            return f"{index.name(message.project_id)} did not answer {message.word}"
        for server_id, action in agreed.actions.items():
            if action != Action.OWN_ACTION and not _was_moved(index, server_id, agreed.seq):
                return f"{action} of {index.name(server_id)} was offered and agreed on, and was not done"
    return "the history does not show why"


def _was_moved(index: HistoryIndex, server_id: str, since: int) -> bool:
    return any(move.succeeded for move in index.moves.of(server_id, since + 1, index.last.seq))
