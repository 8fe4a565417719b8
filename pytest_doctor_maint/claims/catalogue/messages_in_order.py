"""Every project and the Inspector get the steps in the order of the use case."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedHostMessage, ObservedMessage, ObservedSession
from pytest_doctor_maint.claims.verdict import Verdict, Violation, omission, violation
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import Step


@claim(
    topic=Topic.MESSAGES,
    source="use case",
    needs=(kinds.SESSION_CREATED, kinds.NOTIFICATION),
    partly={
        kinds.REPLY: "what follows a NACK",
        HOST_MESSAGES: "the order of the messages about computes",
    },
)
def messages_in_order(index: HistoryIndex) -> Verdict:
    """Each project gets MAINTENANCE, [DOWN_SCALE], [PREPARE], PLANNED…, MAINTENANCE_COMPLETE, in this order.

    ADMIN_ACTION_DONE comes only after PREPARE or PLANNED. Fenix may repeat DOWN_SCALE if an instance has gone since.
    Each compute has IN_MAINTENANCE, then MAINTENANCE_COMPLETE. Nothing follows the end. A session that failed stops: it
    may only report that computes are back in use.
    """
    sessions = index.require_sessions()
    messages = index.messages
    violations: list[Violation] = []
    for session in sessions.values():
        violations += _projects(index, session)
        violations += _hosts(index, session)
        violations += _after_complete(index, session)
        violations += _after_stop(index, session)
    everything: list[ObservedMessage | ObservedHostMessage] = [*messages.to_projects, *messages.about_hosts]
    violations += [
        violation(
            f"{message.word} was sent in session {message.session_id}, which was never created; allowed: a session "
            "that exists",
            message.session_id,
            message.event,
        )
        for message in everything
        if message.session_id not in sessions
    ]
    return messages_in_order.conclude(
        violations,
        f"{len(everything)} messages in order",
        {"messages": len(everything), "sessions": len(sessions)},
        nothing="" if everything else "no message was sent",
    )


def _projects(index: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    last: dict[str, ObservedMessage] = {}
    for message in index.messages.of_session(session.session_id):
        project = index.name(message.project_id)
        previous = last.get(message.project_id)
        events = (message.event,) if previous is None else (previous.event, message.event)
        if message.step is None or message.step is Step.IN_MAINTENANCE:
            yield violation(f"{project} got {message.word}; allowed: steps for a project", project, *events)
            continue
        yield from _follows(index, session, previous, message)
        if message.step is not Step.ADMIN_ACTION_DONE:
            last[message.project_id] = message
    if session.failed is None:
        for project_id, message in last.items():
            if message.step is not Step.MAINTENANCE_COMPLETE:
                project = index.name(project_id)
                yield omission(
                    f"the last step of {project} is {message.word}; due: MAINTENANCE_COMPLETE", project, message.event
                )


def _follows(
    index: HistoryIndex, session: ObservedSession, previous: ObservedMessage | None, message: ObservedMessage
) -> Iterator[Violation]:
    project = index.name(message.project_id)
    allowed = index.expectations_of(session.session_id).follows[None if previous is None else previous.step]
    events = (message.event,) if previous is None else (previous.event, message.event)
    if message.step not in allowed:
        after = "first" if previous is None else f"after {previous.word}"
        words = " or ".join(allowed) or "nothing"
        yield violation(f"{project} got {message.word} {after}; allowed: {words}", project, *events)
    elif previous is not None and _asks_again_in_vain(index, session, previous, message):
        yield violation(
            f"{project} got {message.word} again although no instance has gone since; allowed: after one has gone",
            project,
            *events,
        )


def _asks_again_in_vain(
    index: HistoryIndex, session: ObservedSession, previous: ObservedMessage, message: ObservedMessage
) -> bool:
    """Return True if DOWN_SCALE is repeated and no instance, of any project, left the session's computes in between."""
    if not message.step is previous.step is Step.DOWN_SCALE:
        return False
    before, after = (
        {server_id for host in session.hosts for server_id in index.cloud.on_host(host, seq)}
        for seq in (previous.seq, message.seq)
    )
    return before <= after


def _hosts(index: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    entered: dict[str, ObservedHostMessage] = {}
    known = frozenset(session.hosts)
    for message in index.messages.hosts_of_session(session.session_id):
        host = message.host
        if host not in known:
            hosts = ", ".join(session.hosts) or "none"
            yield violation(f"{message.word} of {host} was sent; allowed: {hosts}", host, message.event)
        if message.step is Step.IN_MAINTENANCE:
            if host in entered:
                yield violation(
                    f"IN_MAINTENANCE of {host} was sent twice; allowed: MAINTENANCE_COMPLETE between them",
                    host,
                    entered[host].event,
                    message.event,
                )
            entered[host] = message
        elif message.step is Step.MAINTENANCE_COMPLETE:
            if entered.pop(host, None) is None:
                yield violation(
                    f"MAINTENANCE_COMPLETE of {host} was sent; allowed: after its IN_MAINTENANCE", host, message.event
                )
        else:
            yield violation(
                f"{message.word} of {host} was sent; allowed: IN_MAINTENANCE and MAINTENANCE_COMPLETE",
                host,
                message.event,
            )
    if session.failed is None:
        for host, message in entered.items():
            yield omission(
                f"IN_MAINTENANCE of {host} was sent and nothing after it; due: MAINTENANCE_COMPLETE",
                host,
                message.event,
            )


def _after_complete(index: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    """Yield the messages after the first MAINTENANCE_COMPLETE to a project, except further MAINTENANCE_COMPLETE."""
    for complete in index.messages.of_session(session.session_id, Step.MAINTENANCE_COMPLETE)[:1]:
        for message in index.messages.all_of_session(session.session_id):
            if message.seq > complete.seq and message.step is not Step.MAINTENANCE_COMPLETE:
                yield violation(
                    f"{message.word} was sent after {index.name(complete.project_id)} got {complete.word}; allowed: "
                    "nothing else after it",
                    index.name(message.project_id),
                    complete.event,
                    message.event,
                )


def _after_stop(index: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    """Yield the messages after a NACK, a failure or the deletion of the session, whichever came first."""
    stops: list[tuple[Event, str]] = [
        (reply.event, f"{index.name(reply.project_id)} answered {reply.state}")
        for reply in index.messages.replies_in.get(session.session_id, ())
        if reply.refuses
    ]
    stops += [(event, "the session had failed") for event in (session.failed,) if event is not None]
    stops += [(event, "the session was deleted") for event in (session.deleted,) if event is not None]
    for stop, why in sorted(stops, key=lambda pair: pair[0].seq)[:1]:
        for message in index.messages.all_of_session(session.session_id):
            brings_back = isinstance(message, ObservedHostMessage) and message.step is Step.MAINTENANCE_COMPLETE
            if message.seq > stop.seq and not brings_back:
                yield violation(
                    f"{message.word} was sent after {why}; allowed: MAINTENANCE_COMPLETE of computes",
                    index.name(message.project_id),
                    stop,
                    message.event,
                )
