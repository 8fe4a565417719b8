"""The attempts at a test, put together from the reports of pytest."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_doctor_maint.plugin.gate.cases import CRASH, Cases


def report(when: Any, outcome: Any = "passed") -> pytest.TestReport:
    return pytest.TestReport("a.py::test", ("a.py", 1, "test"), {}, outcome, None, when)


def test_a_worker_that_dies_after_a_repeated_attempt_is_another_attempt() -> None:
    cases = Cases(())
    # A plugin that repeats a test reports no tear-down of the attempt that failed.
    for each in (report("setup"), report("call", "rerun"), report(CRASH, "failed")):
        cases.add(each)
    (case,) = cases
    assert [attempt.is_repeated for attempt in case.attempts] == [True, False]
    assert case.has_crashed
