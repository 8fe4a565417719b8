"""The effective settings of a maintenance test, and the source of each.

Every value is resolved here and nowhere else: parametrize > command line > `maintenance(...)` marker > ini file >
environment > default. An error names the place that the bad value came from, and what is allowed there.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
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

if TYPE_CHECKING:
    from pytest_doctor_maint.faults import FaultRequest

PRECEDENCE = "parametrize > command line > marker > ini > environment > default"

# A marker with pinned=True holds against the command line too: its scenario makes sense with these actors alone.
PINNED = "pinned"

#: The source of what a test itself says.
PARAMETRIZE = "parametrize"

# OPNFV Doctor's own switch between its test cases. Only one of them is ours; "all" contains it.
TEST_CASES = ("maintenance", "all")

RANDOM_SEED_LIMIT = 2**32

# Where the controller of xdist tells its workers the seed it drew.
DRAWN_SEED = "doctor_maint_drawn_seed"

# The names by which -p can ask for the plugin.
PLUGIN_NAMES = ("doctor_maint", "pytest_doctor_maint.plugin")


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective values for one test (or for the session, when no test is in question).

    `computes` are the numbers of compute nodes to test with, one test each; none, where it is as many as the cloud of
    clouds.yaml has. `at_least` is how many the test makes sense on. `history_dir` is where the histories are saved,
    None to keep none. `sources` says for each of the other fields where its value came from.
    """

    admin_tool: str
    app_manager: str
    app_manager_project: str
    inspector: str
    workflow: str
    computes: tuple[int, ...]
    os_cloud: str
    transport_url: Secret | None
    seed: int
    faults: tuple[FaultRequest, ...]
    actions: tuple[ActionRequest, ...]
    history_dir: Path | None
    sources: Mapping[str, str]
    at_least: int = 0


_BY_KEYWORD = MappingProxyType({kind.keyword: kind for kind in SETTINGS})

# A scenario that makes no sense on fewer computes says so in its marker. It then runs on that many instead of fewer,
# but for numbers with which no scenario can run: those must fail, whichever the scenario is.
AT_LEAST = "at_least"
FEWEST_COMPUTES = 3

# A cloud that runs has the computes that it has. What scenarios would like counts on the embedded one, as the default.
OF_THE_SCENARIO = ("marker", "default")

_WORDS = (*_BY_KEYWORD, AT_LEAST, PINNED)
_KEYWORDS = ", ".join(f"{keyword}=" for keyword in _WORDS)

MARKER_HELP = (
    f"maintenance({', '.join(f'{keyword}=...' for keyword in _WORDS)}): a maintenance scenario, and "
    f"what it runs with unless the command line says otherwise; with {PINNED}=True, whatever that says"
)


@dataclass(frozen=True, slots=True)
class Given:
    """A value that was read, and the short name of its place."""

    value: Any
    source: str


class SessionSettings:
    """What the command line and the ini file say, read once a session; tests add their markers to it.

    The environment is read only when a maintenance test needs it: a stray OS_CLOUD must not break the test suite of
    somebody else.

    Raises:
        SettingsError: a value on the command line or in the ini file that cannot be used.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._rootpath = config.rootpath
        self._is_named = any(name in PLUGIN_NAMES for name in config.getoption("plugins") or ())
        # Under xdist the controller draws, or each worker would run with another seed than the header shows.
        worker: Mapping[str, Any] = getattr(config, "workerinput", {})
        drawn = worker.get(DRAWN_SEED)
        self.drawn_seed: int = secrets.randbelow(RANDOM_SEED_LIMIT) if drawn is None else drawn
        self._workers = int(worker.get("workercount") or config.getoption("numprocesses", None) or 1)
        self._command_line = self._read_command_line(config)
        self._ini = self._read_ini(config)

    @property
    def options_given(self) -> tuple[str, ...]:
        """The options of ours on the command line, as typed there."""
        return tuple(kind.option for kind in SETTINGS if kind.field in self._command_line)

    @property
    def is_asked_for(self) -> bool:
        """Whether the command line or the ini file sets anything of ours, or -p names the plugin."""
        return bool(self._command_line or self._ini or self._is_named)

    def resolve(
        self, node: pytest.Item | pytest.Collector | None = None, parametrized: Mapping[str, object] | None = None
    ) -> Settings:
        """Return the settings of a test, or of the session where there is no test.

        Args:
            node: The test.
            parametrized: The raw values that the test itself parametrizes, or gets from a fixture of its own, by the
                fields of the settings. They come before all other sources, since the id of the test shows them.

        Raises:
            SettingsError: A value cannot be used.
        """
        self._check_test_case()
        pinned, marker = self._read_markers(node) if node is not None else ({}, {})
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
        values["computes"] = raised(values["computes"], at_least)
        if values["seed"] is None:
            values["seed"] = self.drawn_seed
            sources["seed"] = f"random by {sources['seed']}"
        if values["workflow"] is None:
            values["workflow"] = default_workflow(values, sources)
        check_combination(values, sources, workers=self._workers)
        return Settings(**values, sources=MappingProxyType(sources), at_least=at_least)

    def _pinned_or_free(self, setting: Setting, pinned: Mapping[str, Given], marker: Mapping[str, Given]) -> Given:
        given = pinned.get(setting.field)
        # An admin tool elsewhere that speaks the dialect of the pinned one is taken for it.
        if given is None or setting.field == "admin_tool":
            free = self._given(setting, marker)
            given = free if given is None or _is_such(free.value, given.value) else given
        return given

    def _given(self, kind: Setting, marker: Mapping[str, Given]) -> Given:
        """The value of a setting that no marker pins, and its place."""
        given = self._command_line.get(kind.field) or marker.get(kind.field) or self._ini.get(kind.field)
        return given or self._read_variable(kind) or Given(kind.default, "default")

    def _read_command_line(self, config: pytest.Config) -> dict[str, Given]:
        given = {}
        for kind in SETTINGS:
            raw = config.getoption(kind.dest)
            if raw is not None:
                value = _read(kind, raw, config.invocation_params.dir, kind.option)
                given[kind.field] = Given(value, kind.option)
        return given

    def _read_ini(self, config: pytest.Config) -> dict[str, Given]:
        overridden = {text.partition("=")[0] for text in config.getoption("override_ini") or ()}
        given = {}
        for kind in SETTINGS:
            raw = config.getini(kind.ini)
            if not raw:
                continue
            if kind.ini in overridden or config.inipath is None:
                place = source = f"-o {kind.ini}"
                base = config.invocation_params.dir
            else:
                place = f"{kind.ini} in {config.inipath}"
                source = f"{kind.ini} in {config.inipath.name}"
                base = config.inipath.parent
            given[kind.field] = Given(_read(kind, raw, base, place), source)
        return given

    def _read_markers(self, node: pytest.Item | pytest.Collector) -> tuple[dict[str, Given], dict[str, Given]]:
        """What the markers pin, and what they only suggest."""
        pinned: dict[str, Given] = {}
        suggested: dict[str, Given] = {}
        # The closest marker comes first, and wins.
        for mark in node.iter_markers("maintenance"):
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
                        raise SettingsError(f"{place}: {raw!r} is no number of computes; allowed: a number from 1 on")
                    suggested.setdefault(AT_LEAST, Given(least, "marker"))
                    continue
                kind = _BY_KEYWORD.get(keyword)
                if kind is None:
                    raise SettingsError(f"{place}: unknown; allowed: {_KEYWORDS}")
                given = Given(_read(kind, raw, self._rootpath, place), "marker, pinned" if pins else "marker")
                (pinned if pins else suggested).setdefault(kind.field, given)
        return pinned, suggested

    def _read_parametrized(
        self, node: pytest.Item | pytest.Collector | None, raw: Mapping[str, object]
    ) -> dict[str, Given]:
        """Read what the test itself says: by ``parametrize``, or by a fixture of its own."""
        given = {}
        for setting in SETTINGS:
            if setting.field in raw:
                place = f"{PARAMETRIZE} {setting.keyword} of {'the test' if node is None else node.nodeid}"
                given[setting.field] = Given(_read(setting, raw[setting.field], self._rootpath, place), PARAMETRIZE)
        return given

    def _read_variable(self, kind: Setting) -> Given | None:
        raw = os.environ.get(kind.variable) if kind.variable else None
        if not raw:
            return None
        place = f"environment variable {kind.variable}"
        return Given(_read(kind, raw, self._rootpath, place), f"{kind.variable} in the environment")

    def _check_test_case(self) -> None:
        case = os.environ.get("TEST_CASE")
        if case and case not in TEST_CASES:
            raise SettingsError(
                f"environment variable TEST_CASE: the test case {case!r} is not available; "
                f"allowed: {', '.join(TEST_CASES)}, or unset"
            )


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
    """One line with each effective value and its source."""
    told = [
        f"{kind.title} {kind.show(getattr(settings, kind.field))} ({settings.sources[kind.field]})" for kind in SETTINGS
    ]
    return f"doctor-maint: {', '.join(told)} [{PRECEDENCE}]"


def raised(computes: Iterable[int], at_least: int) -> tuple[int, ...]:
    """The numbers of computes of a test that makes no sense on fewer than ``at_least``."""
    return tuple(dict.fromkeys(max(each, at_least) if each >= FEWEST_COMPUTES else each for each in computes))


def _is_such(admin_tool: str, pinned: str) -> bool:
    """Whether an admin tool runs elsewhere and speaks the language of ``pinned``."""
    return is_remote(admin_tool) and dialect_of(admin_tool) == pinned


def _read(kind: Setting, raw: object, base: Path, place: str) -> Any:
    try:
        return kind.read(raw, base)
    except ValueError as error:
        raise SettingsError(f"{place}: {error}") from None
