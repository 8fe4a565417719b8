"""Claims that another distribution could bring."""

from __future__ import annotations

from pytest_doctor_maint.claims import HistoryIndex, Parameter, Topic, Verdict, claim, violation


@claim(
    topic=Topic.COMPUTES,
    source="the operator",
    parameters={"most": Parameter(3, "computes", "the largest number of computes")},
)
def few_computes(index: HistoryIndex, *, most: float) -> Verdict:
    """There are only a few computes.

    This sentence is not part of the rule.
    """
    hosts = index.cloud.computes
    violations = (
        [violation(f"{len(hosts)} computes; allowed: {most:g} or fewer", "the cloud", index.require_start())]
        if len(hosts) > most
        else []
    )
    return few_computes.conclude(violations, f"{len(hosts)} computes", {"computes": len(hosts)})


@claim(topic=Topic.HEALTH, source="nobody")
def broken_claim(index: HistoryIndex) -> Verdict:
    """This claim has a bug."""
    raise ZeroDivisionError("a bug")


NOT_A_CLAIM = "few_computes"
