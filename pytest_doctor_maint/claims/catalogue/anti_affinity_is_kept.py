"""Instances of a group with anti-affinity are not brought together."""

from __future__ import annotations

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import kinds


@claim(
    topic=Topic.CONSTRAINTS,
    source="Fenix API reference (anti_affinity_group)",
    needs=(kinds.CONSTRAINT_INSTANCE, kinds.SERVER),
)
def anti_affinity_is_kept(index: HistoryIndex) -> Verdict:
    """The admin tool moves no instance of a group with anti_affinity_group to a compute where another of the group is.

    The group is that of the VNFM's constraints; Nova need not know it. The constraints in force when the move started
    count.
    """
    index.require_sessions()
    constraints = index.constraints
    count = constraints.require_count()
    moves = [move for move, rule in constraints.impacts(index.admin_moves) if rule.anti_affinity]
    violations: list[Violation] = []
    for move, rule, arrived, there in constraints.crowded(moves, lambda rule: int(rule.anti_affinity)):
        names = " and ".join(index.name(server_id) for server_id in there)
        violations.append(
            violation(
                f"{names} of {rule.name} are on {move.target} together; allowed: one of them",
                rule.name,
                rule.event,
                arrived,
            )
        )
    return anti_affinity_is_kept.conclude(
        violations,
        "no instances of a group with anti-affinity came together",
        {"constraints": count, "moves": len(moves)},
        nothing="" if moves else "the admin tool moved no instance of a group with anti_affinity_group",
    )
