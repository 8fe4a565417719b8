"""The admin tool acts after it was agreed to, and not before its time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pytest_doctor_maint.claims.index.cloud import Move
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedHostMessage, ObservedMessage, ObservedSession
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.protocol import ANSWERED, Step

CLAIM = "admin_tool_waits_for_answers"
ABOUT_INSTANCES = (Step.PREPARE_MAINTENANCE, Step.PLANNED_MAINTENANCE)
#: These go to all projects, and nothing goes on before all have agreed.
ABOUT_EVERYTHING = (Step.MAINTENANCE, Step.DOWN_SCALE)


def check(history: History) -> Verdict:
    """Before ``maintenance_at`` nothing but MAINTENANCE happens: no other message, no migration, no compute disabled,
    no work. A message to a project comes after the ACK of the one before it, a compute's IN_MAINTENANCE after the ACKs
    of all that concern it, and an instance is moved once for each ACK of a PREPARE or PLANNED message that is about it.
    """
    facts = index_of(history)
    sessions = facts.some_sessions
    violations: list[Violation] = []
    for session in sessions.values():
        violations += _not_before_the_start(facts, session)
        violations += _next_after_the_ack(facts, session)
    violations += _moves(facts)
    return conclude(
        CLAIM,
        violations,
        f"{len(facts.admin_moves)} moves and {len(facts.host_notices)} host messages, each after its answer",
        {"moves": len(facts.admin_moves)},
    )


def _not_before_the_start(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    start = session.maintenance_at
    if start is None:
        return
    early: list[tuple[Event, str, str]] = []
    for notice in facts.notices_of(session.session_id):
        if notice.step is not Step.MAINTENANCE:
            early.append((notice.event, notice.word, facts.name(notice.project_id)))
    early += [(n.event, f"{n.word} of {n.host}", n.host) for n in facts.host_notices_of(session.session_id)]
    early += [
        (event, f"work on {event.data['host']}", str(event.data["host"]))
        for event in facts.of(kinds.HOST_WORK)
        if event.data["session_id"] == session.session_id
    ]
    for move in facts.admin_moves:
        if move.source in session.hosts and move.started.seq > session.created.seq:
            server = facts.name(move.server_id)
            early.append((move.started, f"{move.action} of {server} from {move.source}", server))
    for host in session.hosts:
        track = facts.computes.get(host)
        states = track.events if track is not None else ()
        for before, event in pairwise(states):
            disabled = before.data["status"] == "enabled" and event.data["status"] == "disabled"
            if disabled and event.seq > session.created.seq:
                early.append((event, f"{host} was disabled", host))
    for event, what, subject in early:
        if event.at < start:
            ahead = (start - event.at).total_seconds()
            yield violation(
                f"{what} {ahead:g} s before the start; allowed: from {start:%H:%M:%S} on",
                subject,
                session.created,
                event,
            )


def _next_after_the_ack(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    pending: list[ObservedMessage] = []
    for message in facts.messages_of(session.session_id):
        pending = [notice for notice in pending if not _agreed_before(facts, notice, message.seq)]
        # A session that gives up may still report back a compute that is out of use.
        if message.step is Step.MAINTENANCE_COMPLETE and isinstance(message, ObservedHostMessage):
            continue
        for notice in pending:
            if _must_wait(facts, message, notice):
                what = message.host if isinstance(message, ObservedHostMessage) else facts.name(message.project_id)
                yield violation(
                    f"{message.word} for {what} came before {facts.name(notice.project_id)} agreed to {notice.word}",
                    what,
                    notice.event,
                    message.event,
                )
        if isinstance(message, ObservedMessage) and message.step in ANSWERED:
            pending.append(message)


def _agreed_before(facts: HistoryIndex, notice: ObservedMessage, seq: int) -> bool:
    answer = facts.agreed(notice)
    return answer is not None and answer.seq < seq


def _must_wait(facts: HistoryIndex, message: ObservedMessage | ObservedHostMessage, notice: ObservedMessage) -> bool:
    """Whether ``message`` may not be sent while ``notice`` has no ACK."""
    if message.step is notice.step and isinstance(message, ObservedMessage):
        # All projects are told at once, and one project may be asked about several instances at once.
        if message.project_id != notice.project_id:
            return False
        mine, others = facts.instances_of(message), facts.instances_of(notice)
        return notice.step not in ABOUT_INSTANCES or not mine or not others or bool(set(mine) & set(others))
    if notice.step in ABOUT_EVERYTHING:
        return True
    instances = facts.instances_of(notice)
    if (
        message.step in ABOUT_INSTANCES
        and isinstance(message, ObservedMessage)
        and facts.expectations_of(notice.session_id).at_once
    ):
        about = facts.instances_of(message)
        return about is None or instances is None or bool(set(about) & set(instances))
    if isinstance(message, ObservedHostMessage):
        return instances is None or any(server in facts.on_host(message.host, message.seq) for server in instances)
    if message.step is Step.ADMIN_ACTION_DONE:
        about = facts.instances_of(message)
        same_project = message.project_id == notice.project_id
        return same_project and (about is None or instances is None or bool(set(about) & set(instances)))
    return True


def _moves(facts: HistoryIndex) -> Iterator[Violation]:
    used: dict[tuple[int, str], Move] = {}
    for move in facts.admin_moves:
        server = facts.name(move.server_id)
        what = f"{move.action} of {server} from {move.source}"
        notice = notice_behind(facts, move)
        if notice is None:
            yield violation(f"{what}, about which {_owner(facts, move)} was not asked", server, move.started)
            continue
        answer = facts.agreed(notice)
        if answer is None or answer.seq > move.started.seq:
            late = () if answer is None else (answer.event,)
            yield violation(
                f"{what} before {_owner(facts, move)} agreed to {notice.word}",
                server,
                notice.event,
                move.started,
                *late,
            )
        earlier = used.get((notice.seq, move.server_id))
        if earlier is not None and earlier.succeeded:
            yield violation(f"{what} a second time upon one {notice.word}", server, earlier.started, move.started)
        used[(notice.seq, move.server_id)] = move


def notice_behind(facts: HistoryIndex, move: Move) -> ObservedMessage | None:
    """The newest PREPARE or PLANNED message before ``move`` that is, or may be, about its server."""
    project = facts.project_of(move.server_id)
    for notice in reversed(facts.notices):
        if notice.seq < move.started.seq and notice.project_id == project and notice.step in ABOUT_INSTANCES:
            instances = facts.instances_of(notice)
            if instances is None or move.server_id in instances:
                return notice
    return None


def _owner(facts: HistoryIndex, move: Move) -> str:
    return facts.name(facts.project_of(move.server_id))
