"""Each instance is moved by the action that its project chose."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.cloud import Track, is_gone
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.messages import INSTANCE_STEPS
from pytest_doctor_maint.claims.index.moves import COLD, LIVE, NOVA, Move
from pytest_doctor_maint.claims.index.observed import ObservedMessage, ObservedReply
from pytest_doctor_maint.claims.live_migration import EXPECTED_INTERRUPTION, stands_in_for_live
from pytest_doctor_maint.claims.verdict import Verdict, Violation, omission, violation
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import Action

#: The migration that Nova allows in these statuses, whatever was agreed on (``check_instance_state`` of ``resize`` and
#: ``live_migrate`` in Nova's ``compute/api.py``).
_ONLY = {"SHUTOFF": COLD, "PAUSED": LIVE}


@claim(
    topic=Topic.MESSAGES,
    source="use case, Fenix API reference",
    needs=(kinds.NOTIFICATION, kinds.REPLY, kinds.SERVER),
    parameters={"expected_interruption_s": EXPECTED_INTERRUPTION},
)
def agreed_actions_are_taken(index: HistoryIndex, *, expected_interruption_s: float) -> Verdict:
    """After the ACK of PREPARE or PLANNED each instance is moved by the action chosen for it, which the message allows.

    The admin tool moves the instance with the matching migration. After OWN_ACTION the admin tool does not move the
    instance, but its project must take the instance off the compute. A cold migration may take the place of a live
    migration that failed, or that would stop the instance for too long. A stopped instance is always moved cold, and a
    paused instance live: Nova allows nothing else. In a session that failed, actions that were not taken are not due.
    """
    index.require_sessions()
    asked = [message for message in index.messages.to_projects if message.step in INSTANCE_STEPS]
    agreed = [(message, reply) for message in asked if (reply := index.messages.agreement(message)) is not None]
    violations: list[Violation] = []
    for message, reply in agreed:
        violations += _choices(index, message, reply)
        for server_id, action in reply.actions.items():
            violations += _action(index, message, reply, server_id, action, expected_interruption_s)
    chosen = sum(len(reply.actions) for _, reply in agreed)
    return agreed_actions_are_taken.conclude(
        violations,
        f"{chosen} actions, each as agreed",
        {"actions": chosen},
        nothing="" if agreed else "no project agreed to a message about instances",
    )


def _choices(index: HistoryIndex, message: ObservedMessage, reply: ObservedReply) -> Iterator[Violation]:
    project = index.name(message.project_id)
    if not reply.actions:
        yield violation(
            f"{project} agreed to {message.word} without an action; due: one for each instance",
            project,
            message.event,
            reply.event,
        )
    for server_id in message.instance_ids or ():
        if server_id not in reply.actions:
            name = index.name(server_id)
            yield violation(f"{project} chose no action for {name}; due: one", name, message.event, reply.event)


def _action(
    index: HistoryIndex,
    message: ObservedMessage,
    reply: ObservedReply,
    server_id: str,
    action: str,
    expected_interruption: float,
) -> Iterator[Violation]:
    name = index.name(server_id)
    if action not in message.allowed:
        allowed = ", ".join(message.allowed) or "none"
        yield violation(f"{action} of {name} was agreed on; allowed: {allowed}", name, message.event, reply.event)
    track = index.cloud.servers.get(server_id)
    before = None if track is None else track.before(reply.seq)
    if track is None or before is None:
        yield violation(
            f"{action} was agreed on for {name}, which does not exist; allowed: an existing instance", name, reply.event
        )
        return
    until = _next_message_about(index, server_id, reply.seq)
    for move in index.admin_moves.of(server_id, reply.seq + 1, until):
        allowed_instead = _may_be_cold(index, move, action, expected_interruption) or (
            action in NOVA and _is_the_only_one(track, move)
        )
        if move.action != NOVA.get(action) and not allowed_instead:
            yield violation(
                f"{name} was moved with {move.action}; allowed: {action}, as agreed", name, reply.event, move.started
            )
            break
    host = before.data["host"]
    left = any(is_gone(state) or state.data["host"] != host for state in track.during(reply.seq, until))
    session = index.sessions.get(message.session_id)
    if not left and (session is None or session.failed is None) and server_id not in index.faults.lost_servers:
        yield omission(f"{name} never left {host}; due: {action}, as agreed", name, message.event, reply.event)


def _next_message_about(index: HistoryIndex, server_id: str, seq: int) -> int:
    """Return the number of the next PREPARE or PLANNED message about a server after ``seq``; else of the last event."""
    seqs = index.messages.about_instance.get(server_id, ())
    place = bisect_right(seqs, seq)
    return seqs[place] if place < len(seqs) else index.last.seq


def _may_be_cold(index: HistoryIndex, move: Move, action: str, expected_interruption: float) -> bool:
    return action == Action.LIVE_MIGRATE and stands_in_for_live(index, move, expected_interruption)


def _is_the_only_one(track: Track, move: Move) -> bool:
    """Return True if Nova allows no other migration of the server in its state."""
    before = track.before(move.started.seq)
    return before is not None and _ONLY.get(str(before.data["status"])) == move.action
