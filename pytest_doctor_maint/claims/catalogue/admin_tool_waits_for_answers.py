"""The admin tool acts after the projects agreed, and not before the start of the maintenance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.messages import INSTANCE_STEPS
from pytest_doctor_maint.claims.index.moves import Move
from pytest_doctor_maint.claims.index.observed import ObservedHostMessage, ObservedMessage, ObservedSession
from pytest_doctor_maint.claims.pending import Pending
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import ANSWERED, Step

#: These steps are sent to all projects, and nothing else happens before all of them have agreed.
_STEPS_OF_ALL_PROJECTS = (Step.MAINTENANCE, Step.DOWN_SCALE)


@claim(
    topic=Topic.MESSAGES,
    source="use case",
    needs=(kinds.SESSION_CREATED, kinds.NOTIFICATION, kinds.SERVER, kinds.COMPUTE),
    partly={
        kinds.REPLY: "what must wait for the ACK of a project",
        HOST_MESSAGES: "when the messages about computes were sent",
    },
)
def admin_tool_waits_for_answers(index: HistoryIndex) -> Verdict:
    """Before maintenance_at only MAINTENANCE is sent, and what a message announces waits for the project's ACK.

    Before ``maintenance_at`` there is no other message, no migration, no disabled compute and no work. A message to a
    project comes after the ACK of the message before it, a compute's IN_MAINTENANCE after the ACKs of all messages that
    concern it, and an instance is moved once for each ACK of a PREPARE or PLANNED message that is about it.
    """
    sessions = index.require_sessions()
    works: dict[str, list[Event]] = defaultdict(list)
    for event in index.of(kinds.HOST_WORK):
        works[str(event.data["session_id"])].append(event)
    violations: list[Violation] = []
    for session in sessions.values():
        violations += _before_the_start(index, session, works[session.session_id])
        violations += _before_the_ack(index, session)
    violations += _moves(index)
    moves, messages = len(index.admin_moves), len(index.messages.about_hosts)
    did_something = moves or messages or index.messages.to_projects or index.of(kinds.HOST_WORK)
    return admin_tool_waits_for_answers.conclude(
        violations,
        f"{moves} moves and {messages} messages about computes, each after its ACK",
        {"moves": moves},
        nothing="" if did_something else "the admin tool did nothing",
    )


def _before_the_start(index: HistoryIndex, session: ObservedSession, works: list[Event]) -> Iterator[Violation]:
    start = session.maintenance_at
    if start is None:
        return
    for event, what, subject in _acts(index, session, works, index.last_earlier_than(start)):
        if event.at < start:
            ahead = (start - event.at).total_seconds()
            yield violation(
                f"{what} {ahead:g} s before the start of the maintenance; allowed: from {start:%H:%M:%S} on",
                subject,
                session.created,
                event,
            )


def _acts(
    index: HistoryIndex, session: ObservedSession, works: list[Event], until: int
) -> Iterator[tuple[Event, str, str]]:
    """Yield all that must wait for the start of the maintenance: the event, a description, and the subject.

    What happens on a compute is looked for up to event ``until`` only, because several sessions may be about it.
    """
    since = session.created.seq + 1
    for message in index.messages.of_session(session.session_id):
        if message.step is not Step.MAINTENANCE:
            yield message.event, f"{message.word} was sent", index.name(message.project_id)
    for about_host in index.messages.hosts_of_session(session.session_id):
        yield about_host.event, f"{about_host.word} of {about_host.host} was sent", about_host.host
    for event in works:
        yield event, f"work on {event.data['host']} {event.data['phase']}", str(event.data["host"])
    for host in dict.fromkeys(session.hosts):
        for move in index.admin_moves.from_host(host, since, until):
            server = index.name(move.server_id)
            yield move.started, f"{move.action} of {server} from {host} started", server
        track = index.cloud.computes.get(host)
        for before, event in pairwise(() if track is None else track.during(since, until)):
            if before.data["status"] == "enabled" and event.data["status"] == "disabled":
                yield event, f"nova-compute on {host} was disabled", host


def _before_the_ack(index: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    if kinds.REPLY in index.unseen:
        return
    pending = Pending(index)
    for message in index.messages.all_of_session(session.session_id):
        # A session that fails may still report that a compute is back in use.
        if message.step is Step.MAINTENANCE_COMPLETE and isinstance(message, ObservedHostMessage):
            continue
        for earlier in pending.before(message):
            if _must_wait(index, message, earlier):
                what = message.host if isinstance(message, ObservedHostMessage) else index.name(message.project_id)
                yield violation(
                    f"{message.word} for {what} was sent before {index.name(earlier.project_id)} agreed to "
                    f"{earlier.word}; allowed: after the ACK",
                    what,
                    earlier.event,
                    message.event,
                )
                # The oldest is enough: each message could otherwise be reported with each one before it.
                break
        if isinstance(message, ObservedMessage) and message.step in ANSWERED:
            pending.add(message)


def _must_wait(index: HistoryIndex, message: ObservedMessage | ObservedHostMessage, earlier: ObservedMessage) -> bool:
    """Return True if ``message`` may not be sent while ``earlier`` has no ACK."""
    if message.step is earlier.step and isinstance(message, ObservedMessage):
        # A step is sent to all projects at once, and one project may be asked about several instances at once.
        if message.project_id != earlier.project_id:
            return False
        return earlier.step not in INSTANCE_STEPS or _share_instances(index, message, earlier)
    if earlier.step in _STEPS_OF_ALL_PROJECTS:
        return True
    if isinstance(message, ObservedHostMessage):
        instances = index.messages.instances_of(earlier)
        there = index.cloud.on_host(message.host, message.seq)
        return instances is None or any(server_id in there for server_id in instances)
    if message.step in INSTANCE_STEPS and index.expectations_of(earlier.session_id).is_parallel:
        return _share_instances(index, message, earlier)
    if message.step is Step.ADMIN_ACTION_DONE:
        return message.project_id == earlier.project_id and _share_instances(index, message, earlier)
    return True


def _share_instances(index: HistoryIndex, message: ObservedMessage, earlier: ObservedMessage) -> bool:
    """Return True if both messages are about the same instance, or may be, as the instances of one are not known."""
    mine, others = index.messages.instances_of(message), index.messages.instances_of(earlier)
    return mine is None or others is None or not set(mine).isdisjoint(others)


def _moves(index: HistoryIndex) -> Iterator[Violation]:
    used: dict[tuple[int, str], Move] = {}
    for move in index.admin_moves:
        server = index.name(move.server_id)
        owner = index.name(index.cloud.project_of(move.server_id))
        what = f"{move.action} of {server} from {move.source}"
        message = index.message_before(move)
        if message is None:
            yield violation(
                f"{what} started without a message about it to {owner}; allowed: after the ACK of one",
                server,
                move.started,
            )
            continue
        reply = index.messages.agreement(message)
        is_late = reply is None or reply.seq > move.started.seq
        if is_late and kinds.REPLY not in index.unseen:
            late = () if reply is None else (reply.event,)
            yield violation(
                f"{what} started before {owner} agreed to {message.word}; allowed: after the ACK",
                server,
                message.event,
                move.started,
                *late,
            )
        earlier = used.get((message.seq, move.server_id))
        if earlier is not None and earlier.succeeded:
            yield violation(
                f"{what} was the second move after one {message.word}; allowed: one",
                server,
                earlier.started,
                move.started,
            )
        used[(message.seq, move.server_id)] = move
