"""What claims have found, with numbers by which the lines of the diagram refer to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_doctor_maint.claims.verdict import Judgement, Outcome
from pytest_doctor_maint.report.sequence_diagram.words import counted

_ORDER = (Outcome.VIOLATED, Outcome.UNKNOWN, Outcome.HOLDS, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim that is violated, or of which nobody knows whether it holds.

    Attributes:
        number: Its number in the picture, from 1; 0 if it is unknown, for no line shows that.
        claim: The name of the claim.
        text: What was seen, in one sentence.
        breaches: The numbers of the events that show each violation of it.
    """

    number: int
    claim: str
    text: str
    breaches: tuple[tuple[int, ...], ...] = ()


def findings_of(judgement: Judgement) -> tuple[Finding, ...]:
    """Return the claims that are violated, then those that are unknown."""
    found: list[Finding] = []
    for verdict in judgement.verdicts:
        if verdict.outcome is Outcome.VIOLATED:
            breaches = tuple(violation.events for violation in verdict.violations)
            found.append(Finding(len(found) + 1, verdict.claim, verdict.summary, breaches))
    unknown = (verdict for verdict in judgement.verdicts if verdict.outcome is Outcome.UNKNOWN)
    return (*found, *(Finding(0, verdict.claim, verdict.summary) for verdict in unknown))


def verdict_of(judgement: Judgement) -> str:
    """Return the verdict on the run in a few words: the outcome, and how many claims have each outcome."""
    counts = Counter(verdict.outcome for verdict in judgement.verdicts)
    if not counts:
        return "nothing was judged"
    numbers = (_number(counts[outcome], outcome) for outcome in _ORDER if counts[outcome])
    return f"{judgement.outcome.value}: {', '.join(numbers)}"


def _number(count: int, outcome: Outcome) -> str:
    word = "hold" if outcome is Outcome.HOLDS and count > 1 else outcome.value
    return f"{counted(count, 'claim')} {word}"


def marks_of(findings: Sequence[Finding]) -> Mapping[int, tuple[Finding, ...]]:
    """Return the findings that each event shows, by the number of the event."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        for seq in dict.fromkeys(seq for events in finding.breaches for seq in events):
            found[seq].append(finding)
    return {seq: tuple(shown) for seq, shown in found.items()}
