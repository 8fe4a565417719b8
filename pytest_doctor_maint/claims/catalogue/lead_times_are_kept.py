"""A project is notified of the move of an instance as long before it as the project asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.constraints import InstanceRule
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.moves import Move
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import kinds

#: Times on the wire have whole seconds: up to one second of a time may be cut off.
_CUT_OFF = timedelta(seconds=1)


@claim(
    topic=Topic.CONSTRAINTS,
    source="IFA011 (impactNotificationLeadTime), Fenix API reference (lead_time)",
    needs=(kinds.CONSTRAINT_INSTANCE, kinds.NOTIFICATION, kinds.SERVER),
)
def lead_times_are_kept(index: HistoryIndex) -> Verdict:
    """The admin tool moves an instance no earlier than its lead_time after the message about it.

    The constraint in force when the message was sent counts. A move without a message violates the claim, too.
    """
    index.require_sessions()
    count = index.constraints.require_count()
    moves = [(move, rule) for move in index.admin_moves if (rule := _rule(index, move)) is not None and rule.lead_time]
    violations = [found for move, rule in moves for found in _move(index, move, rule)]
    return lead_times_are_kept.conclude(
        violations,
        "every move started late enough",
        {"constraints": count, "moves": len(moves)},
        nothing="" if moves else "the admin tool moved no instance with lead_time",
    )


def _rule(index: HistoryIndex, move: Move) -> InstanceRule | None:
    message = index.message_before(move)
    return index.constraints.of_instance(move.server_id, move.started.seq if message is None else message.seq)


def _move(index: HistoryIndex, move: Move, rule: InstanceRule) -> Iterator[Violation]:
    message, due = index.message_before(move), rule.lead_time or 0.0
    server = index.name(move.server_id)
    if message is None:
        yield violation(
            f"{server} was moved without a message; allowed: {due:g} s or more after one",
            server,
            rule.event,
            move.started,
        )
        return
    lead = move.started.at - message.event.at
    if lead <= timedelta(seconds=due) - _CUT_OFF:
        yield violation(
            f"{server} was moved {lead.total_seconds():g} s after {message.word}; allowed: {due:g} s or more",
            server,
            rule.event,
            message.event,
            move.started,
        )
