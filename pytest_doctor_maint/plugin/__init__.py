"""The hooks of pytest. Each hook calls another module of this package, which does the work."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

from pytest_doctor_maint.plugin import allure, output, parametrize, settings, summary

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
        raise pytest.UsageError(str(error)) from None
    config.stash[summary.SUMMARY] = summary.Summary(config)
    config.pluginmanager.register(config.stash[summary.SUMMARY], "doctor_maint_summary")
    allure.register(config)
    # Each module of fixtures/ is a plugin of its own, so that `pytest --fixtures` shows where a fixture is defined.
    for module in pkgutil.iter_modules(importlib.import_module(parametrize.FIXTURES).__path__):
        config.pluginmanager.import_plugin(f"{parametrize.FIXTURES}.{module.name}")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the seed that the header shows to each worker of xdist."""
    node.workerinput[settings.DRAWN_SEED] = node.config.stash[settings.SESSION_SETTINGS].drawn_seed


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize the maintenance tests, after all other plugins. Arguments that a test parametrizes are left alone."""
    try:
        parametrize.parametrize(metafunc)
    except settings.SettingsError as error:
        metafunc.config.stash[summary.SUMMARY].note(error)
