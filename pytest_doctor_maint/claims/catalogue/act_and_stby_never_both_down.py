"""The two sides of a redundant service are never down at the same time."""

from __future__ import annotations

from pytest_doctor_maint.claims.availability import all_down
from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "act_and_stby_never_both_down"


def check(history: History) -> Verdict:
    """In every anti-affinity group, once two members were up together, one is up at any time until run.ended."""
    facts = index_of(history)
    _ = facts.end
    if not facts.anti_affinity:
        raise CannotTell("no anti-affinity group has two members: there is no ACT and STBY")
    violations: list[Violation] = []
    for group, members in facts.anti_affinity.items():
        for outage in all_down(facts.events, members):
            violations.append(
                violation(
                    f"all of {group} were down for {outage.seconds:g} s: {outage.reason}; allowed: one at a time",
                    group,
                    outage.began,
                    outage.ended,
                )
            )
    return conclude(CLAIM, violations, "one of them was always up", {"groups": len(facts.anti_affinity)})
