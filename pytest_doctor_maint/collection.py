"""Which of the collected tests are maintenance tests, and what they are parametrized with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pytest_doctor_maint.settings import SESSION_SETTINGS, Settings, is_remote

FIXTURES = "pytest_doctor_maint.fixtures"

# The arguments of a test, the field of the settings each comes from, and how a value that is not the usual one reads
# in the test's id.
_ARGUMENTS = {
    "computes": ("computes", "{}-computes"),
    "admin_tool": ("admin_tool", "{}-admin-tool"),
    "app_manager": ("app_manager", "{}-app-manager"),
    "inspector": ("inspector", "{}-inspector"),
    "cloud": ("os_cloud", "on-{}"),
}
_USUAL = {"admin_tool": "sample", "app_manager": "sample", "inspector": "sample", "cloud": "embedded"}


def is_maintenance_test(definition: pytest.Function) -> bool:
    """Whether the test has our marker, or gets a fixture of ours.

    A fixture that somebody else named `cloud` or `computes` does not make it one.
    """
    return definition.get_closest_marker("maintenance") is not None or any(
        _is_ours(definition, name) for name in definition._fixtureinfo.name2fixturedefs
    )


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Give a maintenance test its computes, admin tool, app manager, inspector and cloud as parameters.

    They are parameters, and not only fixtures, because Allure tells tests apart by the values of their parameters.

    Raises:
        SettingsError: a marker of the test, or a variable of the environment, that cannot be used.
    """
    definition = metafunc.definition
    if not is_maintenance_test(definition):
        return
    settings = metafunc.config.stash[SESSION_SETTINGS].resolve(definition)
    taken = _parametrized_by_marks(definition)
    arguments = [
        name
        for name in _ARGUMENTS
        if name in metafunc.fixturenames and name not in taken and not _is_foreign(definition, name)
    ]
    if not arguments:
        return
    rows = _rows(arguments, settings)
    metafunc.parametrize(arguments, rows, ids=[_id(dict(zip(arguments, row, strict=True))) for row in rows])


def _rows(arguments: Sequence[str], settings: Settings) -> list[tuple[object, ...]]:
    fixed = {name: _told(getattr(settings, field)) for name, (field, _) in _ARGUMENTS.items()}
    numbers: Sequence[int | None] = settings.computes if "computes" in arguments else (None,)
    return [tuple(number if name == "computes" else fixed[name] for name in arguments) for number in numbers]


def _told(value: object) -> object:
    """The value of a parameter: an address would make each run another test for whoever compares runs by parameters."""
    return "remote" if isinstance(value, str) and is_remote(value) else value


def _id(row: dict[str, object]) -> Any:
    """The computes, and what is not as usual: `3-computes`, `3-computes-fenix-admin-tool`; nothing if all is."""
    told = [_ARGUMENTS[name][1].format(value) for name, value in row.items() if value != _USUAL.get(name)]
    # An id can be left out since pytest 8.4; before, the usual values stand there.
    return "-".join(told) or getattr(pytest, "HIDDEN_PARAM", "-".join(dict.fromkeys(map(str, row.values()))))


def _parametrized_by_marks(definition: pytest.Function) -> set[str]:
    taken: set[str] = set()
    for mark in definition.iter_markers("parametrize"):
        names = mark.args[0] if mark.args else mark.kwargs.get("argnames", ())
        taken.update(name.strip() for name in (names.split(",") if isinstance(names, str) else names))
    return taken


def _is_ours(definition: pytest.Function, name: str) -> bool:
    # pytest has no public way to ask where a fixture comes from; the last definition is the one that the test gets.
    fixturedefs = definition._fixtureinfo.name2fixturedefs.get(name)
    return fixturedefs is not None and fixturedefs[-1].func.__module__.startswith(f"{FIXTURES}.")


def _is_foreign(definition: pytest.Function, name: str) -> bool:
    return name in definition._fixtureinfo.name2fixturedefs and not _is_ours(definition, name)
