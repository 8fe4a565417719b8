"""The effective settings of a maintenance test, and the source of each.

Every value is resolved here and nowhere else: parametrize > command line > `maintenance(...)` marker > ini file >
environment > default. An error names the place that the bad value came from, and what is allowed there.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_doctor_maint.plugin.settings.checks import check_combination, default_workflow
from pytest_doctor_maint.plugin.settings.errors import SettingsError
from pytest_doctor_maint.plugin.settings.table import SETTINGS, Setting
from pytest_doctor_maint.plugin.settings.values import (
    EMBEDDED,
    ActionRequest,
    Secret,
    dialect_of,
    is_remote,
    natural,
)
from pytest_doctor_maint.refusal import suggestion
from pytest_doctor_maint.secret_keys import without_url_secrets

if TYPE_CHECKING:
    from pytest_doctor_maint.faults import FaultRequest

PRECEDENCE = "parametrize > command line > marker > ini > environment > default"

# A marker with pinned=True comes before the command line: its scenario makes sense with these actors alone.
PINNED = "pinned"

#: The source of the values that a test itself gives.
PARAMETRIZE = "parametrize"

#: The sources of the values that markers suggest and pin.
MARKERS = MARKER, MARKER_PINNED = "marker", "marker, pinned"

# OPNFV Doctor's own switch between its test cases. This plugin has one of them; "all" includes it.
TEST_CASES = ("maintenance", "all")

RANDOM_SEED_LIMIT = 2**32

# Where the controller of xdist hands the seed that it drew to its workers.
DRAWN_SEED = "doctor_maint_drawn_seed"

# The names of the plugin for -p.
PLUGIN_NAMES = ("doctor_maint", "pytest_doctor_maint.plugin")


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective settings of a test, or of the session where there is no test.

    Attributes:
        admin_tool: The name or the URL of the admin tool.
        app_manager: The name or the URL of the app manager.
        app_manager_project: The project of an app manager that is given by its URL.
        inspector: The name or the URL of the Inspector.
        workflow: The workflow that the sessions ask for.
        computes: The numbers of computes; the test runs once with each. Empty for the number that the cloud of
            clouds.yaml has.
        os_cloud: ``embedded``, or a cloud of clouds.yaml.
        wire: How requests reach the servers of a run: ``socket`` or ``memory``.
        transport_url: The message bus on which the admin tool emits; None for the cloud's notification service.
        seed: The seed of the run.
        faults: The faults that are armed in each run.
        actions: The action plug-ins that each session asks for.
        patience: Seconds without anything new after which a session counts as hanging; None for the testbed's own.
        history_dir: The folder in which histories are saved; None to save none.
        result_file: The file of the result of the whole run of pytest; None to write none.
        sources: Where the value of each of the fields above came from, by the field's name.
        at_least: The smallest number of computes on which the test makes sense.
    """

    admin_tool: str
    app_manager: str
    app_manager_project: str
    inspector: str
    workflow: str
    computes: tuple[int, ...]
    os_cloud: str
    wire: str
    transport_url: Secret | None
    seed: int
    faults: tuple[FaultRequest, ...]
    actions: tuple[ActionRequest, ...]
    patience: int | None
    history_dir: Path | None
    result_file: Path | None
    sources: Mapping[str, str]
    at_least: int = 0


_BY_KEYWORD = MappingProxyType({each.keyword: each for each in SETTINGS if not each.of_session})

# The marker of a scenario can name the least number of computes, to which smaller numbers are raised. A number with
# which no scenario can run is not raised: it must fail in every scenario.
AT_LEAST = "at_least"
FEWEST_COMPUTES = 3

# The number of computes of a running cloud is fixed. Markers and the default apply to the embedded cloud only.
OF_THE_SCENARIO = (MARKER, "default")

_WORDS = (*_BY_KEYWORD, AT_LEAST, PINNED)
_KEYWORDS = ", ".join(f"{keyword}=" for keyword in _WORDS)

MARKER_HELP = (
    f"maintenance({', '.join(f'{keyword}=...' for keyword in _WORDS)}): a maintenance scenario and its "
    f"settings, which the command line overrides; with {PINNED}=True they override the command line"
)


@dataclass(frozen=True, slots=True)
class Given:
    """A value that was read, and the short name of its source."""

    value: Any
    source: str


class SessionSettings:
    """The values of the command line and the ini file, read once a session; tests add their markers to them.

    The environment is read only when a maintenance test needs it: a stray OS_CLOUD must not break a test suite that has
    nothing to do with maintenance.

    Raises:
        SettingsError: A value on the command line or in the ini file cannot be used.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._rootpath = config.rootpath
        self._is_named = any(name in PLUGIN_NAMES for name in config.getoption("plugins") or ())
        # Under xdist the controller draws the seed: each worker must run with the seed that the header shows.
        worker: Mapping[str, Any] = getattr(config, "workerinput", {})
        drawn = worker.get(DRAWN_SEED)
        self.drawn_seed: int = secrets.randbelow(RANDOM_SEED_LIMIT) if drawn is None else drawn
        processes = config.getoption("numprocesses", None)
        # Until xdist has counted what `auto` means, it is a word.
        self._workers = int(worker.get("workercount") or (processes if isinstance(processes, int) else 0) or 1)
        self._command_line = self._read_command_line(config)
        self._ini = self._read_ini(config)

    @property
    def options_given(self) -> tuple[str, ...]:
        """The options of the plugin on the command line, as typed there."""
        return tuple(setting.option for setting in SETTINGS if setting.field in self._command_line)

    @property
    def surroundings_given(self) -> tuple[str, ...]:
        """The ini keys and the environment variables that have a setting of the plugin.

        OS_CLOUD is not among them: other tools read it too, so that it does not ask for maintenance.
        """
        variables = [
            "TEST_CASE",
            *(setting.variable for setting in SETTINGS if setting.variable not in (None, "OS_CLOUD")),
        ]
        return (
            *(given.source for given in self._ini.values()),
            *(f"{name} in the environment" for name in variables if name and os.environ.get(name)),
        )

    @property
    def is_asked_for(self) -> bool:
        """True if the command line or the ini file has a setting of the plugin, or -p names the plugin."""
        return bool(self._command_line or self._ini or self._is_named)

    def value_of(self, field: str) -> Any:
        """Return the value of one setting for the whole run of pytest; None if it cannot be used.

        That it cannot be used is reported when all settings are resolved.
        """
        (setting,) = (each for each in SETTINGS if each.field == field)
        try:
            return self._given(setting, {}).value
        except SettingsError:
            return None

    @property
    def unpinned(self) -> Mapping[str, Any]:
        """The value of each setting, by its field, for a test without any marker. Values are not checked together."""
        values = {setting.field: self._given(setting, {}).value for setting in SETTINGS}
        return {**values, "seed": self.drawn_seed if values["seed"] is None else values["seed"]}

    def resolve(
        self,
        node: pytest.Item | pytest.Collector | None = None,
        parametrized: Mapping[str, object] | None = None,
        marks: Sequence[pytest.Mark] = (),
    ) -> Settings:
        """Return the settings of a test, or of the session where there is no test.

        Args:
            node: The test.
            parametrized: The raw values that the test itself parametrizes, or gets from a fixture of its own, by the
                fields of the settings. They come before all other sources, since the id of the test shows them.
            marks: Markers of one row of the test, which `node` does not have yet. They are closer than those of `node`.

        Raises:
            SettingsError: A value cannot be used.
        """
        self._check_test_case()
        pinned, marker = self._read_markers(node, marks) if node is not None else ({}, {})
        own = self._read_parametrized(node, parametrized or {})
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for setting in SETTINGS:
            given = own.get(setting.field) or self._pinned_or_free(setting, pinned, marker)
            values[setting.field] = given.value
            sources[setting.field] = given.source
        at_least = marker[AT_LEAST].value if AT_LEAST in marker else 0
        if values["os_cloud"] != EMBEDDED and sources["computes"] in OF_THE_SCENARIO:
            values["computes"], sources["computes"] = (), f"the cloud {values['os_cloud']}"
        if sources["computes"] != PARAMETRIZE:
            values["computes"] = raised(values["computes"], at_least)
        if values["seed"] is None:
            values["seed"] = self.drawn_seed
            sources["seed"] = f"random by {sources['seed']}"
        places = {field: _place(field, source, node) for field, source in sources.items()}
        if values["workflow"] is None:
            values["workflow"] = default_workflow(values, places)
        check_combination(values, places, workers=self._workers)
        return Settings(**values, sources=MappingProxyType(sources), at_least=at_least)

    def _pinned_or_free(self, setting: Setting, pinned: Mapping[str, Given], marker: Mapping[str, Given]) -> Given:
        given = pinned.get(setting.field)
        # An admin tool elsewhere that speaks the dialect of the pinned admin tool replaces it.
        if given is None or setting.field == "admin_tool":
            free = self._given(setting, marker)
            given = free if given is None or _is_such(free.value, given.value) else given
        return given

    def _given(self, setting: Setting, marker: Mapping[str, Given]) -> Given:
        """Return the value of a setting that no marker pins."""
        given = self._command_line.get(setting.field) or marker.get(setting.field) or self._ini.get(setting.field)
        return given or self._read_variable(setting) or Given(setting.default, "default")

    def _read_command_line(self, config: pytest.Config) -> dict[str, Given]:
        given = {}
        for setting in SETTINGS:
            raw = config.getoption(setting.dest)
            if raw is not None:
                value = _read(setting, raw, config.invocation_params.dir, setting.option)
                given[setting.field] = Given(value, setting.option)
        return given

    def _read_ini(self, config: pytest.Config) -> dict[str, Given]:
        overridden = {text.partition("=")[0] for text in config.getoption("override_ini") or ()}
        given = {}
        for setting in SETTINGS:
            raw = config.getini(setting.ini)
            if not raw:
                continue
            if setting.ini in overridden or config.inipath is None:
                place = source = f"-o {setting.ini}"
                base = config.invocation_params.dir
            else:
                place = f"{setting.ini} in {config.inipath}"
                source = f"{setting.ini} in {config.inipath.name}"
                base = config.inipath.parent
            given[setting.field] = Given(_read(setting, raw, base, place), source)
        return given

    def _read_markers(
        self, node: pytest.Item | pytest.Collector, marks: Sequence[pytest.Mark]
    ) -> tuple[dict[str, Given], dict[str, Given]]:
        """Return the values that markers pin, and those that they only suggest."""
        pinned: dict[str, Given] = {}
        suggested: dict[str, Given] = {}
        # The closest marker comes first, and wins.
        for mark in (*(mark for mark in marks if mark.name == "maintenance"), *node.iter_markers("maintenance")):
            if mark.args:
                raise SettingsError(
                    f"@pytest.mark.maintenance on {node.nodeid}: {mark.args[0]!r} has no name; allowed: {_KEYWORDS}"
                )
            pins = mark.kwargs.get(PINNED, False)
            if not isinstance(pins, bool):
                raise SettingsError(
                    f"@pytest.mark.maintenance({PINNED}=...) on {node.nodeid}: {pins!r} is neither True nor False"
                )
            for keyword, raw in mark.kwargs.items():
                if keyword == PINNED:
                    continue
                place = f"@pytest.mark.maintenance({keyword}=...) on {node.nodeid}"
                if keyword == AT_LEAST:
                    if not (least := natural(raw)):
                        raise SettingsError(
                            f"{place}: {raw!r} is not a number of computes; allowed: a number from 1 on"
                        )
                    suggested.setdefault(AT_LEAST, Given(least, MARKER))
                    continue
                setting = _BY_KEYWORD.get(keyword)
                if setting is None:
                    raise SettingsError(f"{place}: unknown{suggestion(keyword, _WORDS)}; allowed: {_KEYWORDS}")
                given = Given(_read(setting, raw, self._rootpath, place), MARKER_PINNED if pins else MARKER)
                (pinned if pins else suggested).setdefault(setting.field, given)
        return pinned, suggested

    def _read_parametrized(
        self, node: pytest.Item | pytest.Collector | None, raw: Mapping[str, object]
    ) -> dict[str, Given]:
        """Read the values that the test itself parametrizes, or gets from a fixture of its own."""
        given = {}
        for setting in SETTINGS:
            if setting.field in raw:
                place = f"{PARAMETRIZE} {setting.keyword} of {'the test' if node is None else node.nodeid}"
                given[setting.field] = Given(_read(setting, raw[setting.field], self._rootpath, place), PARAMETRIZE)
        return given

    def _read_variable(self, setting: Setting) -> Given | None:
        raw = os.environ.get(setting.variable) if setting.variable else None
        if not raw:
            return None
        place = f"environment variable {setting.variable}"
        return Given(_read(setting, raw, self._rootpath, place), f"{setting.variable} in the environment")

    def _check_test_case(self) -> None:
        case = os.environ.get("TEST_CASE")
        if case and case not in TEST_CASES:
            raise SettingsError(
                f"environment variable TEST_CASE: the test case {case!r} is not available; "
                f"allowed: {', '.join(TEST_CASES)}, or unset"
            )


def runs_alone(config: pytest.Config) -> bool:
    """Return True if maintenance tests are asked for on a cloud that can run one scenario at a time.

    This can be asked before pytest is configured. A value that cannot be used is reported later.
    """
    try:
        session_settings = SessionSettings(config)
    except SettingsError:
        return False
    return session_settings.is_asked_for and session_settings.value_of("os_cloud") not in (None, EMBEDDED)


SESSION_SETTINGS = pytest.StashKey[SessionSettings]()


def settings_for(
    item_or_request: pytest.Item | pytest.FixtureRequest, parametrized: Mapping[str, object] | None = None
) -> Settings:
    """Return the settings of one test; see `SessionSettings.resolve`.

    Raises:
        SettingsError: A value cannot be used.
    """
    node: pytest.Item | pytest.Collector
    node = item_or_request.node if isinstance(item_or_request, pytest.FixtureRequest) else item_or_request
    return node.config.stash[SESSION_SETTINGS].resolve(node, parametrized)


def header(settings: Settings) -> str:
    """Return one line with each effective value and its source."""
    values = ((each.title, each.show(getattr(settings, each.field)), settings.sources[each.field]) for each in SETTINGS)
    shown = ", ".join(f"{title} {value} ({source})" for title, value, source in values)
    return f"doctor-maint: {without_url_secrets(shown)} [{PRECEDENCE}]"


def as_plain(settings: Settings) -> dict[str, dict[str, str]]:
    """Return each effective value, as the header shows it, and its source, by the keywords; no secret is shown."""
    return {
        each.keyword: {"value": each.show(getattr(settings, each.field)), "source": settings.sources[each.field]}
        for each in SETTINGS
    }


def raised(computes: Iterable[int], at_least: int) -> tuple[int, ...]:
    """Return the numbers of computes of a test that makes no sense on fewer than `at_least`."""
    return tuple(dict.fromkeys(max(each, at_least) if each >= FEWEST_COMPUTES else each for each in computes))


def _place(field: str, source: str, node: pytest.Item | pytest.Collector | None) -> str:
    """Return where a value comes from, for messages: the source, with the test where the test itself has the value."""
    if node is None or source not in (PARAMETRIZE, *MARKERS):
        return source
    keyword = next(setting.keyword for setting in SETTINGS if setting.field == field)
    if source == PARAMETRIZE:
        return f"{PARAMETRIZE} {keyword} of {node.nodeid}"
    return f"@pytest.mark.maintenance({keyword}=...) on {node.nodeid}"


def _is_such(admin_tool: str, pinned: str) -> bool:
    """Return True if an admin tool runs elsewhere and speaks the dialect of `pinned`."""
    return is_remote(admin_tool) and dialect_of(admin_tool) == pinned


def _read(setting: Setting, raw: object, base: Path, place: str) -> Any:
    try:
        return setting.read(raw, base)
    except ValueError as error:
        raise SettingsError(f"{place}: {error}") from None
