"""No more instances of a group are brought to one compute than the group allows."""

from __future__ import annotations

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, violation
from pytest_doctor_maint.history import kinds


@claim(
    topic=Topic.CONSTRAINTS,
    source="Fenix API reference (max_instances_per_host)",
    needs=(kinds.CONSTRAINT_INSTANCE, kinds.SERVER),
)
def instances_per_host_stay_within_the_limit(index: HistoryIndex) -> Verdict:
    """When the admin tool moves an instance to a compute, at most max_instances_per_host of its group are there then.

    0 allows any number. Limit and members are those in force when the move started. The admin tool does not
    choose the compute on which a project's new instance starts.
    """
    index.require_sessions()
    constraints = index.constraints
    count = constraints.require_count()
    moves = [move for move, rule in constraints.impacts(index.admin_moves) if rule.max_instances_per_host]
    violations = [
        violation(
            f"{index.name(move.server_id)} was moved to {move.target}, where {len(there)} instances of {rule.name} "
            f"were then; allowed: {rule.max_instances_per_host}",
            f"{rule.name} on {move.target}",
            rule.event,
            arrived,
        )
        for move, rule, arrived, there in constraints.crowded(moves, lambda rule: rule.max_instances_per_host)
    ]
    return instances_per_host_stay_within_the_limit.conclude(
        violations,
        "no compute had too many instances of a group",
        {"constraints": count, "moves": len(moves)},
        nothing="" if moves else "the admin tool moved no instance of a group with max_instances_per_host",
    )
