"""Of a group of instances only so many are hit at once as it can do without."""

from __future__ import annotations

from pytest_doctor_maint.claims.index.constraints import under_way
from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "impacts_stay_within_the_limit"


def check(history: History) -> Verdict:
    """When the admin tool begins to move an instance, ``max_impacted_members`` of its group at most are being moved by
    it, that one among them (maxNumberOfImpactedInstances in ETSI's IFA011). A move lasts until the instance is ACTIVE,
    confirmed where it was a cold one. Limit and members are those in force when the move began.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    constraints = facts.constraints
    count, most = constraints.count, 0
    violations: list[Violation] = []
    for move, rule, members in constraints.hits(facts.admin_moves):
        others = under_way(facts.admin_moves, members, move)
        at_once = len(others) + 1
        most = max(most, at_once)
        if rule.max_impacted_members is not None and at_once > rule.max_impacted_members:
            names = ", ".join(facts.name(server_id) for server_id in (*others, move.server_id))
            violations.append(
                violation(
                    f"{at_once} instances of {rule.name} were hit at once ({names}); allowed: "
                    f"{rule.max_impacted_members}",
                    rule.name,
                    rule.event,
                    *(other.started for other in others.values()),
                    move.started,
                )
            )
    return conclude(CLAIM, violations, "no group was hit too hard", {"constraints": count, "most_at_once": most})
