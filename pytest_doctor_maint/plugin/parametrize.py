"""The maintenance tests among the collected ones, and the arguments that they are parametrized with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from pytest_doctor_maint.plugin.settings import (
    SESSION_SETTINGS,
    SETTINGS,
    Settings,
    SettingsError,
    default_workflow,
    is_remote,
    raised,
    settings_for,
    shown,
)

FIXTURES = "pytest_doctor_maint.fixtures"

#: The arguments of a test, the field of the settings that each stands for, and how a value that is not the usual one
#: reads in the id of the test.
ARGUMENTS = {
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
# The number of computes of each cloud of clouds.yaml, asked once a session.
_COMPUTES = pytest.StashKey[dict[str, int]]()
# The arguments that the plugin itself gives to each test function of a collector.
_GIVEN = pytest.StashKey[dict[str, tuple[str, ...]]]()


def is_maintenance_test(definition: pytest.Function) -> bool:
    """Return True if the test has the marker, or uses a fixture of the plugin.

    A test is not a maintenance test because it uses a fixture of the test suite that is named `cloud` or `computes`.
    """
    return definition.get_closest_marker("maintenance") is not None or any(
        _is_ours(definition, name) for name in definition._fixtureinfo.name2fixturedefs
    )


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Parametrize a maintenance test with its computes, actors, cloud and workflow.

    They are parameters, and not only fixtures, because Allure tells tests apart by the values of their parameters. An
    argument that the test parametrizes itself, or that a fixture of the test suite provides, is left alone: the test
    runs with its value, see :func:`parametrized`.

    Raises:
        SettingsError: A value of a marker, of `parametrize` or of a variable of the environment cannot be used; or the
            computes of a cloud cannot be counted.
    """
    definition = metafunc.definition
    if not is_maintenance_test(definition):
        return
    session_settings = metafunc.config.stash[SESSION_SETTINGS]
    # Each row that the test parametrizes is resolved here, so that an invalid row is refused before any test runs.
    settings = [session_settings.resolve(definition, values, marks) for values, marks in _rows_of_the_test(metafunc)]
    already = {name for call in metafunc._calls for name in call.params}
    arguments = [
        name
        for name in ARGUMENTS
        if name in metafunc.fixturenames and name not in already and not _is_foreign(definition, name)
    ]
    if "maintenance_workflow" in arguments and not _is_workflow_known(metafunc, settings):
        arguments.remove("maintenance_workflow")
    if isinstance(definition.parent, pytest.Collector):
        definition.parent.stash.setdefault(_GIVEN, {})[definition.name] = tuple(arguments)
    if not arguments:
        return
    _check_rows(definition, arguments, settings)
    numbers: Sequence[int | None] = (None,)
    if "computes" in arguments:
        numbers = _numbers(metafunc, settings)
    rows = _rows(arguments, settings[0], numbers)
    metafunc.parametrize(arguments, rows, ids=[_id(dict(zip(arguments, row, strict=True))) for row in rows])


def _is_workflow_known(metafunc: pytest.Metafunc, settings: Sequence[Settings]) -> bool:
    """Return True if all rows have one workflow, which is known before any fixture runs.

    A workflow that no source sets is that of the app manager, which a fixture may provide. Then the fixture
    `maintenance_workflow` provides the workflow.
    """
    comes_from_fixture = _is_foreign(metafunc.definition, "app_manager")
    is_set = settings[0].sources["workflow"] != "default"
    return len({each.workflow for each in settings}) == 1 and (is_set or not comes_from_fixture)


def _check_rows(definition: pytest.Function, arguments: Sequence[str], settings: Sequence[Settings]) -> None:
    """Refuse markers of single rows that change an argument which the plugin gives to all rows alike.

    Raises:
        SettingsError: An argument has several values.
    """
    for name in arguments:
        field = ARGUMENTS[name][0]
        values = {shown(_as_parameter(getattr(each, field))): None for each in settings}
        # The number of computes that each cloud has is asked later.
        if len(values) > 1 and not (name == "computes" and len({each.os_cloud for each in settings}) > 1):
            raise SettingsError(
                f"@pytest.mark.maintenance in pytest.param of {definition.nodeid}: the rows have several values of "
                f"{name}: {', '.join(values)}; allowed: parametrize {name} as well"
            )


def _numbers(metafunc: pytest.Metafunc, settings: Sequence[Settings]) -> Sequence[int]:
    """Return the numbers of computes to test with."""
    if len({each.os_cloud for each in settings}) > 1:
        raise SettingsError(
            f"parametrize cloud of {metafunc.definition.nodeid}: each cloud has its own number of computes; "
            "allowed with several clouds: parametrize computes as well"
        )
    return settings[0].computes or raised([_count_computes(metafunc.config, settings[0])], settings[0].at_least)


def settings_of(request: pytest.FixtureRequest) -> Settings:
    """Return the settings that a test runs with.

    Raises:
        SettingsError: A value that the test gets from a fixture of its own cannot be used.
    """
    return settings_for(request, parametrized(request))


def parametrized(request: pytest.FixtureRequest) -> dict[str, object]:
    """Return the values that a test itself parametrizes, or gets from a fixture of its own, by the fields of the
    settings.
    """
    item = request.node
    given = given_by_plugin(item)
    return {
        field: request.getfixturevalue(argument)
        for argument, (field, _) in ARGUMENTS.items()
        if argument in request.fixturenames and argument not in given and not _is_ours(item, argument)
    }


def _rows_of_the_test(metafunc: pytest.Metafunc) -> Iterator[tuple[Mapping[str, object], Sequence[pytest.Mark]]]:
    """Yield the values that the test itself parametrizes directly, and the markers of `pytest.param`, once for each of
    its rows.

    The value of an indirect parameter is known only when its fixture runs.
    """
    direct = [name for name in ARGUMENTS if _is_direct(metafunc.definition, name)]
    # For an empty list of rows, pytest makes one row without values, and skips it.
    calls = [call for call in metafunc._calls if not any(mark.name == "skip" for mark in call.marks)]
    for call in calls:
        yield {ARGUMENTS[name][0]: call.params[name] for name in direct if name in call.params}, call.marks
    if not calls:
        yield {}, ()


def values_of_tests(items: Sequence[pytest.Function]) -> dict[str, list[str]]:
    """Return the values that tests parametrize directly, by the titles of the settings."""
    titles = {setting.field: setting.title for setting in SETTINGS}
    found: dict[str, dict[str, None]] = {}
    for item in items:
        if item.get_closest_marker("skip") is not None or not hasattr(item, "callspec"):
            continue
        params, given = item.callspec.params, given_by_plugin(item)
        for argument, (field, _) in ARGUMENTS.items():
            # A parameter of a fixture is not the value that the test gets from it.
            if argument in params and argument not in given and _is_direct(item, argument):
                found.setdefault(titles[field], {})[str(_as_parameter(params[argument]))] = None
    return {title: list(values) for title, values in found.items()}


def given_by_plugin(item: pytest.Function) -> tuple[str, ...]:
    """Return the arguments of a test that the plugin itself parametrized."""
    name = getattr(item, "originalname", None) or item.name
    return item.parent.stash.get(_GIVEN, {}).get(name, ()) if item.parent is not None else ()


def _rows(arguments: Sequence[str], settings: Settings, numbers: Sequence[int | None]) -> list[tuple[object, ...]]:
    fixed = {name: _as_parameter(getattr(settings, field)) for name, (field, _) in ARGUMENTS.items()}
    return [tuple(number if name == "computes" else fixed[name] for name in arguments) for number in numbers]


def _count_computes(config: pytest.Config, settings: Settings) -> int:
    """Return the number of computes of a cloud of clouds.yaml."""
    # The import takes a second, which only tests on a cloud of clouds.yaml need.
    from pytest_doctor_maint.testbed.cloud_under_test import CloudSilent, count_computes

    known = config.stash.setdefault(_COMPUTES, {})
    if settings.os_cloud not in known:
        try:
            known[settings.os_cloud] = count_computes(settings.os_cloud)
        except CloudSilent as error:
            raise SettingsError(f"{settings.sources['os_cloud']}: {error}; allowed: --computes=N") from None
    return known[settings.os_cloud]


def _as_parameter(value: object) -> object:
    """Return the value of a parameter. An address would make each run another test for tools that compare runs."""
    return "remote" if isinstance(value, str) and is_remote(value) else value


def _id(row: dict[str, object]) -> Any:
    """Return the id of a row: the computes and the unusual values (`3-computes-fenix-admin-tool`), if there are any."""
    app_manager = str(row.get("app_manager", "sample"))
    workflow = "default" if app_manager == "remote" else default_workflow({"app_manager": app_manager}, {})
    usual = {**_USUAL, "maintenance_workflow": workflow}
    shown = [ARGUMENTS[name][1].format(value) for name, value in row.items() if value != usual.get(name)]
    # Since pytest 8.4 an id can be left out; in earlier versions it shows the usual values.
    return "-".join(shown) or getattr(pytest, "HIDDEN_PARAM", "-".join(dict.fromkeys(map(str, row.values()))))


def _is_ours(definition: pytest.Function, name: str) -> bool:
    """Return True if an argument comes from a fixture of the plugin."""
    return _provider(definition, name).startswith(f"{FIXTURES}.")


def _is_direct(definition: pytest.Function, name: str) -> bool:
    """Return True if an argument is parametrized directly: pytest then puts a fixture of its own in its place."""
    return _provider(definition, name).startswith("_pytest.")


def _is_foreign(definition: pytest.Function, name: str) -> bool:
    """Return True if an argument comes from a fixture of the test suite."""
    return bool(_provider(definition, name)) and not _is_ours(definition, name) and not _is_direct(definition, name)


def _provider(definition: pytest.Function, name: str) -> str:
    """Return the module of the fixture that provides an argument; empty if no fixture provides it."""
    # pytest has no public way to ask where a fixture comes from; the last definition is the one that the test gets.
    fixturedefs = definition._fixtureinfo.name2fixturedefs.get(name)
    return fixturedefs[-1].func.__module__ if fixturedefs else ""
