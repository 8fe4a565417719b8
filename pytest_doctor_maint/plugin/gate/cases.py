"""The tests of a run of pytest, put together from their reports."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pytest_doctor_maint.plugin.gate.records import ATTRIBUTE, PROPERTY
from pytest_doctor_maint.report.gate import CaseOutcome

if TYPE_CHECKING:
    from pytest_doctor_maint.report.summary import RunProperties

#: What pytest-xdist calls the phase of a test in which its worker crashed.
CRASH = "???"
#: The outcomes of pytest itself. A plugin that repeats a test gives a failure another one.
_KNOWN = ("passed", "failed", "skipped")


@dataclass(slots=True)
class OpenAttempt:
    """An attempt at a test, as far as it is reported.

    Attributes:
        worker: The worker of pytest-xdist; None without workers.
        outcomes: What each phase says.
        reasons: Why phases did not pass.
        seconds: The duration of all phases.
        runs: The maintenance runs.
        summaries: The results of each judgement of each run, as the table at the end shows them.
        failure: The first report of a phase that failed.
        is_over: True if the end was reported.
        is_repeated: True if a plugin repeats the test because it failed.
    """

    worker: str | None = None
    outcomes: list[CaseOutcome] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    seconds: float = 0.0
    runs: list[dict[str, Any]] = field(default_factory=list)
    summaries: list[RunProperties] = field(default_factory=list)
    failure: pytest.TestReport | None = None
    is_over: bool = False
    is_repeated: bool = False

    @property
    def outcome(self) -> CaseOutcome:
        """The outcome: the worst of the phases; interrupted if nothing failed and the end was not reported."""
        ranks = (CaseOutcome.ERROR, CaseOutcome.FAILED)
        worst = next((rank for rank in ranks if rank in self.outcomes), None)
        if worst is None and not self.is_over:
            return CaseOutcome.INTERRUPTED
        # Without a failure, a phase that says more than that it passed: skipped, xfailed, xpassed.
        telling = (outcome for outcome in self.outcomes if outcome is not CaseOutcome.PASSED)
        return worst or next(telling, CaseOutcome.PASSED)

    @property
    def reason(self) -> str:
        """Why the attempt did not pass."""
        if self.outcome is CaseOutcome.INTERRUPTED:
            return "the test began and did not end"
        return self.reasons[0] if self.reasons else ""

    def add(self, report: pytest.TestReport) -> None:
        """Add what a report says."""
        self.outcomes.append(_outcome(report))
        self.seconds += getattr(report, "duration", 0.0)
        if self.outcomes[-1] not in (CaseOutcome.PASSED, CaseOutcome.XPASSED):
            self.reasons.append(_reason(report))
        if self.failure is None and self.outcomes[-1] in (CaseOutcome.ERROR, CaseOutcome.FAILED):
            self.failure = report
        # Each report, also one of a subtest, has all runs up to then.
        self.runs = list(getattr(report, ATTRIBUTE, None) or self.runs)
        self.summaries = [json.loads(str(value)) for name, value in report.user_properties if name == PROPERTY] or (
            self.summaries
        )
        self.is_repeated = self.is_repeated or report.outcome not in _KNOWN
        # A plugin that repeats a test does not report the rest of an attempt that failed.
        self.is_over = self.is_over or self.is_repeated or report.when in ("teardown", CRASH)


@dataclass(slots=True)
class Case:
    """A test.

    Attributes:
        nodeid: Its node id.
        is_maintenance: True if it is a maintenance test.
        has_crashed: True if the process that ran the last attempt died.
        attempts: The attempts in the order of their begins; at least one.
    """

    nodeid: str
    is_maintenance: bool = False
    has_crashed: bool = False
    attempts: list[OpenAttempt] = field(default_factory=lambda: [OpenAttempt()])

    @property
    def last(self) -> OpenAttempt:
        """The attempt that counts."""
        return self.attempts[-1]


class Cases:
    """All tests that began. Workers of pytest-xdist report in any order, and with ``--dist each`` on the same tests.

    Args:
        begun: The node ids of the tests that began, in order.
    """

    def __init__(self, begun: Iterable[str]) -> None:
        self._cases: dict[str, dict[str | None, Case]] = {nodeid: {} for nodeid in begun}

    def add(self, report: pytest.TestReport) -> None:
        """Add what a report says."""
        worker = _worker(report)
        of_workers = self._cases.setdefault(report.nodeid, {})
        if worker not in of_workers:
            of_workers[worker] = Case(report.nodeid, attempts=[OpenAttempt(worker)])
        case = of_workers[worker]
        if case.last.outcomes and (report.when == "setup" or (report.when == CRASH and case.last.is_over)):
            case.attempts.append(OpenAttempt(worker))
        case.is_maintenance = case.is_maintenance or hasattr(report, ATTRIBUTE)
        case.has_crashed = report.when == CRASH
        case.last.add(report)

    def unfinished(self, nodeid: str) -> Case | None:
        """Return a test of this process if it began and did not end."""
        if nodeid not in self._cases:
            return None
        case = self._cases[nodeid].setdefault(None, Case(nodeid))
        return None if case.last.is_over else case

    def __iter__(self) -> Iterator[Case]:
        for nodeid, of_workers in self._cases.items():
            yield from of_workers.values() or (Case(nodeid),)


def _worker(report: pytest.TestReport) -> str | None:
    """Return the worker of pytest-xdist that ran a test."""
    node = getattr(report, "node", None)
    return None if node is None else str(node.gateway.id)


def _outcome(report: pytest.TestReport) -> CaseOutcome:
    is_expected = hasattr(report, "wasxfail")
    if report.outcome == "skipped":
        return CaseOutcome.XFAILED if is_expected else CaseOutcome.SKIPPED
    if report.outcome == "passed":
        return CaseOutcome.XPASSED if is_expected else CaseOutcome.PASSED
    return CaseOutcome.FAILED if report.when == "call" else CaseOutcome.ERROR


def _reason(report: pytest.TestReport) -> str:
    """Return why a phase did not pass: the first line of what it says."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    if getattr(report, "wasxfail", None):
        return str(report.wasxfail)
    crash = getattr(report.longrepr, "reprcrash", None)
    # Not `longreprtext`: that begins with a line about the worker.
    text = crash.message if crash is not None else str(report.longrepr or "")
    return next((line for line in text.splitlines() if line.strip()), str(report.outcome))
