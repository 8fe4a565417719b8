"""The result of a run of pytest, collected in the controller and told to everybody who asks for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from pytest_doctor_maint.plugin.gate import file
from pytest_doctor_maint.plugin.gate.records import ATTRIBUTE, DESELECTED
from pytest_doctor_maint.plugin.gate.seen import Seen
from pytest_doctor_maint.plugin.parametrize import is_maintenance_test
from pytest_doctor_maint.plugin.settings import SESSION_SETTINGS
from pytest_doctor_maint.plugin.summary import SUMMARY

# Here and below: the imports of the reports take half a second, which a suite without maintenance tests must not pay.
if TYPE_CHECKING:
    from pytest_doctor_maint.report.gate import Conclusion
    from pytest_doctor_maint.report.result import Push

#: The variable of the environment with the URL of the results in a TestAPI.
TEST_DB_URL = "TEST_DB_URL"
#: The exit code of pytest for an error of its own, and of its plugins.
INTERNAL_ERROR = pytest.ExitCode.INTERNAL_ERROR


class ResultCollector:
    """Collects how the tests and pytest ended; decides the verdict; writes the result. Only for the controller.

    Args:
        config: The configuration of pytest.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._seen = Seen()
        self._conclusion: Conclusion | None = None
        self._push: Push | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Replace the result of an earlier run: if pytest is killed, that must not stand for this one."""
        if self._config.stash[SESSION_SETTINGS].is_asked_for and (path := self._path):
            file.write_unfinished(path, "pytest has not ended: it still runs, or it was killed", is_running=True)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Note the tests that are not to run."""
        self._seen.deselected |= dict.fromkeys(item.nodeid for item in items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Note what a worker of pytest-xdist was not to run, and that it crashed."""
        self._seen.deselected |= dict.fromkeys(getattr(node, "workeroutput", {}).get(DESELECTED, ()))
        if error:
            self._seen.notes.append(f"the worker {node.gateway.id} crashed: {error}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what cannot be collected."""
        if report.failed:
            lines = [line for line in str(report.longrepr).splitlines() if line.strip()]
            place = report.nodeid or "the tests"
            self._seen.errors.append(f"{place} cannot be collected: {lines[-1] if lines else 'no reason is given'}")

    def pytest_internalerror(self, excrepr: object) -> None:
        """Note that pytest itself failed."""
        self._seen.errors.append(f"pytest itself failed: {str(excrepr).strip().splitlines()[-1]}")

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note what interrupted pytest."""
        text = str(excinfo.value)
        self._seen.interruption = f"pytest was interrupted: {excinfo.typename}{f': {text}' if text else ''}"

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note that a test began."""
        self._seen.begun[nodeid] = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Keep the test that runs in this process: it gets no report if it is interrupted."""
        self._seen.item = item

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what the phases of the tests say."""
        self._seen.reports.append(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Decide the verdict before other plugins write their reports, and write the result when they have done so."""
        if not self._is_concerned:
            yield
            return
        from pytest_doctor_maint.plugin.gate import other_reports
        from pytest_doctor_maint.plugin.gate.document import Outlook
        from pytest_doctor_maint.plugin.gate.push import push

        outlook = Outlook(self._config, self._seen)
        self._conclusion = outlook.conclude(int(session.exitstatus))
        session.exitstatus = self._conclusion.exit_code
        other_reports.tell(self._config, self._conclusion, outlook.cases)
        is_nothing = self._conclusion.exit_code == pytest.ExitCode.NO_TESTS_COLLECTED
        self._config.stash[SUMMARY].has_run_nothing = is_nothing
        if url := os.environ.get(TEST_DB_URL):
            self._push = push(url, outlook.document(self._conclusion), os.environ)
        try:
            yield
        finally:
            # Another plugin may have changed the exit code in the meantime.
            if session.exitstatus != self._conclusion.exit_code:
                self._conclusion = outlook.conclude(int(session.exitstatus))
            if self._path is not None:
                try:
                    file.write(self._path, outlook.document(self._conclusion, self._push))
                except OSError as error:
                    sys.stderr.write(f"doctor-maint: cannot write {self._path}: {error.strerror}\n")
                    session.exitstatus = session.exitstatus or INTERNAL_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the result is, and whether it was pushed."""
        if self._conclusion is None:
            return
        if self._path is not None:
            terminalreporter.write_line(f"doctor-maint: {self._conclusion.verdict}; the result is in {self._path}")
        if self._push is not None:
            how = "is pushed" if self._push.pushed else f"could not be pushed, {self._push.reason}"
            text = f"doctor-maint: the result {how} (TestAPI at {self._push.place}); the verdict is the same"
            terminalreporter.write_line(text, red=not self._push.pushed)

    @property
    def _path(self) -> Any:
        return self._config.stash[SESSION_SETTINGS].value_of("result_file")

    @property
    def _is_concerned(self) -> bool:
        """True if maintenance tests were asked for, or if one was carried out, failed, or was interrupted."""
        if self._config.stash[SUMMARY].reason():
            return True
        if any(
            getattr(each, ATTRIBUTE, None) or (hasattr(each, ATTRIBUTE) and each.failed) for each in self._seen.reports
        ):
            return True
        item = self._seen.item
        return bool(self._seen.interruption) and isinstance(item, pytest.Function) and is_maintenance_test(item)
