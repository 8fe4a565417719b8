"""The two sides of a redundant service are never down at the same time."""

from __future__ import annotations

from pytest_doctor_maint.claims.availability import all_down
from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import NothingToJudge, Verdict, violation
from pytest_doctor_maint.history import kinds


@claim(
    topic=Topic.APPLICATION,
    source="use case",
    needs=(kinds.SERVER, kinds.SERVER_GROUP),
    derived=True,
)
def act_and_stby_never_both_down(index: HistoryIndex) -> Verdict:
    """Once two members of an anti-affinity group were up together, one of them is up at any time until run.ended.

    Times of zero length do not count.
    """
    index.require_end()
    groups = index.cloud.anti_affinity
    if not groups:
        raise NothingToJudge("no anti-affinity group has two members: there is no ACT and STBY")
    judged = all_down(index.events, groups)
    violations = [
        violation(
            f"all members of {group} were down for {outage.seconds:g} s: {outage.reason}; allowed: one at a time",
            group,
            outage.began,
            outage.ended,
        )
        for group, found in judged.items()
        for outage in found
    ]
    return act_and_stby_never_both_down.conclude(
        violations,
        f"{len(judged)} groups, one member of each was always up",
        {"groups": len(judged)},
        nothing="" if judged else "no anti-affinity group ever had two members that were up",
    )
