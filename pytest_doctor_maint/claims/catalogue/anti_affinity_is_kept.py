"""Instances of a group that must be apart are not brought together."""

from __future__ import annotations

from pytest_doctor_maint.claims.catalogue.instances_per_host_stay_within_the_limit import crowded
from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import Verdict, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "anti_affinity_is_kept"


def check(history: History) -> Verdict:
    """No instance of a group with ``anti_affinity_group`` is moved by the admin tool onto a compute where another of
    that group is. The group is a VNFM's constraint; Nova need not know of it. What was in force when the move began
    counts.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    count = facts.constraints.count
    violations = []
    for move, rule, arrived, there in crowded(facts, lambda rule: 1 if rule.anti_affinity else 0):
        names = " and ".join(facts.name(server_id) for server_id in there)
        message = f"{names} of {rule.name} are both on {move.target}" if len(there) == 2 else f"{names} are together"
        violations.append(violation(f"{message}; allowed: one of {rule.name}", rule.name, rule.event, arrived))
    return conclude(CLAIM, violations, "what must be apart stayed apart", {"constraints": count})
