"""Every session ends well and is cleared away."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedSession
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import ANSWERED, Action

CLAIM = "sessions_end_well"


def check(history: History) -> Verdict:
    """The admin saw MAINTENANCE_DONE as the last state of every session, and deleted it afterwards."""
    facts = index_of(history)
    _ = facts.end
    sessions = facts.some_sessions
    violations = [found for session in sessions.values() for found in _ended(facts, session)]
    durations = [
        (session.done.at - session.created.at).total_seconds()
        for session in sessions.values()
        if session.done is not None
    ]
    figures: dict[str, float | int | str] = {"sessions": len(sessions)}
    if durations:
        figures["longest_session_s"] = round(max(durations), 6)
    return conclude(CLAIM, violations, f"{len(sessions)} sessions done and deleted", figures)


def _ended(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    name = facts.name(session.session_id)
    last = session.states[-1] if session.states else session.created
    if session.failed is not None:
        yield violation(f"{name} failed: {why_failed(facts, session)}", name, session.failed)
    elif session.done is None or last is not session.done:
        state = last.data.get("state", "never seen")
        yield violation(f"the last state of {name} is {state}; due: MAINTENANCE_DONE", name, last)
    if session.deleted is None:
        yield violation(f"{name} was not deleted", name, last, facts.end)
    elif session.deleted.seq < last.seq:
        yield violation(f"{name} was deleted before its end", name, session.deleted, last)


def why_failed(facts: HistoryIndex, session: ObservedSession) -> str:
    """The reason that the admin was told, else what the answers show."""
    if session.failed is not None and (reason := session.failed.data.get("reason")):
        return str(reason)
    for answer in facts.answers:
        if answer.session_id == session.session_id and not answer.agrees:
            return f"{facts.name(answer.project_id)} answered {answer.state}"
    for notice in facts.notices_of(session.session_id, *ANSWERED):
        agreed = facts.agreed(notice)
        if agreed is None:
            return f"{facts.name(notice.project_id)} did not answer {notice.word}"
        for server_id, action in agreed.actions.items():
            if action != Action.OWN_ACTION and not any(
                move.server_id == server_id and move.succeeded and move.started.seq > agreed.seq
                for move in facts.admin_moves
            ):
                return f"{action} of {facts.name(server_id)} was offered and agreed on, and was not done"
    return "the history does not tell why"
