"""The cloud is large enough for the use case."""

from __future__ import annotations

from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History, kinds

CLAIM = "at_least_three_computes"
LEAST = 3


def check(history: History) -> Verdict:
    """There are three computes or more: two for the redundant instances, and one to be emptied (the use case)."""
    facts = index_of(history)
    declared = [str(compute["name"]) for compute in facts.run["computes"]]
    there = list(facts.computes) or declared
    violations: list[Violation] = []
    for names, where in ((declared, "were asked for"), (there, "were there")):
        if len(set(names)) < LEAST:
            message = f"{len(set(names))} computes {where}; due: {LEAST} or more"
            violations.append(violation(message, "the cloud", facts.of(kinds.RUN_STARTED)[0]))
    return conclude(CLAIM, violations, f"{len(there)} computes", {"computes": len(there)})
