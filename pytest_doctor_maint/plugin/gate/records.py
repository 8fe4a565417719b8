"""What a test hands to the controller: its runs, with the reports of its phases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pytest_doctor_maint.plugin.parametrize import is_maintenance_test

#: The name of the user property in which each scenario reports its results, as JSON: JUnit shows it as it is. It
#: travels with the report of the test, so that it reaches the controller of pytest-xdist.
PROPERTY = "doctor_maint"
#: The name of the attribute of a report that has the runs of a maintenance test. pytest-xdist takes all attributes of a
#: report to the controller.
ATTRIBUTE = "doctor_maint_runs"
#: Where a worker of pytest-xdist hands over the tests that it was not to run.
DESELECTED = "doctor_maint_deselected"
# The runs of the attempt that is under way, as plain data.
_RUNS = pytest.StashKey[list[dict[str, Any]]]()
_ATTEMPTS = pytest.StashKey[int]()
_CALL_FAILED = pytest.StashKey[bool]()


def begin_attempt(item: pytest.Item) -> None:
    """Begin another attempt at a test, without the runs of the attempt before, which were reported with that one."""
    # pytest-rerunfailures also counts the attempts of a worker that crashed.
    item.stash[_ATTEMPTS] = max(item.stash.get(_ATTEMPTS, 0) + 1, getattr(item, "execution_count", 0))
    item.stash[_RUNS] = []
    item.user_properties[:] = [(name, value) for name, value in item.user_properties if name != PROPERTY]


def attempt_of(item: pytest.Item) -> int:
    """Return the number of the attempt at a test, from 1 on."""
    return item.stash.get(_ATTEMPTS, 1)


def add_run(item: pytest.Item, run: dict[str, Any]) -> None:
    """Add a run, as :func:`~pytest_doctor_maint.report.result.judged_run` returns it."""
    item.stash.setdefault(_RUNS, []).append(run)


def runs_of(item: pytest.Item) -> list[dict[str, Any]]:
    """Return the runs of the attempt that is under way."""
    return item.stash.get(_RUNS, [])


def attach(item: pytest.Item, report: pytest.TestReport) -> None:
    """Attach the runs to the report of a phase of a maintenance test."""
    if not isinstance(item, pytest.Function) or not is_maintenance_test(item):
        return
    setattr(report, ATTRIBUTE, runs_of(item))
    if report.when == "call":
        item.stash[_CALL_FAILED] = report.failed
    elif report.when == "teardown" and report.failed and item.stash.get(_CALL_FAILED, False):
        # JUnit makes another test case of a tear-down that fails after the test: the run would be there twice.
        report.user_properties = [each for each in report.user_properties if each[0] != PROPERTY]


def note_deselected(items: Sequence[pytest.Item]) -> None:
    """Hand the tests that a worker of pytest-xdist is not to run to the controller."""
    output = getattr(items[0].config, "workeroutput", None) if items else None
    if output is not None:
        output[DESELECTED] = [*output.get(DESELECTED, []), *(item.nodeid for item in items)]
