"""What a run of pytest as a whole has to say about its maintenance tests, and when it must not be green."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from pytest_doctor_maint.plugin.parametrize import is_maintenance_test
from pytest_doctor_maint.plugin.settings import SESSION_SETTINGS, header

if TYPE_CHECKING:
    from pytest_doctor_maint.report.summary import RunProperties

# Each scenario tells about itself in one user property of this name. It travels with the test's report, so that under
# xdist it reaches the controller.
PROPERTY = "doctor_maint"

_WORKER_ERRORS = "doctor_maint_errors"


class Gate:
    """The state of one run. Registered as a plugin, because pytest gives some of its hooks no config to keep it in."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._errors: dict[str, None] = {}
        self._properties: list[RunProperties] = []
        self._tests_seen = False

    def note(self, error: Exception) -> None:
        """Keep an error that was met while tests were collected.

        Raised there, it would be one more "error during collection" with exit code 2, and not the usage error it is.
        """
        self._errors[str(error)] = None

    def pytest_report_header(self) -> str | None:
        """Show the effective values, when maintenance tests are asked for."""
        session_settings = self._config.stash[SESSION_SETTINGS]
        return header(session_settings.resolve()) if session_settings.is_asked_for else None

    def pytest_report_collectionfinish(self, items: Sequence[pytest.Item]) -> str | None:
        """Show the effective values, when maintenance tests were collected without being asked for."""
        session_settings = self._config.stash[SESSION_SETTINGS]
        if session_settings.is_asked_for or self._errors or self._config.get_verbosity() < 0:
            return None
        found = any(isinstance(item, pytest.Function) and is_maintenance_test(item) for item in items)
        return header(session_settings.resolve()) if found else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuse a bad marker or environment, before any test runs."""
        if not self._errors:
            return
        workeroutput = getattr(self._config, "workeroutput", None)
        if workeroutput is None:
            raise pytest.UsageError(*self._errors)
        # A usage error in a worker of xdist would be an internal error of the controller, so it is told there instead.
        workeroutput[_WORKER_ERRORS] = list(self._errors)
        items.clear()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Refuse what a worker of xdist found to be bad."""
        errors = getattr(node, "workeroutput", {}).get(_WORKER_ERRORS)
        if errors:
            raise pytest.UsageError(*errors)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what the scenarios tell about themselves."""
        self._tests_seen = True
        if report.when == "call":
            properties: list[tuple[str, Any]] = report.user_properties
            self._properties += [value for name, value in properties if name == PROPERTY]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Do not be green when scenarios were asked for and none ran."""
        if self._is_empty_handed(exitstatus):
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """Sum up the scenarios, or say that none ran."""
        if self._properties:
            from pytest_doctor_maint.report.summary import terminal_summary

            terminalreporter.section("doctor-maint")
            for line in terminal_summary(self._properties):
                terminalreporter.write_line(line)
        elif self._is_empty_handed(exitstatus):
            options = ", ".join(self._config.stash[SESSION_SETTINGS].options_given)
            terminalreporter.section("doctor-maint", red=True)
            terminalreporter.write_line(
                f"No maintenance scenario ran, although the command line has {options}.", red=True
            )

    def _is_empty_handed(self, exitstatus: int) -> bool:
        """Whether nothing failed, but only because no scenario ran.

        A run that is no run of tests, such as --collect-only or --fixtures, is not meant.
        """
        if hasattr(self._config, "workerinput") or self._properties:
            return False
        passed = exitstatus == pytest.ExitCode.OK and self._tests_seen
        found_none = exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
        return (passed or found_none) and bool(self._config.stash[SESSION_SETTINGS].options_given)


GATE = pytest.StashKey[Gate]()
