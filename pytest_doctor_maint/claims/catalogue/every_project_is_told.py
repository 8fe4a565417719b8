"""Who has instances on the computes is told of the maintenance, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedSession
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Step

CLAIM = "every_project_is_told"


def check(history: History) -> Verdict:
    """Every project with instances on a session's computes gets MAINTENANCE, and no other project does. DOWN_SCALE,
    when it is sent, and MAINTENANCE_COMPLETE go to all of them. Without any such project nobody has to be told.
    """
    facts = index_of(history)
    _ = facts.end
    sessions = facts.some_sessions
    violations = [found for session in sessions.values() for found in _told(facts, session)]
    told = len({(n.session_id, n.project_id) for n in facts.notices if n.step is Step.MAINTENANCE})
    return conclude(CLAIM, violations, f"{told} projects told", {"projects": told})


def _told(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    first = facts.notices_of(session.session_id, Step.MAINTENANCE)
    seen = min([session.created.seq, *(notice.seq for notice in first)])
    concerned: dict[str, str] = {}
    for host in session.hosts:
        for state in facts.on_host(host, seen).values():
            concerned.setdefault(str(state.data["project_id"]), host)
    steps = [Step.MAINTENANCE]
    if facts.notices_of(session.session_id, Step.DOWN_SCALE):
        steps.append(Step.DOWN_SCALE)
    if session.failed is None:
        steps.append(Step.MAINTENANCE_COMPLETE)
    for step in steps:
        told = [notice.project_id for notice in facts.notices_of(session.session_id, step)]
        for project_id, host in concerned.items():
            if project_id not in told:
                project = facts.name(project_id)
                yield violation(f"{project} has instances on {host} and was not told {step}", project, session.created)
    for notice in facts.notices_of(session.session_id):
        if notice.project_id not in concerned:
            project = facts.name(notice.project_id)
            yield violation(
                f"{project} has no instances on the session's computes and was told {notice.word}",
                project,
                notice.event,
            )
