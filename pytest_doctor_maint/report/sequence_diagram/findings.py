"""What claims have found, with numbers by which the lines of the diagram refer to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_doctor_maint.claims.verdict import Judgement, Outcome
from pytest_doctor_maint.report.sequence_diagram.words import counted

#: The most findings that get a number of their own; the others are counted.
MOST = 99


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation, or a claim of which nobody knows whether it holds.

    Attributes:
        number: Its number in the picture, from 1. None: it is unknown, and no line shows it.
        claim: The claim.
        text: What was seen.
        events: The numbers of the events that show it.
    """

    number: int | None
    claim: str
    text: str
    events: tuple[int, ...] = ()


def findings_of(judgement: Judgement) -> tuple[Finding, ...]:
    """Return the violations, then the claims that are unknown."""
    found: list[Finding] = []
    for verdict in judgement.verdicts:
        if verdict.outcome is Outcome.VIOLATED:
            for violation in verdict.violations:
                found.append(Finding(len(found) + 1, verdict.claim, violation.message, violation.events))
            if not verdict.violations:
                found.append(Finding(len(found) + 1, verdict.claim, verdict.summary))
    unknown = (verdict for verdict in judgement.verdicts if verdict.outcome is Outcome.UNKNOWN)
    return (*found, *(Finding(None, verdict.claim, verdict.summary) for verdict in unknown))


def verdict_of(judgement: Judgement) -> str:
    """Return the verdict on the run in a few words: the outcome, and how many claims have each outcome."""
    counts = Counter(verdict.outcome.value for verdict in judgement.verdicts)
    if not counts:
        return "nothing was judged"
    order = [Outcome.VIOLATED.value, Outcome.UNKNOWN.value, Outcome.HOLDS.value]
    words = sorted(counts, key=lambda word: (order.index(word) if word in order else len(order), word))
    return f"{judgement.outcome.value}: " + ", ".join(f"{counted(counts[word], 'claim')} {word}" for word in words)


def marks_of(findings: Sequence[Finding]) -> Mapping[int, tuple[int, ...]]:
    """Return the numbers of the findings that each event shows, by the number of the event."""
    found: dict[int, list[int]] = defaultdict(list)
    for finding in findings:
        if finding.number is not None and finding.number <= MOST:
            for seq in dict.fromkeys(finding.events):
                found[seq].append(finding.number)
    return {seq: tuple(numbers) for seq, numbers in found.items()}
