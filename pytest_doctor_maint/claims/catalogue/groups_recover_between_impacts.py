"""A group of instances has time to recover between two impacts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.constraints import GroupRule
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.moves import Move
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import kinds


@claim(
    topic=Topic.CONSTRAINTS,
    source="IFA011 (minRecoveryTimeBetweenImpacts), Fenix API reference (recovery_time)",
    needs=(kinds.CONSTRAINT_INSTANCE, kinds.SERVER),
)
def groups_recover_between_impacts(index: HistoryIndex) -> Verdict:
    """After the admin tool's move of an instance, recovery_time passes before it moves another instance of the group.

    Instances that are impacted at the same time are judged by ``impacts_stay_within_the_limit``. A second move of the
    same instance does not count. Time and members are those in force when the move started.
    """
    index.require_sessions()
    constraints = index.constraints
    count = constraints.require_count()
    violations = [
        found
        for move, rule, members in constraints.impacts(index.admin_moves)
        for found in _recovery(index, move, rule, members)
    ]
    return groups_recover_between_impacts.conclude(
        violations, "every group had time to recover", {"constraints": count}
    )


def _recovery(index: HistoryIndex, move: Move, rule: GroupRule, members: frozenset[str]) -> Iterator[Violation]:
    ends = [
        (other, other.ended)
        for other in index.admin_moves
        if other.server_id in members
        and other.server_id != move.server_id
        and other.ended is not None
        and other.ended.seq < move.started.seq
    ]
    if not ends or not rule.recovery_time:
        return
    last, ended = max(ends, key=lambda pair: pair[1].seq)
    passed = move.started.at - ended.at
    if passed < timedelta(seconds=rule.recovery_time):
        yield violation(
            f"{index.name(move.server_id)} of {rule.name} was impacted {passed.total_seconds():g} s after the move of "
            f"{index.name(last.server_id)} had ended; allowed: {rule.recovery_time:g} s or more",
            rule.name,
            rule.event,
            ended,
            move.started,
        )
