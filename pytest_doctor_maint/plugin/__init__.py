"""The hooks of pytest. Each hook calls another module of this package, which does the work."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Generator, Sequence
from typing import Any

import pytest

from pytest_doctor_maint.plugin import allure, live, output, parametrize, refused, settings, summary
from pytest_doctor_maint.plugin.gate import collector, file, judged, records
from pytest_doctor_maint.refusal import Refusal

pytest.register_assert_rewrite(parametrize.FIXTURES, "pytest_doctor_maint.scenarios")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add one option and one ini key for each setting."""
    output.open_if_closed()
    # Help texts: lower case, no full stop, the choices and the default in brackets at the end.
    group = parser.getgroup("doctor-maint", "maintenance of an OpenStack cloud (doctor-maint)")
    for setting in settings.SETTINGS:
        group.addoption(
            setting.option,
            dest=setting.dest,
            metavar=setting.metavar,
            action="append" if setting.repeatable else "store",
            default=None,
            help=setting.help_text,
        )
        parser.addini(setting.ini, f"{setting.help_text}; like {setting.option}", default=None)


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Replace the result of an earlier run before pytest checks the command line, which may be wrong."""
    if path := file.early_path(early_config):
        file.write_unfinished(path, "pytest did not start: the command line, the ini file or a plugin was refused")


# First: Allure's plugin makes its folder when it is configured.
@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and the fixtures; refuse a bad command line or ini file."""
    config.addinivalue_line("markers", settings.MARKER_HELP)
    try:
        config.stash[settings.SESSION_SETTINGS] = session_settings = settings.SessionSettings(config)
        if session_settings.is_asked_for:
            session_settings.resolve()
            settings.check_outputs(config)
            output.make_lasting(config)
    except settings.SettingsError as error:
        if path := file.early_path(config):
            file.write_unfinished(path, str(error), exit_code=pytest.ExitCode.USAGE_ERROR)
        raise pytest.UsageError(str(error)) from None
    live.keep_terminal(config)
    config.stash[summary.SUMMARY] = summary.Summary(config)
    config.pluginmanager.register(config.stash[summary.SUMMARY], "doctor_maint_summary")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(collector.ResultCollector(config), "doctor_maint_result")
    allure.register(config)
    # Each module of fixtures/ is a plugin of its own, so that `pytest --fixtures` shows where a fixture is defined.
    for module in pkgutil.iter_modules(importlib.import_module(parametrize.FIXTURES).__path__):
        config.pluginmanager.import_plugin(f"{parametrize.FIXTURES}.{module.name}")


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Let `-n auto` mean no workers where one scenario can run at a time."""
    config.stash[summary.RUNS_ALONE] = alone = settings.runs_alone(config)
    return 0 if alone else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the seed that the header shows to each worker of xdist."""
    node.workerinput[settings.DRAWN_SEED] = node.config.stash[settings.SESSION_SETTINGS].drawn_seed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a refusal as one sentence, and hand the runs of a maintenance test over with its reports."""
    report = yield
    records.attach(item, report)
    if call.excinfo is not None and isinstance(call.excinfo.value, Refusal) and report.failed:
        report.longrepr = refused.one_sentence(call.excinfo)
    return report


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize the maintenance tests, after all other plugins. Arguments that a test parametrizes are left alone."""
    try:
        parametrize.parametrize(metafunc)
    except settings.SettingsError as error:
        metafunc.config.stash[summary.SUMMARY].note(error)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a maintenance test that passes and judged nothing; an exception of the test itself goes first."""
    yield
    judged.check(item)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Hand the tests that a worker of xdist is not to run over to the controller."""
    records.note_deselected(items)
