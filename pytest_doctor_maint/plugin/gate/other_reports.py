"""The verdict in the reports of other plugins: JUnit and Allure know the tests alone, not how pytest ended."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from pytest_doctor_maint.plugin.gate.cases import Case
from pytest_doctor_maint.report.gate import CaseOutcome, Conclusion

#: The name of the property of a JUnit suite that has the verdict.
SUITE_PROPERTY = "doctor_maint_verdict"
#: The name of the test that stands for the verdict where no other test is red.
TEST = "doctor_maint::verdict"
_SHOWN = (CaseOutcome.FAILED, CaseOutcome.ERROR)


def tell(config: pytest.Config, conclusion: Conclusion, cases: Sequence[Case]) -> None:
    """Add the verdict to JUnit's and Allure's reports.

    A report whose tests do not show that the verdict is not green gets a test of its own, which is red.

    Args:
        config: The configuration of pytest.
        conclusion: The verdict.
        cases: The tests.
    """
    red = [case for case in cases if case.last.outcome in _SHOWN]
    _tell_junit(config, conclusion, is_red=bool(red))
    # Allure shows the tests of this process and of workers that live; not what crashed with its worker.
    crashed = [case for case in red if case.has_crashed]
    if not conclusion.is_green and len(crashed) == len(red):
        _tell_allure(config, conclusion, crashed)


def _tell_junit(config: pytest.Config, conclusion: Conclusion, *, is_red: bool) -> None:
    from _pytest.junitxml import xml_key

    xml = config.stash.get(xml_key, None)
    if xml is None:
        return
    # pytest offers this to fixtures alone, and those of a worker of pytest-xdist do not reach the report.
    xml.add_global_property(SUITE_PROPERTY, conclusion.verdict.value)
    if not conclusion.is_green and not is_red and not any(xml.stats[kind] for kind in ("error", "failure")):
        xml.pytest_runtest_logreport(
            pytest.TestReport(
                nodeid=TEST,
                location=("doctor_maint", None, "verdict"),
                keywords={},
                outcome="failed",
                longrepr=f"{conclusion.verdict}: {conclusion.reason}",
                when="setup",
            )
        )


def _tell_allure(config: pytest.Config, conclusion: Conclusion, crashed: Sequence[Case]) -> None:
    if sys.modules.get("allure_commons") is None or not config.getoption("allure_report_dir", None):
        return
    from allure_commons import plugin_manager
    from allure_commons.model2 import Label, Status, StatusDetails, TestResult
    from allure_commons.types import LabelType

    utils: Any = importlib.import_module("allure_commons.utils")

    def results() -> Iterator[tuple[str, str]]:
        for case in crashed:
            yield case.nodeid, case.last.reason
        if not crashed:
            yield TEST, f"{conclusion.verdict}: {conclusion.reason}"

    for nodeid, reason in results():
        moment, identity = utils.now(), utils.md5(nodeid)
        result = TestResult(
            uuid=utils.uuid4(),
            name=nodeid.rpartition("::")[2],
            fullName=nodeid,
            historyId=identity,
            testCaseId=identity,
            status=Status.BROKEN,
            statusDetails=StatusDetails(message=reason),
            labels=[Label(name=LabelType.FRAMEWORK, value="pytest"), Label(name=LabelType.SUITE, value="doctor-maint")],
            start=moment,
            stop=moment,
        )
        plugin_manager.hook.report_result(result=result)
