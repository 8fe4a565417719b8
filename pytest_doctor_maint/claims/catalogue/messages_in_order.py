"""Every project and the Inspector are told the steps in the order of the use case."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedHostMessage, ObservedMessage, ObservedSession
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import Event, History
from pytest_doctor_maint.protocol import Step

CLAIM = "messages_in_order"


def check(history: History) -> Verdict:
    """Per project: MAINTENANCE, [DOWN_SCALE], [PREPARE], PLANNED…, MAINTENANCE_COMPLETE, and ADMIN_ACTION_DONE only
    after PREPARE or PLANNED. Fenix may repeat DOWN_SCALE when some instance has gone since, but not enough. Per
    compute: IN_MAINTENANCE, then MAINTENANCE_COMPLETE. Nothing after the end. A session that failed stops: only
    computes that are out of use may still be reported back.
    """
    facts = index_of(history)
    sessions = facts.some_sessions
    violations: list[Violation] = []
    for session in sessions.values():
        violations += _projects(facts, session)
        violations += _hosts(facts, session)
        violations += _after_the_end(facts, session)
    everything: list[ObservedMessage | ObservedHostMessage] = [*facts.notices, *facts.host_notices]
    violations += [
        violation(
            f"{notice.word} in session {notice.session_id}, which nobody created", notice.session_id, notice.event
        )
        for notice in everything
        if notice.session_id not in sessions
    ]
    total = len(facts.notices) + len(facts.host_notices)
    return conclude(CLAIM, violations, f"{total} messages in order", {"messages": total, "sessions": len(sessions)})


def _projects(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    last: dict[str, ObservedMessage] = {}
    follows = facts.expectations_of(session.session_id).follows
    for notice in facts.notices_of(session.session_id):
        project = facts.name(notice.project_id)
        previous = last.get(notice.project_id)
        allowed = follows[None if previous is None else previous.step]
        shown = (notice.event,) if previous is None else (previous.event, notice.event)
        if notice.step is None or notice.step is Step.IN_MAINTENANCE:
            yield violation(f"{project} was told {notice.word}, which is no step for a project", project, *shown)
            continue
        if notice.step not in allowed:
            after = "at first" if previous is None else f"after {previous.word}"
            words = " or ".join(allowed) or "nothing"
            yield violation(f"{project} was told {notice.word} {after}; allowed: {words}", project, *shown)
        elif previous is not None and _asks_in_vain(facts, session, previous, notice):
            text = f"{project} was told {notice.word} again, although nothing was scaled down in between"
            yield violation(text, project, *shown)
        if notice.step is not Step.ADMIN_ACTION_DONE:
            last[notice.project_id] = notice
    if session.failed is None:
        for project_id, notice in last.items():
            if notice.step is not Step.MAINTENANCE_COMPLETE:
                name = facts.name(project_id)
                yield violation(
                    f"the last step that {name} was told is {notice.word}; due: MAINTENANCE_COMPLETE",
                    name,
                    notice.event,
                )


def _asks_in_vain(
    facts: HistoryIndex, session: ObservedSession, previous: ObservedMessage, notice: ObservedMessage
) -> bool:
    """Whether DOWN_SCALE is repeated, and no instance, of any project, has left the session's computes in between."""
    if not notice.step is previous.step is Step.DOWN_SCALE:
        return False
    before, after = (
        {server for host in session.hosts for server in facts.on_host(host, seq)} for seq in (previous.seq, notice.seq)
    )
    return before <= after


def _hosts(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    out: dict[str, ObservedHostMessage] = {}
    for notice in facts.host_notices_of(session.session_id):
        host = notice.host
        if host not in session.hosts:
            yield violation(f"{notice.word} of {host}, which is not in the session", host, notice.event)
        if notice.step is Step.IN_MAINTENANCE:
            if host in out:
                yield violation(f"{host} was IN_MAINTENANCE already", host, out[host].event, notice.event)
            out[host] = notice
        elif notice.step is Step.MAINTENANCE_COMPLETE:
            if out.pop(host, None) is None:
                yield violation(f"MAINTENANCE_COMPLETE of {host}, which was not IN_MAINTENANCE", host, notice.event)
        else:
            yield violation(f"{notice.word} of {host} is no step for a compute", host, notice.event)
    if session.failed is None:
        for host, notice in out.items():
            yield violation(f"{host} was IN_MAINTENANCE and never MAINTENANCE_COMPLETE", host, notice.event)


def _after_the_end(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    completes = facts.notices_of(session.session_id, Step.MAINTENANCE_COMPLETE)
    refusals = [answer for answer in facts.answers if answer.refuses and answer.session_id == session.session_id]
    ends: list[tuple[Event, str]] = [
        (notice.event, f"{facts.name(notice.project_id)} was told that it is complete") for notice in completes[:1]
    ]
    messages = facts.messages_of(session.session_id)
    for end, why in ends:
        for notice in messages:
            if notice.seq > end.seq and notice.step is not Step.MAINTENANCE_COMPLETE:
                yield violation(f"{notice.word} after {why}", facts.name(notice.project_id), end, notice.event)
    stops: list[tuple[Event, str]] = [
        (answer.event, f"{facts.name(answer.project_id)} answered {answer.state}") for answer in refusals
    ]
    stops += [(event, "the session had failed") for event in (session.failed,) if event is not None]
    stops += [(event, "the session was deleted") for event in (session.deleted,) if event is not None]
    for stop, why in sorted(stops, key=lambda pair: pair[0].seq)[:1]:
        for notice in messages:
            closes = isinstance(notice, ObservedHostMessage) and notice.step is Step.MAINTENANCE_COMPLETE
            if notice.seq > stop.seq and not closes:
                yield violation(f"{notice.word} after {why}", facts.name(notice.project_id), stop, notice.event)
