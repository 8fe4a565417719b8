"""The hooks of pytest. What they do is decided in the modules they call."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

import pytest

from pytest_doctor_maint import collection, settings

pytest.register_assert_rewrite(collection.FIXTURES, "pytest_doctor_maint.scenarios")

_PROPERTIES = pytest.StashKey[list[Mapping[str, Any]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add one option and one ini key for each setting."""
    # Help texts: lower case, no full stop, the choices in brackets at the end.
    group = parser.getgroup("doctor-maint", "maintenance of an OpenStack cloud (doctor-maint)")
    for kind in settings.KINDS:
        group.addoption(kind.option, dest=kind.dest, metavar=kind.metavar, default=None, help=kind.help_text)
        parser.addini(kind.ini, f"{kind.help_text}; like {kind.option}", default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and the fixtures; refuse a bad command line or ini file."""
    config.addinivalue_line(
        "markers",
        f"maintenance({', '.join(f'{kind.keyword}=...' for kind in settings.KINDS)}): a maintenance scenario, "
        "and what to run it with where the command line does not say",
    )
    config.stash[collection.COLLECTED_ERRORS] = []
    config.stash[_PROPERTIES] = []
    try:
        config.stash[settings.SESSION_SETTINGS] = session_settings = settings.SessionSettings(config)
        if session_settings.is_asked_for:
            session_settings.resolve()
    except settings.SettingsError as error:
        raise pytest.UsageError(str(error)) from None
    # Each module of fixtures/ is a plugin of its own, so that a fixture is found by where it is written.
    for module in pkgutil.iter_modules(importlib.import_module(collection.FIXTURES).__path__):
        config.pluginmanager.import_plugin(f"{collection.FIXTURES}.{module.name}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize the maintenance tests."""
    collection.parametrize(metafunc)


def pytest_collection_modifyitems(config: pytest.Config) -> None:
    """Refuse bad markers and variables of the environment."""
    errors = dict.fromkeys(map(str, config.stash[collection.COLLECTED_ERRORS]))
    if errors:
        raise pytest.UsageError(*errors)
