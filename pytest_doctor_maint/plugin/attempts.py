"""The attempts of the maintenance tests for the table at the end: also of tests that could not start or crashed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pytest_doctor_maint.plugin.gate.records import ATTRIBUTE

if TYPE_CHECKING:
    from pytest_doctor_maint.report.terminal import Attempt, Word

#: How pytest-timeout begins the message of a test that it ends.
_TIMEOUT = "Timeout ("


class Attempts:
    """Keeps the reports of maintenance tests. Other tests are left out."""

    def __init__(self) -> None:
        self._nodeids: set[str] = set()
        self._reports: list[pytest.TestReport] = []

    def add(self, report: pytest.TestReport) -> None:
        """Keep the report of a phase of a maintenance test."""
        # The controller of xdist has the reports alone: those of maintenance tests have this attribute, but for the
        # report that a worker died.
        if hasattr(report, ATTRIBUTE):
            self._nodeids.add(report.nodeid)
        if report.nodeid in self._nodeids:
            self._reports.append(report)

    def all(self) -> list[Attempt]:
        """Return the attempts up to now. One that passed without a run is left out, and so is one that was skipped."""
        return list(self._attempts()) if self._reports else []

    def _attempts(self) -> Iterator[Attempt]:
        from pytest_doctor_maint.plugin.gate.cases import Cases
        from pytest_doctor_maint.report.gate import CaseOutcome
        from pytest_doctor_maint.report.terminal import EXPECTED, REPEATED, Attempt

        cases = Cases(())
        for report in self._reports:
            cases.add(report)
        for case in cases:
            for number, each in enumerate(case.attempts, 1):
                if not each.summaries and each.failure is None:
                    continue
                is_expected = each.outcome is CaseOutcome.XFAILED
                yield Attempt(
                    case.nodeid,
                    runs=each.summaries,
                    trouble=None if each.failure is None else _word(each.failure),
                    reason="" if each.failure is None else reason_of(each.failure),
                    number=number,
                    excuse=REPEATED if each.is_repeated else EXPECTED if is_expected else "",
                )


def reason_of(report: pytest.TestReport) -> str:
    """Return the first line of what pytest says of a failure."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(report.longrepr) if crash is None else crash.message
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = line.removeprefix("Failed: ").removeprefix("AssertionError: ")
    return f"at {report.when}: {line}" if report.when in ("setup", "teardown") else line


def _word(report: pytest.TestReport) -> Word:
    from pytest_doctor_maint.plugin.gate.cases import CRASH
    from pytest_doctor_maint.report.terminal import Word

    if report.when == CRASH:
        return Word.CRASHED
    if _TIMEOUT in report.longreprtext:
        return Word.TIMED_OUT
    return Word.FAILED if report.when == "call" else Word.ERROR
