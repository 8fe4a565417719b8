"""The claims on a run as steps of an Allure report."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from pytest_doctor_maint.claims import CLAIMS, Judgement, Outcome, Verdict, Violation
from pytest_doctor_maint.claims.judging import ITSELF
from pytest_doctor_maint.history import Event
from pytest_doctor_maint.printable import LONGEST_LINE, shortened
from pytest_doctor_maint.report.allure.step import Status, Step

#: The longest title of a claim, in characters; the reason has it whole.
LONGEST_TITLE = 300
#: The number of violations of each claim that are steps.
MOST_VIOLATIONS = 50

_STATUSES = {
    Outcome.HOLDS: Status.PASSED,
    Outcome.VIOLATED: Status.FAILED,
    Outcome.UNKNOWN: Status.SKIPPED,
    Outcome.NOT_APPLICABLE: Status.SKIPPED,
}
#: The outcomes in the order in which a reader wants them, each with the word that follows a number.
ORDER = {
    Outcome.VIOLATED: "violated",
    Outcome.UNKNOWN: "unknown",
    Outcome.HOLDS: "hold",
    Outcome.NOT_APPLICABLE: "not applicable",
}


def claims_step(judgement: Judgement, events: Mapping[int, Event], at: datetime, expected: Collection[str]) -> Step:
    """Return the step of all claims: those that are violated come first.

    Args:
        judgement: The verdicts.
        events: The events by number.
        at: The time of the judgement: the end of the run.
        expected: The claims that must be violated, because the run shows a fault.
    """
    found = {outcome: judgement.with_outcome(outcome) for outcome in ORDER}
    steps = tuple(_claim(verdict, events, at, expected) for outcome in ORDER for verdict in found[outcome])
    counts = [f"{len(verdicts)} {ORDER[outcome]}" for outcome, verdicts in found.items() if verdicts]
    return Step(
        title=f"claims: {', '.join(counts) or 'none judged'}",
        begin=min((step.begin for step in steps), default=at),
        end=at,
        status=Status.merge(step.status for step in steps),
        steps=steps,
    )


def _claim(verdict: Verdict, events: Mapping[int, Event], at: datetime, expected: Collection[str]) -> Step:
    is_crash = verdict.outcome is Outcome.UNKNOWN and verdict.summary.startswith(ITSELF)
    status = Status.BROKEN if is_crash else _STATUSES[verdict.outcome]
    note = " as expected" if verdict.outcome is Outcome.VIOLATED and verdict.claim in expected else ""
    shown = tuple(_violation(violation, events) for violation in verdict.violations[:MOST_VIOLATIONS])
    parameters = {name: shortened(str(value), LONGEST_TITLE) for name, value in verdict.figures.items()}
    if verdict.claim in CLAIMS:
        claim = CLAIMS[verdict.claim]
        parameters = {"rule": claim.rule, "source": claim.source, **parameters}
    if (more := len(verdict.violations) - len(shown)) > 0:
        parameters["violations that are not shown"] = str(more)
    return Step(
        title=shortened(f"{verdict.claim} {verdict.outcome.value}{note}: {verdict.summary}", LONGEST_TITLE),
        begin=min((step.begin for step in shown), default=at),
        end=max((step.end for step in shown), default=at),
        status=status,
        reason="" if status is Status.PASSED else shortened(verdict.summary, LONGEST_LINE),
        parameters=parameters,
        steps=shown,
    )


def _violation(violation: Violation, events: Mapping[int, Event]) -> Step:
    times = [events[seq].at for seq in violation.events if seq in events] or [violation.at]
    numbers = ", ".join(map(str, violation.events[:20]))
    return Step(
        title=shortened(violation.message, LONGEST_TITLE),
        begin=min(times),
        end=max(times),
        status=Status.FAILED,
        reason=shortened(violation.message, LONGEST_LINE) if len(violation.message) > LONGEST_TITLE else "",
        parameters={"about": shortened(violation.subject, LONGEST_TITLE), "events": numbers},
    )
