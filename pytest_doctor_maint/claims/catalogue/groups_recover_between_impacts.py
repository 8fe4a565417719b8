"""A group of instances has time to recover between two hits."""

from __future__ import annotations

from datetime import timedelta

from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "groups_recover_between_impacts"


def check(history: History) -> Verdict:
    """After the admin tool's move of an instance has ended, ``recovery_time`` passes before it begins to move another
    of the group (minRecoveryTimeBetweenImpacts in ETSI's IFA011). Instances that are hit at the same time are another
    claim's matter, and another try of the same instance is none. Time and members are those in force at the begin.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    constraints = facts.constraints
    count = constraints.count
    violations: list[Violation] = []
    for move, rule, members in constraints.hits(facts.admin_moves):
        ends = [
            (other, other.ended)
            for other in facts.admin_moves
            if other.server_id in members
            and other.server_id != move.server_id
            and other.ended is not None
            and other.ended.seq < move.started.seq
        ]
        if not ends or not rule.recovery_time:
            continue
        last, ended = max(ends, key=lambda pair: pair[1].seq)
        passed = move.started.at - ended.at
        if passed < timedelta(seconds=rule.recovery_time):
            server = facts.name(move.server_id)
            violations.append(
                violation(
                    f"{server} of {rule.name} was hit {passed.total_seconds():g} s after the move of "
                    f"{facts.name(last.server_id)} had ended; allowed: {rule.recovery_time:g} s or more",
                    rule.name,
                    rule.event,
                    ended,
                    move.started,
                )
            )
    return conclude(CLAIM, violations, "every group had time to recover", {"constraints": count})
