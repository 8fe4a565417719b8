"""What the fuzzer looks for, and what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum


class Fault(Enum):
    """A kind of finding; the value is how it is counted in the summary."""

    ERROR = "server errors"
    DROPPED = "dropped"
    HANG = "hangs"
    CHANGE = "changes by a refused request"
    NONCONFORMING = "answers that do not conform to the OpenAPI document"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not happen.

    Attributes:
        fault: What it is.
        where: The part of the fuzzer, and the number of its world: what is repeated to see it again.
        request: The request.
        detail: What happened.
    """

    fault: Fault
    where: str
    request: str
    detail: str


@dataclass(slots=True)
class Tally:
    """The figures of a run.

    Attributes:
        statuses: How many answers had each status; 0 for no answer.
        routes: The routes that there are, by service.
        compared: The refused requests after which the state was compared, by service and route.
        findings: What was found.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    routes: dict[str, set[str]] = field(default_factory=dict)
    compared: dict[str, Counter[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add the figures of another part of the run."""
        self.statuses += other.statuses
        self.findings += other.findings

    def coverage(self) -> Iterator[str]:
        """Yield a line for each service: how many refused requests were compared, and at which routes none was."""
        for service, known in sorted(self.routes.items()):
            found = self.compared.get(service, Counter())
            line = f"{service}: {found.total()} refused requests compared, at {len(found)} of {len(known)} routes"
            missing = sorted(known - found.keys())
            yield line + (f"; none at {', '.join(missing)}" if missing else "")

    def summary(self) -> str:
        """Return one line with the number of requests and of each kind of finding."""
        found = Counter(finding.fault for finding in self.findings)
        counts = ", ".join(f"{found[fault]} {fault.value}" for fault in Fault)
        classes = Counter(f"{status // 100}xx" if status else "none" for status in self.statuses.elements())
        answers = ", ".join(f"{count} {name}" for name, count in sorted(classes.items()))
        return f"{self.statuses.total()} requests ({answers}): {counts}"
