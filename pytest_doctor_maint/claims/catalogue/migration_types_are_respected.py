"""An instance is moved in the way that its project asked for."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.constraints import InstanceRule
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.messages import INSTANCE_STEPS
from pytest_doctor_maint.claims.index.moves import LIVE, NOVA, Move
from pytest_doctor_maint.claims.index.observed import ObservedMessage
from pytest_doctor_maint.claims.live_migration import EXPECTED_INTERRUPTION, live_takes_too_long, stands_in_for_live
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import Action


@claim(
    topic=Topic.CONSTRAINTS,
    source="IFA011 (supportedMigrationType), Fenix API reference (migration_type)",
    needs=(kinds.CONSTRAINT_INSTANCE, kinds.NOTIFICATION, kinds.SERVER),
    parameters={"expected_interruption_s": EXPECTED_INTERRUPTION},
)
def migration_types_are_respected(index: HistoryIndex, *, expected_interruption_s: float) -> Verdict:
    """A message offers the migration_type of its instance, and the admin tool moves the instance by it.

    The constraint in force when the message was sent counts, unless the project chose otherwise since. A cold migration
    may take the place of a live migration that failed, or that would stop the instance for longer than its
    ``max_interruption_time``. OWN_ACTION is left to the project.
    """
    index.require_sessions()
    count = index.constraints.require_count()
    offers = [
        (message, rule)
        for message in index.messages.to_projects
        if message.step in INSTANCE_STEPS
        for server_id in index.messages.instances_of(message) or ()
        if (rule := _rule(index, server_id, message.seq)) is not None
    ]
    moves = [(move, rule) for move in index.admin_moves if (rule := _rule(index, move.server_id, move.seq)) is not None]
    violations = [found for offer in offers for found in _offer(index, *offer, expected_interruption_s)]
    violations += [found for move in moves for found in _move(index, *move, expected_interruption_s)]
    return migration_types_are_respected.conclude(
        violations,
        "every instance was moved as asked for",
        {"constraints": count, "moves": len(moves)},
        nothing="" if offers or moves else "no message and no move is about an instance with migration_type",
    )


def _rule(index: HistoryIndex, server_id: str, seq: int) -> InstanceRule | None:
    """Return the constraint of an instance just before event ``seq``, if it has a ``migration_type``."""
    rule = index.constraints.of_instance(server_id, seq)
    return None if rule is None or rule.migration_type is None else rule


def _offer(
    index: HistoryIndex, message: ObservedMessage, rule: InstanceRule, expected_interruption: float
) -> Iterator[Violation]:
    if rule.migration_type in message.allowed:
        return
    if Action.MIGRATE in message.allowed and live_takes_too_long(rule, expected_interruption):
        return
    name = index.name(rule.instance_id)
    offered = ", ".join(message.allowed) or "nothing"
    yield violation(
        f"{message.word} of {name} offers {offered}; due: {rule.migration_type}", name, rule.event, message.event
    )


def _move(index: HistoryIndex, move: Move, rule: InstanceRule, expected_interruption: float) -> Iterator[Violation]:
    asked_for = NOVA.get(str(rule.migration_type))
    if move.action == asked_for:
        return
    message = index.message_before(move)
    reply = None if message is None else index.messages.agreement(message)
    chosen = None if reply is None else reply.actions.get(move.server_id)
    is_chosen = chosen is not None and move.action == NOVA.get(chosen)
    # The project's last word counts: its reply, or the constraint that it changed since.
    if is_chosen and message is not None and _was_offered(index, message, move):
        return
    wants_live = LIVE in (asked_for, NOVA.get(chosen or ""))
    if wants_live and stands_in_for_live(index, move, expected_interruption):
        return
    name = index.name(move.server_id)
    yield violation(
        f"{name} was moved with {move.action}; allowed: its migration_type {rule.migration_type}",
        name,
        rule.event,
        move.started,
    )


def _was_offered(index: HistoryIndex, message: ObservedMessage, move: Move) -> bool:
    """Return True if the message offered the type that the project asked for when it was sent."""
    rule = index.constraints.of_instance(move.server_id, message.seq)
    return rule is None or rule.migration_type in message.allowed
