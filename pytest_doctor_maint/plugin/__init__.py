"""The hooks of pytest. What they do is decided in the modules they call."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

from pytest_doctor_maint.plugin import parametrize as collection
from pytest_doctor_maint.plugin import settings
from pytest_doctor_maint.plugin import summary as gate

pytest.register_assert_rewrite(collection.FIXTURES, "pytest_doctor_maint.scenarios")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add one option and one ini key for each setting."""
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


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and the fixtures; refuse a bad command line or ini file."""
    config.addinivalue_line("markers", settings.MARKER_HELP)
    try:
        config.stash[settings.SESSION_SETTINGS] = session_settings = settings.SessionSettings(config)
        if session_settings.is_asked_for:
            session_settings.resolve()
    except settings.SettingsError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[gate.GATE] = gate.Gate(config)
    config.pluginmanager.register(config.stash[gate.GATE], "doctor_maint_gate")
    # Each module of fixtures/ is a plugin of its own, so that `pytest --fixtures` tells where a fixture is written.
    for module in pkgutil.iter_modules(importlib.import_module(collection.FIXTURES).__path__):
        config.pluginmanager.import_plugin(f"{collection.FIXTURES}.{module.name}")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give each worker of xdist the seed that the header shows."""
    node.workerinput[settings.DRAWN_SEED] = node.config.stash[settings.SESSION_SETTINGS].drawn_seed


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize the maintenance tests, after everybody else: what they parametrize themselves is left alone."""
    try:
        collection.parametrize(metafunc)
    except settings.SettingsError as error:
        metafunc.config.stash[gate.GATE].note(error)
