"""The project is notified of no more instances of a group at once than it asked for."""

from __future__ import annotations

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, violation
from pytest_doctor_maint.history import kinds


@claim(
    topic=Topic.CONSTRAINTS,
    source="an example: neither ETSI nor Fenix has max_notified_members",
    needs=(kinds.CONSTRAINT_GROUP, kinds.NOTIFICATION, kinds.SERVER),
)
def few_members_are_notified_at_once(index: HistoryIndex) -> Verdict:
    """The project is notified of the moves of max_notified_members instances of a group at a time, at most.

    An instance counts from its message until the end of its move.
    """
    index.require_sessions()
    count = index.constraints.require_count()
    notified = [(message.event, move) for move in index.admin_moves if (message := index.message_before(move))]
    violations = []
    for event, move in notified:
        rule = index.constraints.group_of(move.server_id, event.seq)
        if rule is None or not rule.max_notified_members:
            continue
        members = index.constraints.members(rule.group_id, event.seq)
        others = [
            earlier
            for earlier, other in notified
            if other.server_id in members
            and earlier.seq < event.seq
            and (other.ended is None or other.ended.seq > event.seq)
        ]
        if len(others) >= rule.max_notified_members:
            text = f"{len(others) + 1} instances of {rule.name} notified; allowed: {rule.max_notified_members}"
            violations.append(violation(text, rule.name, rule.event, *others, event))
    return few_members_are_notified_at_once.conclude(violations, "few instances notified", {"constraints": count})
