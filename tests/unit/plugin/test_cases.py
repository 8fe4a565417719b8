"""The tests of a run of pytest, put together from reports in the orders in which plugins send them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_doctor_maint.plugin.gate.cases import CRASH, Case, Cases
from pytest_doctor_maint.plugin.gate.records import ATTRIBUTE

NODEID = "test_a.py::test_a"


def report(when: str, outcome: str = "passed", worker: str = "", **attributes: Any) -> pytest.TestReport:
    found = pytest.TestReport(NODEID, ("test_a.py", 1, "test_a"), {}, outcome, None, when)  # type: ignore[arg-type]
    if (runs := attributes.pop("runs", None)) is not None:
        setattr(found, ATTRIBUTE, runs)
    found.longrepr = attributes.pop("longrepr", "it broke\nmore" if outcome not in ("passed", "skipped") else None)
    if worker:
        attributes["node"] = SimpleNamespace(gateway=SimpleNamespace(id=worker))
    for name, value in attributes.items():
        setattr(found, name, value)
    return found


def put_together(*reports: pytest.TestReport) -> list[Case]:
    cases = Cases([NODEID])
    for each in reports:
        cases.add(each)
    return list(cases)


def outcomes(case: Case) -> list[str]:
    return [attempt.outcome.value for attempt in case.attempts]


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        pytest.param([], ["interrupted"], id="no report"),
        pytest.param([report("setup")], ["interrupted"], id="interrupted in the test"),
        pytest.param([report("setup"), report("call"), report("teardown")], ["passed"], id="passed"),
        pytest.param([report("setup"), report("call", "failed"), report("teardown")], ["failed"], id="failed"),
        pytest.param([report("setup", "failed"), report("teardown")], ["error"], id="broken fixture"),
        pytest.param([report("setup"), report("call"), report("teardown", "failed")], ["error"], id="tear-down"),
        pytest.param(
            [report("setup", "skipped", longrepr=("a.py", 1, "Skipped: booked")), report("teardown")],
            ["skipped"],
            id="skipped",
        ),
        pytest.param(
            [report("setup"), report("call", "skipped", wasxfail="known"), report("teardown")],
            ["xfailed"],
            id="expected failure",
        ),
        pytest.param([report("setup"), report("call", wasxfail=""), report("teardown")], ["xpassed"], id="xpassed"),
        pytest.param([report("setup"), report(CRASH, "failed")], ["error"], id="crash in the test"),
        pytest.param([report(CRASH, "failed")], ["error"], id="crash in the set-up"),
        # As pytest-rerunfailures reports it: the tear-down of an attempt that it repeats is left out.
        pytest.param(
            [report("setup"), report("call", "rerun"), report("setup"), report("call"), report("teardown")],
            ["failed", "passed"],
            id="repeated",
        ),
        pytest.param(
            [report("setup", "rerun"), report("setup", "rerun"), report("setup", "failed"), report("teardown")],
            ["error", "error", "error"],
            id="set-up repeated",
        ),
        pytest.param(
            [report("setup"), report("call", "failed"), report("call", "failed"), report("teardown")],
            ["failed"],
            id="subtests",
        ),
    ],
)
def test_each_attempt_has_its_outcome(reports: list[pytest.TestReport], expected: list[str]) -> None:
    (case,) = put_together(*reports)
    assert outcomes(case) == expected
    assert bool(case.last.reason) == (expected[-1] not in ("passed", "xpassed"))


def test_the_runs_of_an_attempt_are_counted_once() -> None:
    """Each report of an attempt has all runs up to then."""
    first, second = {"seed": 1}, {"seed": 2}
    (case,) = put_together(
        report("setup", runs=[]),
        report("call", "rerun", runs=[first]),
        report("setup", runs=[]),
        report("call", runs=[first, second]),
        report("teardown", runs=[first, second]),
    )
    assert [attempt.runs for attempt in case.attempts] == [[first], [first, second]]
    assert case.is_maintenance


def test_workers_that_run_the_same_test_have_a_case_each() -> None:
    """As with pytest-xdist's ``--dist each``, in any order."""
    cases = put_together(
        report("setup", worker="gw0"),
        report("setup", worker="gw1"),
        report("call", worker="gw1"),
        report("call", "failed", worker="gw0"),
        report("teardown", worker="gw1"),
        report("teardown", worker="gw0"),
    )
    assert [(case.last.worker, outcomes(case)) for case in cases] == [("gw0", ["failed"]), ("gw1", ["passed"])]


def test_only_the_last_attempt_tells_of_a_crash() -> None:
    (crashed,) = put_together(report("setup", worker="gw0"), report(CRASH, "failed", worker="gw0"))
    assert crashed.has_crashed
    (again,) = put_together(report(CRASH, "failed"), report("setup"), report("call"), report("teardown"))
    assert not again.has_crashed
