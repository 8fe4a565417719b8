"""The marks of violations: a pill with the number of the claim, at the moment of the violation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pytest_doctor_maint.claims.verdict import Judgement, Violation
from pytest_doctor_maint.report.timeline.axis import LEFT, RIGHT, Axis
from pytest_doctor_maint.report.timeline.drawing import Pill
from pytest_doctor_maint.report.timeline.lettering import tip, width

#: The height of a pill.
PILL = 12.0
#: The largest number of claims that a pill names; its tip and its data name all.
NAMED = 3
#: The largest number of violations that a tip describes.
DESCRIBED = 4


@dataclass(frozen=True, slots=True)
class Breach:
    """A violation in the picture.

    Attributes:
        number: The number of the claim in the picture, from 1 on.
        claim: The claim.
        violation: The violation.
        x: Its place on the axis.
    """

    number: int
    claim: str
    violation: Violation
    x: float


def breaches_of(judgement: Judgement, axis: Axis) -> list[Breach]:
    """Return every violation. The claims are numbered in the order of their first violations."""
    violated = [verdict for verdict in judgement.verdicts if verdict.violations]
    violated.sort(key=lambda verdict: min(violation.at for violation in verdict.violations))
    return [
        Breach(number, verdict.claim, violation, axis.x(violation.at))
        for number, verdict in enumerate(violated, start=1)
        for violation in verdict.violations
    ]


def pills_of(breaches: Iterable[Breach], y: float) -> list[Pill]:
    """Return the marks of violations on one row: those that would overlap become one mark."""
    clusters: list[list[Breach]] = []
    pills: list[Pill] = []
    for breach in sorted(breaches, key=lambda breach: (breach.x, breach.number)):
        cluster = [breach]
        pill = _pill(cluster, y)
        while pills and pills[-1].x + pills[-1].width + 2 > pill.x:
            pills.pop()
            cluster = clusters.pop() + cluster
            pill = _pill(cluster, y)
        clusters.append(cluster)
        pills.append(pill)
    return pills


def _pill(cluster: Sequence[Breach], y: float) -> Pill:
    numbers = sorted({breach.number for breach in cluster})
    text = ",".join(map(str, numbers[:NAMED])) + ("+" if len(numbers) > NAMED else "")
    if len(cluster) > len(numbers):
        text += f" x{len(cluster)}"
    length = width(text)
    x = min(max(cluster[0].x - length / 2 - 4, LEFT - 8), RIGHT + 8 - length - 8)
    counts = Counter(breach.claim for breach in cluster)
    return Pill(round(x, 1), y, length + 8, text, length, tip("; ".join(_words(cluster))), tuple(counts.items()))


def _words(cluster: Sequence[Breach]) -> Iterator[str]:
    for breach in cluster[:DESCRIBED]:
        yield f"{breach.claim}: {breach.violation.message}"
    if len(cluster) > DESCRIBED:
        yield f"and {len(cluster) - DESCRIBED} more"
