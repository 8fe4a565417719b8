"""What a maintenance test runs with, and who said so.

Every value is resolved here and nowhere else: command line > `maintenance(...)` marker > ini file > environment >
default. An error names the place that the bad value came from, and what is allowed there.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pytest

PRECEDENCE = "command line > marker > ini > environment > default"

# The choices of each part. A new admin tool, app manager, inspector or kind of cloud is one more word here.
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "admin_tool": ("sample", "fenix"),
        "app_manager": ("sample", "vnfm"),
        "inspector": ("sample",),
        "os_cloud": ("embedded",),
    }
)

# The VNFM sets constraints before it is told anything, and only these admin tools take them. With another one nobody
# would hear of them, and a scenario would claim to show what it does not.
TAKE_CONSTRAINTS = ("fenix",)

# A marker with pinned=True holds against the command line too: its scenario makes sense with these actors alone.
PINNED = "pinned"

# OPNFV Doctor's own switch between its test cases. Only one of them is ours; "all" contains it.
TEST_CASES = ("maintenance", "all")

RANDOM_SEED_LIMIT = 2**32

# Where the controller of xdist tells its workers the seed it drew.
DRAWN_SEED = "doctor_maint_drawn_seed"

# The names by which -p can ask for the plugin.
PLUGIN_NAMES = ("doctor_maint", "pytest_doctor_maint.plugin")


class SettingsError(Exception):
    """A value that cannot be used; the plugin makes a usage error of it, with which pytest ends with exit code 4."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective values for one test (or for the session, when no test is in question).

    `computes` are the numbers of compute nodes to test with, one test each. `history_dir` is where the histories are
    saved, None to keep none. `sources` says for each of the other fields where its value came from.
    """

    admin_tool: str
    app_manager: str
    app_manager_project: str
    inspector: str
    computes: tuple[int, ...]
    os_cloud: str
    seed: int
    history_dir: Path | None
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One setting: its names in every place where it can be given, and how its value is read.

    `read` takes the raw value and the folder that relative paths start from. It raises ValueError with what is wrong
    and what is allowed; the place is put in front by whoever knows it.
    """

    field: str
    title: str
    keyword: str
    option: str
    metavar: str
    variable: str | None
    default: Any
    read: Callable[[object, Path], Any]
    help: str

    @property
    def ini(self) -> str:
        """The name in the ini file."""
        return f"doctor_maint_{self.keyword}"

    @property
    def dest(self) -> str:
        """The name among pytest's own options."""
        return f"doctor_maint_{self.keyword}"

    @property
    def help_text(self) -> str:
        """The help, with the choices and the default."""
        choices = f"{', '.join(CHOICES[self.field])}; " if self.field in CHOICES else ""
        return f"{self.help} ({choices}default: {_shown(self.default)})"


def is_remote(actor: str) -> bool:
    """Whether an actor is given by the URL of one that already runs, and not by the name of one of ours."""
    return actor.startswith(("http://", "https://"))


def dialect_of(admin_tool: str) -> str:
    """Which admin tool's language it speaks: its own name, or, for a URL, ``fenix`` where the API is below ``/v1``."""
    if not is_remote(admin_tool):
        return admin_tool
    return "fenix" if urlsplit(admin_tool).path.rstrip("/").endswith("/v1") else "sample"


def _chooser(field: str, what: str) -> Callable[[object, Path], str]:
    def read(raw: object, base: Path) -> str:
        allowed = CHOICES[field]
        if isinstance(raw, str) and raw in allowed:
            return raw
        if isinstance(raw, str) and is_remote(raw):
            return _checked_url(raw, what)
        raise ValueError(
            f"{what} {raw!r} is not available; allowed: {', '.join(allowed)}, or the URL of one that already runs"
        )

    return read


def _checked_url(raw: str, what: str) -> str:
    try:
        parts = urlsplit(raw)
        usable = bool(parts.hostname) and parts.port != 0 and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"{what} {raw!r} is no URL; allowed: one such as http://127.0.0.1:12347/v1")
    return raw.rstrip("/")


def _read_cloud(raw: object, base: Path) -> str:
    if isinstance(raw, str) and raw in CHOICES["os_cloud"]:
        return raw
    # Takes half a second to import, which only those who name a cloud pay for.
    from openstack.config import OpenStackConfig
    from openstack.exceptions import ConfigException

    try:
        # openstacksdk makes one called defaults up where nobody wrote down any.
        names = sorted(set(OpenStackConfig().get_cloud_names()) - {"defaults"})
    except ConfigException as error:
        raise ValueError(f"the cloud {raw!r} cannot be looked up in clouds.yaml: {error}") from error
    if raw in names:
        return str(raw)
    allowed = ", ".join(CHOICES["os_cloud"])
    there = ", ".join(names) or "none is found"
    raise ValueError(f"the cloud {raw!r} is not available; allowed: {allowed}, or one of clouds.yaml ({there})")


def _read_project(raw: object, base: Path) -> str:
    if isinstance(raw, str) and raw:
        return raw
    raise ValueError(f"{raw!r} is no name of a project; allowed: any name")


def _read_computes(raw: object, base: Path) -> tuple[int, ...]:
    parts: list[object]
    if isinstance(raw, str):
        parts = [part.strip() for part in raw.split(",")]
    elif isinstance(raw, list | tuple):
        parts = list(raw)
    else:
        parts = [raw]
    numbers = [_natural(part) for part in parts]
    if not numbers or any(number is None or number < 1 for number in numbers):
        raise ValueError(f"{raw!r} is no number of computes; allowed: a number from 1 on, or a list such as 3,4,8")
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"{raw!r} has a number twice; allowed: each number of computes once, such as 3,4,8")
    return tuple(number for number in numbers if number is not None)


def _read_seed(raw: object, base: Path) -> int | None:
    """The seed, or None for "random"."""
    if raw == "random":
        return None
    seed = _natural(raw)
    if seed is None:
        raise ValueError(f"{raw!r} is no seed; allowed: a whole number from 0 on, or the word random")
    return seed


def _read_folder(raw: object, base: Path) -> Path:
    if not isinstance(raw, str | Path) or not str(raw):
        raise ValueError(f"{raw!r} is no folder; allowed: the path of a folder, which is made when it is missing")
    folder = base / raw
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{str(raw)!r} is a file; allowed: the path of a folder, which is made when it is missing")
    return folder


def _natural(raw: object) -> int | None:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw if raw >= 0 else None
    if isinstance(raw, str) and re.fullmatch("[0-9]+", raw):
        return int(raw)
    return None


KINDS: tuple[Kind, ...] = (
    Kind(
        field="admin_tool",
        title="admin tool",
        keyword="admin_tool",
        option="--admin-tool",
        metavar="NAME|URL",
        variable="ADMIN_TOOL_TYPE",
        default="sample",
        read=_chooser("admin_tool", "the admin tool"),
        help="the admin tool under test",
    ),
    Kind(
        field="app_manager",
        title="app manager",
        keyword="app_manager",
        option="--app-manager",
        metavar="NAME|URL",
        variable="APP_MANAGER_TYPE",
        default="sample",
        read=_chooser("app_manager", "the app manager"),
        help="the app manager under test",
    ),
    Kind(
        field="app_manager_project",
        title="app manager project",
        keyword="app_manager_project",
        option="--app-manager-project",
        metavar="NAME",
        variable=None,
        default="doctor",
        read=_read_project,
        help="the project that an app manager given by its URL has its application in",
    ),
    Kind(
        field="inspector",
        title="inspector",
        keyword="inspector",
        option="--inspector",
        metavar="NAME|URL",
        variable="INSPECTOR_TYPE",
        default="sample",
        read=_chooser("inspector", "the inspector"),
        help="the inspector under test",
    ),
    Kind(
        field="computes",
        title="computes",
        keyword="computes",
        option="--computes",
        metavar="N[,N...]",
        variable=None,
        default=(3,),
        read=_read_computes,
        help="numbers of compute nodes, each test runs with each of them: 3, or a list such as 3,4,8",
    ),
    Kind(
        field="os_cloud",
        title="cloud",
        keyword="os_cloud",
        option="--os-cloud",
        metavar="NAME",
        variable="OS_CLOUD",
        default="embedded",
        read=_read_cloud,
        help="the cloud to test on: the embedded one in simulated time, or one of clouds.yaml on the wall clock",
    ),
    Kind(
        field="seed",
        title="seed",
        keyword="seed",
        option="--maint-seed",
        metavar="N|random",
        variable=None,
        default=1,
        read=_read_seed,
        help="the same seed gives the same history; random draws one and shows it",
    ),
    Kind(
        field="history_dir",
        title="history",
        keyword="history",
        option="--maint-history",
        metavar="DIR",
        variable=None,
        default=None,
        read=_read_folder,
        help="the folder to save each test's history in, as JSON lines",
    ),
)

_BY_KEYWORD = MappingProxyType({kind.keyword: kind for kind in KINDS})

# A scenario that makes no sense on fewer computes says so in its marker. It then runs on that many instead of fewer,
# but for numbers with which no scenario can run: those must fail, whichever the scenario is.
AT_LEAST = "at_least"
FEWEST_COMPUTES = 3

_WORDS = (*_BY_KEYWORD, AT_LEAST, PINNED)
_KEYWORDS = ", ".join(f"{keyword}=" for keyword in _WORDS)

MARKER_HELP = (
    f"maintenance({', '.join(f'{keyword}=...' for keyword in _WORDS)}): a maintenance scenario, and "
    f"what it runs with unless the command line says otherwise; with {PINNED}=True, whatever that says"
)


@dataclass(frozen=True, slots=True)
class _Given:
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
        drawn = getattr(config, "workerinput", {}).get(DRAWN_SEED)
        self.drawn_seed: int = secrets.randbelow(RANDOM_SEED_LIMIT) if drawn is None else drawn
        self._command_line = self._read_command_line(config)
        self._ini = self._read_ini(config)

    @property
    def options_given(self) -> tuple[str, ...]:
        """The options of ours on the command line, as typed there."""
        return tuple(kind.option for kind in KINDS if kind.field in self._command_line)

    @property
    def is_asked_for(self) -> bool:
        """Whether the command line or the ini file sets anything of ours, or -p names the plugin."""
        return bool(self._command_line or self._ini or self._is_named)

    def resolve(self, node: pytest.Item | pytest.Collector | None = None) -> Settings:
        """The settings for this test, or for the session without one.

        Raises:
            SettingsError: a marker or a variable of the environment that cannot be used.
        """
        self._check_test_case()
        pinned, marker = self._read_markers(node) if node is not None else ({}, {})
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for kind in KINDS:
            given = pinned.get(kind.field) or self._command_line.get(kind.field) or marker.get(kind.field)
            given = given or self._ini.get(kind.field) or self._read_variable(kind) or _Given(kind.default, "default")
            values[kind.field] = given.value
            sources[kind.field] = given.source
        if least := marker.get(AT_LEAST):
            raised = (
                max(number, least.value) if number >= FEWEST_COMPUTES else number for number in values["computes"]
            )
            values["computes"] = tuple(dict.fromkeys(raised))
        if values["seed"] is None:
            values["seed"] = self.drawn_seed
            sources["seed"] = f"random by {sources['seed']}"
        if values["app_manager"] == "vnfm" and dialect_of(values["admin_tool"]) not in TAKE_CONSTRAINTS:
            raise SettingsError(
                f"{sources['app_manager']}: the app manager 'vnfm' sets constraints, which the admin tool "
                f"{values['admin_tool']!r} ({sources['admin_tool']}) does not take; allowed with it: sample"
            )
        self._check_reach(values, sources)
        return Settings(**values, sources=MappingProxyType(sources))

    @staticmethod
    def _check_reach(values: Mapping[str, Any], sources: Mapping[str, str]) -> None:
        """Refuse an actor elsewhere on the cloud that lives in this process, in simulated time."""
        if values["os_cloud"] != "embedded":
            return
        for kind in KINDS:
            if kind.field in ("admin_tool", "app_manager", "inspector") and is_remote(values[kind.field]):
                raise SettingsError(
                    f"{sources[kind.field]}: the {kind.title} at {values[kind.field]} lives in real time, and cannot "
                    f"reach the embedded cloud ({sources['os_cloud']}), whose time is simulated; "
                    "allowed with it: --os-cloud=NAME of a cloud in clouds.yaml"
                )

    def _read_command_line(self, config: pytest.Config) -> dict[str, _Given]:
        given = {}
        for kind in KINDS:
            raw = config.getoption(kind.dest)
            if raw is not None:
                value = _read(kind, raw, config.invocation_params.dir, kind.option)
                given[kind.field] = _Given(value, kind.option)
        return given

    def _read_ini(self, config: pytest.Config) -> dict[str, _Given]:
        overridden = {text.partition("=")[0] for text in config.getoption("override_ini") or ()}
        given = {}
        for kind in KINDS:
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
            given[kind.field] = _Given(_read(kind, raw, base, place), source)
        return given

    def _read_markers(self, node: pytest.Item | pytest.Collector) -> tuple[dict[str, _Given], dict[str, _Given]]:
        """What the markers pin, and what they only suggest."""
        pinned: dict[str, _Given] = {}
        suggested: dict[str, _Given] = {}
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
                    if not (least := _natural(raw)):
                        raise SettingsError(f"{place}: {raw!r} is no number of computes; allowed: a number from 1 on")
                    suggested.setdefault(AT_LEAST, _Given(least, "marker"))
                    continue
                kind = _BY_KEYWORD.get(keyword)
                if kind is None:
                    raise SettingsError(f"{place}: unknown; allowed: {_KEYWORDS}")
                given = _Given(_read(kind, raw, self._rootpath, place), "marker, pinned" if pins else "marker")
                (pinned if pins else suggested).setdefault(kind.field, given)
        return pinned, suggested

    def _read_variable(self, kind: Kind) -> _Given | None:
        raw = os.environ.get(kind.variable) if kind.variable else None
        if not raw:
            return None
        place = f"environment variable {kind.variable}"
        return _Given(_read(kind, raw, self._rootpath, place), f"{kind.variable} in the environment")

    def _check_test_case(self) -> None:
        case = os.environ.get("TEST_CASE")
        if case and case not in TEST_CASES:
            raise SettingsError(
                f"environment variable TEST_CASE: the test case {case!r} is not available; "
                f"allowed: {', '.join(TEST_CASES)}, or unset"
            )


SESSION_SETTINGS = pytest.StashKey[SessionSettings]()


def settings_for(item_or_request: pytest.Item | pytest.FixtureRequest) -> Settings:
    """The settings of one test.

    Raises:
        SettingsError: see `SessionSettings.resolve`.
    """
    node: pytest.Item | pytest.Collector
    node = item_or_request.node if isinstance(item_or_request, pytest.FixtureRequest) else item_or_request
    return node.config.stash[SESSION_SETTINGS].resolve(node)


def header(settings: Settings) -> str:
    """One line with each effective value and its source."""
    shown = [f"{kind.title} {_shown(getattr(settings, kind.field))} ({settings.sources[kind.field]})" for kind in KINDS]
    return f"doctor-maint: {', '.join(shown)} [{PRECEDENCE}]"


def _read(kind: Kind, raw: object, base: Path, place: str) -> Any:
    try:
        return kind.read(raw, base)
    except ValueError as error:
        raise SettingsError(f"{place}: {error}") from None


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return "none" if value is None else str(value)
