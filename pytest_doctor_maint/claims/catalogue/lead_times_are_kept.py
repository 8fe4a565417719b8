"""A project is notified of the move of an instance as long before it as the project asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pytest_doctor_maint.claims.claim import Topic, claim
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
    violations = [found for move in index.admin_moves for found in _move(index, move)]
    return lead_times_are_kept.conclude(violations, "every move started late enough", {"constraints": count})


def _move(index: HistoryIndex, move: Move) -> Iterator[Violation]:
    message = index.message_before(move)
    rule = index.constraints.of_instance(move.server_id, move.started.seq if message is None else message.seq)
    if rule is None or not rule.lead_time:
        return
    server = index.name(move.server_id)
    if message is None:
        yield violation(
            f"{server} was moved without a message; allowed: {rule.lead_time:g} s or more after one",
            server,
            rule.event,
            move.started,
        )
        return
    lead = move.started.at - message.event.at
    if lead <= timedelta(seconds=rule.lead_time) - _CUT_OFF:
        yield violation(
            f"{server} was moved {lead.total_seconds():g} s after {message.word}; allowed: {rule.lead_time:g} s or "
            "more",
            server,
            rule.event,
            message.event,
            move.started,
        )
