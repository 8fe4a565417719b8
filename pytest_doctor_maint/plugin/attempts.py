"""The attempts of the maintenance tests, from the reports of pytest: also of tests that could not start or crashed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_doctor_maint.plugin.gate.records import ATTRIBUTE, PROPERTY

if TYPE_CHECKING:
    from pytest_doctor_maint.report.terminal import Attempt, Word

#: How pytest-timeout begins the message of a test that it ends.
_TIMEOUT = "Timeout ("
#: The phase of the report that xdist makes for a test whose worker died.
_CRASHED = "???"


class Attempts:
    """Collects the attempts of maintenance tests, in the order of their reports."""

    def __init__(self) -> None:
        self._begun: dict[str, int] = {}
        self._found: dict[tuple[str, int], Attempt] = {}

    def add(self, report: pytest.TestReport) -> None:
        """Take the report of a phase of a test into account. Tests without maintenance are left out."""
        nodeid = report.nodeid
        # The controller of xdist has the reports alone: those of maintenance tests have this attribute.
        if report.when == "setup" and hasattr(report, ATTRIBUTE):
            self._begun[nodeid] = self._begun.get(nodeid, 0) + 1
        if nodeid not in self._begun:
            return
        key = (nodeid, self._begun[nodeid])
        if found := self._with(key, report):
            self._found[key] = found

    def all(self) -> list[Attempt]:
        """Return the attempts up to now. One that passed without a run is left out, and so is one that was skipped."""
        return list(self._found.values())

    def _with(self, key: tuple[str, int], report: pytest.TestReport) -> Attempt | None:
        """Return the attempt with what a report adds to it; None if there is nothing to say."""
        from pytest_doctor_maint.report.terminal import Attempt

        before = self._found.get(key)
        properties: list[tuple[str, Any]] = report.user_properties if report.when == "call" else []
        runs = [json.loads(value) for name, value in properties if name == PROPERTY]
        is_repeated = str(report.outcome) == "rerun"
        has_failed = report.failed or is_repeated
        if before is None and not runs and not has_failed:
            return None
        attempt = before or Attempt(*key[:1], number=key[1])
        attempt = replace(attempt, runs=[*attempt.runs, *runs], is_repeated=attempt.is_repeated or is_repeated)
        if not has_failed or attempt.trouble is not None:
            return attempt
        reason = reason_of(report)
        return replace(attempt, trouble=_word(report, reason), reason=reason)


def reason_of(report: pytest.TestReport) -> str:
    """Return the first line of what pytest says of a failure."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(report.longrepr) if crash is None else crash.message
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = line.removeprefix("Failed: ").removeprefix("AssertionError: ")
    return f"at {report.when}: {line}" if report.when in ("setup", "teardown") else line


def _word(report: pytest.TestReport, reason: str) -> Word:
    from pytest_doctor_maint.report.terminal import Word

    if report.when == _CRASHED:
        return Word.CRASHED
    if _TIMEOUT in reason or _TIMEOUT in report.longreprtext:
        return Word.TIMED_OUT
    return Word.FAILED if report.when == "call" else Word.ERROR
