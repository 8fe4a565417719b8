"""The benchmark of the reports."""

from __future__ import annotations

import pytest

from benchmarks.reporting import ReportTimes, measure, report
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings


@pytest.mark.parametrize(
    ("shares", "seconds", "kept"),
    [((0.1, 0.15, 0.9), 1.0, True), ((0.1, 0.16, 0.17), 1.0, False), ((0.1,), 1.01, False)],
)
def test_both_bounds_count(shares: tuple[float, ...], seconds: float, kept: bool) -> None:
    assert ReportTimes(shares, 64, seconds).kept is kept


def test_the_reports_of_a_run_are_timed() -> None:
    result = Scenario(TestbedSettings(wire="memory")).on(3).full().carry_out()
    times = measure(lambda: (result, 100.0), 1, result, 3)
    assert 0 < times.share < times.seconds
    assert "reports on 3 computes" in report(times)
