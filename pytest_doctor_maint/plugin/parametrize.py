"""Which of the collected tests are maintenance tests, and what they are parametrized with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pytest_doctor_maint.plugin.settings import SESSION_SETTINGS, Settings, SettingsError, is_remote, raised
from pytest_doctor_maint.plugin.settings.session import DEFAULT_WORKFLOW, WORKFLOWS

FIXTURES = "pytest_doctor_maint.fixtures"

# The arguments of a test, the field of the settings each comes from, and how a value that is not the usual one reads
# in the test's id.
_ARGUMENTS = {
    "computes": ("computes", "{}-computes"),
    "admin_tool": ("admin_tool", "{}-admin-tool"),
    "app_manager": ("app_manager", "{}-app-manager"),
    "inspector": ("inspector", "{}-inspector"),
    "cloud": ("os_cloud", "on-{}"),
    "maintenance_workflow": ("workflow", "{}-workflow"),
}
_USUAL = {
    "admin_tool": "sample",
    "app_manager": "sample",
    "inspector": "sample",
    "cloud": "embedded",
}
# How many computes each cloud of clouds.yaml has, asked once a session.
_COMPUTES = pytest.StashKey[dict[str, int]]()


def is_maintenance_test(definition: pytest.Function) -> bool:
    """Whether the test has our marker, or gets a fixture of ours.

    A fixture that somebody else named `cloud` or `computes` does not make it one.
    """
    return definition.get_closest_marker("maintenance") is not None or any(
        _is_ours(definition, name) for name in definition._fixtureinfo.name2fixturedefs
    )


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Give a maintenance test its computes, actors, cloud and workflow as parameters.

    They are parameters, and not only fixtures, because Allure tells tests apart by the values of their parameters.

    Raises:
        SettingsError: a marker of the test, or a variable of the environment, that cannot be used; or a cloud that does
            not tell how many computes it has.
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
    numbers: Sequence[int | None] = (None,)
    if "computes" in arguments:
        numbers = settings.computes or raised([_count_computes(metafunc.config, settings)], settings.at_least)
    rows = _rows(arguments, settings, numbers)
    metafunc.parametrize(arguments, rows, ids=[_id(dict(zip(arguments, row, strict=True))) for row in rows])


def _rows(arguments: Sequence[str], settings: Settings, numbers: Sequence[int | None]) -> list[tuple[object, ...]]:
    fixed = {name: _told(getattr(settings, field)) for name, (field, _) in _ARGUMENTS.items()}
    return [tuple(number if name == "computes" else fixed[name] for name in arguments) for number in numbers]


def _count_computes(config: pytest.Config, settings: Settings) -> int:
    """How many computes the cloud of clouds.yaml has."""
    # Takes a second to import, which only those who name a cloud pay for.
    from pytest_doctor_maint.testbed.cloud_under_test import CloudSilent, count_computes

    known = config.stash.setdefault(_COMPUTES, {})
    if settings.os_cloud not in known:
        try:
            known[settings.os_cloud] = count_computes(settings.os_cloud)
        except CloudSilent as error:
            raise SettingsError(f"{settings.sources['os_cloud']}: {error}; allowed: --computes=N") from None
    return known[settings.os_cloud]


def _told(value: object) -> object:
    """The value of a parameter: an address would make each run another test for whoever compares runs by parameters."""
    return "remote" if isinstance(value, str) and is_remote(value) else value


def _id(row: dict[str, object]) -> Any:
    """The computes, and what is not as usual: `3-computes`, `3-computes-fenix-admin-tool`; nothing if all is."""
    usual = {**_USUAL, "maintenance_workflow": WORKFLOWS.get(str(row.get("app_manager")), DEFAULT_WORKFLOW)}
    told = [_ARGUMENTS[name][1].format(value) for name, value in row.items() if value != usual.get(name)]
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
