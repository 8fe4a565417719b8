"""The cloud is large enough for the use case."""

from __future__ import annotations

from pytest_doctor_maint.claims.claim import Parameter, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, omission, violation
from pytest_doctor_maint.history import kinds


@claim(
    topic=Topic.COMPUTES,
    source="use case",
    needs=(kinds.RUN_STARTED,),
    parameters={"least": Parameter(3, "computes", "the smallest number of computes")},
)
def at_least_three_computes(index: HistoryIndex, *, least: float) -> Verdict:
    """There are three computes or more: two for the redundant instances, and one that can be emptied."""
    declared = [str(compute["name"]) for compute in index.run["computes"]]
    seen = list(index.cloud.computes) or declared
    violations = [
        breach(
            f"{len(set(names))} computes {where}; allowed: {least:g} or more",
            "the cloud",
            index.of(kinds.RUN_STARTED)[0],
        )
        for breach, names, where in ((violation, declared, "were asked for"), (omission, seen, "were seen"))
        if len(set(names)) < least
    ]
    return at_least_three_computes.conclude(violations, f"{len(seen)} computes", {"computes": len(seen)})
