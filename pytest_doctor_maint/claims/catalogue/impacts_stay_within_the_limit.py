"""No more instances of a group are impacted at once than the group tolerates."""

from __future__ import annotations

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import kinds


@claim(
    topic=Topic.CONSTRAINTS,
    source="IFA011 (maxNumberOfImpactedInstances), Fenix API reference (max_impacted_members)",
    needs=(kinds.CONSTRAINT_INSTANCE, kinds.SERVER),
)
def impacts_stay_within_the_limit(index: HistoryIndex) -> Verdict:
    """The admin tool moves max_impacted_members instances of a group at the same time, at most.

    A move lasts until the instance is ACTIVE, and confirmed if it was a cold migration. Limit and members are those in
    force when the move started.
    """
    index.require_sessions()
    count, most = index.constraints.require_count(), 0
    violations: list[Violation] = []
    for move, rule in index.constraints.impacts(index.admin_moves):
        if rule.max_impacted_members is None:
            continue
        others = {
            server_id: other
            for server_id, other in index.admin_moves.under_way(move.seq).items()
            if server_id != move.server_id and index.constraints.is_member(server_id, rule.group, move.seq)
        }
        at_once = len(others) + 1
        most = max(most, at_once)
        if at_once > rule.max_impacted_members:
            names = ", ".join(index.name(server_id) for server_id in (*others, move.server_id))
            violations.append(
                violation(
                    f"{at_once} instances of {rule.name} were impacted at once ({names}); allowed: "
                    f"{rule.max_impacted_members}",
                    rule.name,
                    rule.event,
                    *(other.started for other in others.values()),
                    move.started,
                )
            )
    return impacts_stay_within_the_limit.conclude(
        violations,
        f"{most} instances of a group impacted at once, at most",
        {"constraints": count, "most_at_once": most},
        nothing="" if most else "the admin tool moved no instance of a group with max_impacted_members",
    )
