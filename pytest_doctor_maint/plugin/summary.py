"""The header and the summary of a run of pytest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pytest_doctor_maint.plugin.attempts import Attempts
from pytest_doctor_maint.plugin.parametrize import is_maintenance_test, values_of_tests
from pytest_doctor_maint.plugin.settings import PARAMETRIZE, SESSION_SETTINGS, header

#: True if `-n auto` was taken as no workers.
RUNS_ALONE = pytest.StashKey[bool]()

_WORKER_ERRORS = "doctor_maint_errors"
_WORKER_FOUND = "doctor_maint_found"


class Summary:
    """The state of one run of pytest. It is registered as a plugin, because some hooks of pytest get no config."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._errors: dict[str, None] = {}
        self._attempts = Attempts()
        #: Set where the verdict is decided: nothing failed, but only because no scenario ran.
        self.has_run_nothing = False
        self._found = False
        self._told: list[str] = []

    @property
    def found(self) -> bool:
        """True if there are maintenance tests, whether or not they are selected."""
        return self._found

    def tell(self, text: str) -> None:
        """Keep what a test has to say that is interrupted: it gets no report of its own."""
        self._told.append(text)

    def note(self, error: Exception) -> None:
        """Keep an error of the collection of tests.

        An error that is raised during the collection ends pytest with exit code 2, and is not shown as a usage error.
        """
        self._errors[str(error)] = None

    def pytest_report_header(self) -> list[str]:
        """Show the effective settings, if maintenance tests are asked for."""
        session_settings = self._config.stash[SESSION_SETTINGS]
        if not session_settings.is_asked_for:
            return []
        cloud = session_settings.value_of("os_cloud")
        alone = f"doctor-maint: no workers (-n auto): the cloud {cloud!r} can run one scenario at a time"
        return [header(session_settings.resolve()), *([alone] if self._config.stash.get(RUNS_ALONE, False) else [])]

    def pytest_report_collectionfinish(self, items: Sequence[pytest.Item]) -> list[str]:
        """Show the effective settings if maintenance tests were collected and the header did not show the settings, and
        the values that tests parametrize themselves.
        """
        session_settings = self._config.stash[SESSION_SETTINGS]
        if self._errors or self._config.get_verbosity() < 0:
            return []
        found = [item for item in items if isinstance(item, pytest.Function) and is_maintenance_test(item)]
        lines = [header(session_settings.resolve())] if found and not session_settings.is_asked_for else []
        return lines + [
            f"doctor-maint: {title} {', '.join(values)} ({PARAMETRIZE})"
            for title, values in values_of_tests(found).items()
        ]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuse a bad marker, parameter or environment before any test runs, and note if there are scenarios."""
        # Before any test is deselected.
        self._found = any(isinstance(item, pytest.Function) and is_maintenance_test(item) for item in items)
        workeroutput = getattr(self._config, "workeroutput", None)
        if workeroutput is not None:
            workeroutput[_WORKER_FOUND] = self._found
        if not self._errors:
            return
        if workeroutput is None:
            raise pytest.UsageError(*self._errors)
        # A usage error in a worker of xdist would be an internal error of the controller, so the controller raises it.
        workeroutput[_WORKER_ERRORS] = list(self._errors)
        items.clear()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Note what a worker of xdist found, and raise its usage errors."""
        output = getattr(node, "workeroutput", {})
        self._found = self._found or output.get(_WORKER_FOUND, False)
        errors = output.get(_WORKER_ERRORS)
        if errors:
            raise pytest.UsageError(*errors)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the results of the scenarios."""
        self._attempts.add(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the results of the scenarios, or that none ran."""
        for text in self._told:
            terminalreporter.section("doctor-maint: interrupted", red=True)
            terminalreporter.write_line(text)
        if attempts := self._attempts.all():
            from pytest_doctor_maint.report import terminal_summary

            terminalreporter.section("doctor-maint")
            for line in terminal_summary(attempts, self._config.get_terminal_writer().fullwidth):
                terminalreporter.write_line(line.text, **({line.colour: True} if line.colour else {}))
        elif self.has_run_nothing:
            terminalreporter.section("doctor-maint", red=True)
            terminalreporter.write_line(f"No maintenance scenario ran, although {self.reason()}.", red=True)

    def reason(self) -> str:
        """Return what asks for maintenance scenarios; empty if nothing does.

        An option always does. An ini file and the environment may also be those of other tests: they do if there are
        scenarios, which then were skipped or deselected.
        """
        settings = self._config.stash[SESSION_SETTINGS]
        if settings.options_given:
            return f"the command line has {', '.join(settings.options_given)}"
        if self._found and settings.surroundings_given:
            return f"there are scenarios, and settings for them: {', '.join(settings.surroundings_given)}"
        return ""


SUMMARY = pytest.StashKey[Summary]()
