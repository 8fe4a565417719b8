"""Every project with instances on the computes is notified of the maintenance, and no other project."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedSession
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import Step


@claim(
    topic=Topic.MESSAGES,
    source="use case",
    needs=(kinds.SESSION_CREATED, kinds.NOTIFICATION, kinds.SERVER),
)
def every_project_is_notified(index: HistoryIndex) -> Verdict:
    """Every project with instances on a session's computes gets MAINTENANCE, and no other project gets any message.

    MAINTENANCE_COMPLETE goes to all of them, and so does DOWN_SCALE, if it is sent. A session that failed need not send
    MAINTENANCE_COMPLETE.
    """
    index.require_end()
    sessions = index.require_sessions()
    violations = [found for session in sessions.values() for found in _session(index, session)]
    notified = {
        (message.session_id, message.project_id)
        for message in index.messages.to_projects
        if message.step is Step.MAINTENANCE
    }
    return every_project_is_notified.conclude(
        violations,
        f"{len(notified)} projects notified",
        {"projects": len(notified)},
        nothing="" if notified else "no project had instances on the computes of a session",
    )


def _session(index: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    concerned = _concerned(index, session)
    steps = [Step.MAINTENANCE]
    if index.messages.of_session(session.session_id, Step.DOWN_SCALE):
        steps.append(Step.DOWN_SCALE)
    if session.failed is None:
        steps.append(Step.MAINTENANCE_COMPLETE)
    for step in steps:
        notified = {message.project_id for message in index.messages.of_session(session.session_id, step)}
        for project_id, host in concerned.items():
            if project_id not in notified:
                project = index.name(project_id)
                yield violation(
                    f"{project} has instances on {host} and did not get {step}; due: once or more",
                    project,
                    session.created,
                )
    for message in index.messages.of_session(session.session_id):
        if message.project_id not in concerned:
            project = index.name(message.project_id)
            yield violation(
                f"{project} got {message.word}; allowed: projects with instances on the session's computes",
                project,
                message.event,
            )


def _concerned(index: HistoryIndex, session: ObservedSession) -> dict[str, str]:
    """Return the projects with instances on the session's computes when it begins, each with one of its computes."""
    first = index.messages.of_session(session.session_id, Step.MAINTENANCE)
    begin = min([session.created.seq, *(message.seq for message in first)])
    found: dict[str, str] = {}
    for host in session.hosts:
        for state in index.cloud.on_host(host, begin).values():
            found.setdefault(str(state.data["project_id"]), host)
    return found
