"""Every compute of a session is maintained, once, and really worked on."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedSession
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import Step

CLAIM = "each_compute_is_maintained_once"


def check(history: History) -> Verdict:
    """Every host that the admin named has exactly one IN_MAINTENANCE and one MAINTENANCE_COMPLETE, and between them
    the work on it, once from its start to its end (where the history shows the work at all).
    """
    facts = index_of(history)
    _ = facts.end
    sessions = facts.some_sessions
    violations = [
        found for session in sessions.values() for host in session.hosts for found in _once(facts, session, host)
    ]
    hosts = sum(len(session.hosts) for session in sessions.values())
    return conclude(CLAIM, violations, f"{hosts} computes, each maintained once", {"computes": hosts})


def _once(facts: HistoryIndex, session: ObservedSession, host: str) -> Iterator[Violation]:
    last = session.states[-1] if session.states else session.created
    marks = {}
    for step in (Step.IN_MAINTENANCE, Step.MAINTENANCE_COMPLETE):
        found = [notice for notice in facts.host_notices_of(session.session_id, step) if notice.host == host]
        if not found:
            yield violation(f"{host} was never {step}", host, session.created, last)
        if len(found) > 1:
            yield violation(f"{host} was {step} {len(found)} times; allowed: once", host, *(n.event for n in found))
        if found:
            marks[step] = found[0].event
    works = [event for event in facts.of(kinds.HOST_WORK) if event.data["session_id"] == session.session_id]
    if not works:
        return
    for phase in ("started", "ended"):
        mine = [event for event in works if event.data["host"] == host and event.data["phase"] == phase]
        if not mine:
            yield violation(f"the work on {host} never {phase}", host, session.created, last)
        if len(mine) > 1:
            yield violation(f"the work on {host} {phase} {len(mine)} times; allowed: once", host, *mine)
        for event in mine:
            begin, end = marks.get(Step.IN_MAINTENANCE, event), marks.get(Step.MAINTENANCE_COMPLETE, event)
            inside = begin.seq <= event.seq <= end.seq
            if not inside:
                yield violation(f"the work on {host} {phase} while it was not IN_MAINTENANCE", host, event)
