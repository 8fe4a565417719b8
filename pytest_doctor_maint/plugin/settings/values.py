"""Readers of the values of settings.

Each reader takes a raw value and the folder that relative paths start from. It raises ValueError with what is wrong and
what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_doctor_maint.actors.registry import ADMIN_TOOLS, APP_MANAGERS, INSPECTORS, ActorSpec, names_of
from pytest_doctor_maint.refusal import suggestion
from pytest_doctor_maint.registry import Registry
from pytest_doctor_maint.simtime.wire import WIRE_NAMES

if TYPE_CHECKING:
    from pytest_doctor_maint.faults import FaultRequest

#: The parts of a run that are actors.
ACTORS = ("admin_tool", "app_manager", "inspector")
#: The types of action plug-ins, which say when a plug-in runs.
ACTION_TYPES = ("pre", "host", "compute", "controller", "post")
#: The one cloud that needs no clouds.yaml.
EMBEDDED = "embedded"

_REGISTRIES: Mapping[str, Registry[ActorSpec]] = MappingProxyType(
    {"admin_tool": ADMIN_TOOLS, "app_manager": APP_MANAGERS, "inspector": INSPECTORS}
)


def choices(field: str) -> tuple[str, ...]:
    """Return the names that a setting takes, without importing their objects; empty if any value is allowed."""
    if field in _REGISTRIES:
        return names_of(_REGISTRIES[field])
    if field == "wire":
        return WIRE_NAMES
    return (EMBEDDED,) if field == "os_cloud" else ()


def spec_of(field: str, name: str) -> ActorSpec:
    """Return the actor of this name.

    Raises:
        UnknownName: No actor of this role has the name.
        BrokenEntry: The entry point of the actor cannot be loaded.
    """
    return _REGISTRIES[field].get(name)


def is_remote(actor: str) -> bool:
    """Return True if an actor is given by the URL of one that already runs, not by a name."""
    return actor.startswith(("http://", "https://"))


def admin_tool_spec(admin_tool: str) -> ActorSpec:
    """Return the spec of an admin tool; for a URL, the spec of the admin tool of this package with the same API.

    The API of Fenix is below ``/v1``; any other URL is taken for the use case's API.

    Raises:
        UnknownName: There is no admin tool of that name.
        BrokenEntry: The entry point of the admin tool cannot be loaded.
    """
    return ADMIN_TOOLS.get(dialect_of(admin_tool) if is_remote(admin_tool) else admin_tool)


def dialect_of(admin_tool: str) -> str:
    """Return the name of the dialect that an admin tool speaks."""
    if is_remote(admin_tool):
        return "fenix" if urlsplit(admin_tool).path.rstrip("/").endswith("/v1") else "sample"
    dialect = ADMIN_TOOLS.get(admin_tool).dialect
    return "sample" if dialect is None else dialect.name


def chooser(field: str, what: str) -> Callable[[object, Path], str]:
    """Return a reader of the name of an actor, or of the URL of one that already runs."""

    def read(raw: object, base: Path) -> str:
        allowed = choices(field)
        if isinstance(raw, str) and raw in allowed:
            return raw
        if isinstance(raw, str) and is_remote(raw):
            url = _checked_url(raw, what)
            # The API of an admin tool is meant. Doctor and Fenix write down the URL of the sessions in it.
            return url.removesuffix("/maintenance") if field == "admin_tool" else url
        near = suggestion(raw, allowed)
        raise ValueError(
            f"{what} {raw!r} is not available{near}; allowed: {', '.join(allowed)}, or the URL of one that already runs"
        )

    return read


def _checked_url(raw: str, what: str) -> str:
    try:
        parts = urlsplit(raw)
        usable = bool(parts.hostname) and parts.port != 0 and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"{what} {raw!r} is not a URL; allowed: a URL such as http://127.0.0.1:12347/v1")
    if "@" in parts.netloc:
        # The header, reports and histories would show the password. This message must not show it either.
        raise ValueError(f"{what} is given by a URL with a user or a password in it; allowed: a URL with neither")
    return raw.rstrip("/")


def read_cloud(raw: object, base: Path) -> str:
    """Read ``embedded``, or the name of a cloud in clouds.yaml."""
    if isinstance(raw, str) and raw in choices("os_cloud"):
        return raw
    # The import takes half a second, which only a setting that names a cloud needs.
    from openstack.config import OpenStackConfig
    from openstack.exceptions import ConfigException

    try:
        # openstacksdk invents a cloud called defaults where there is no clouds.yaml.
        names = sorted(set(OpenStackConfig().get_cloud_names()) - {"defaults"})
    except ConfigException as error:
        raise ValueError(f"the cloud {raw!r} cannot be looked up in clouds.yaml: {error}") from error
    if raw in names:
        return str(raw)
    allowed = ", ".join(choices("os_cloud"))
    there = ", ".join(names) or "none found"
    near = suggestion(raw, (*choices("os_cloud"), *names))
    raise ValueError(
        f"the cloud {raw!r} is not available{near}; allowed: {allowed}, or a cloud of clouds.yaml ({there})"
    )


def read_wire(raw: object, base: Path) -> str:
    """Read the name of a wire."""
    if isinstance(raw, str) and raw in choices("wire"):
        return raw
    near = suggestion(raw, choices("wire"))
    raise ValueError(f"the wire {raw!r} is not available{near}; allowed: {', '.join(choices('wire'))}")


def read_workflow(raw: object, base: Path) -> str:
    """Read the name of a workflow. That the admin tool has the workflow is checked later."""
    if isinstance(raw, str) and raw:
        return raw
    raise ValueError(f"{raw!r} is not the name of a workflow; allowed: any name, such as default or vnf")


class Secret:
    """A value that is used and never shown.

    Attributes:
        value: The value.
    """

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "***"


def read_bus(raw: object, base: Path) -> Secret:
    """Read the URL of a message bus. It may have a password in it."""
    if isinstance(raw, str):
        scheme, colon, place = raw.partition("://")
        if scheme and colon and place:
            return Secret(raw)
    raise ValueError(
        "the value is not the URL of a message bus; allowed: a URL such as rabbit://USER:PASSWORD@HOST:PORT/"
    )


def read_project(raw: object, base: Path) -> str:
    """Read the name of a project."""
    if isinstance(raw, str) and raw:
        return raw
    raise ValueError(f"{raw!r} is not a project's name; allowed: any name")


def read_faults(raw: object, base: Path) -> tuple[FaultRequest, ...]:
    """Read faults, each ``NAME`` or ``NAME:key=value,key=value``: one text, several lines, or a list."""
    # The import takes a moment, which only a setting that names a fault needs.
    from pytest_doctor_maint.faults import parse_fault

    requests = tuple(parse_fault(text) for text in _texts(raw, "a fault"))
    for request in requests:
        request.make()
    return requests


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """An action plug-in that sessions ask for.

    Attributes:
        plugin: The name of the plug-in.
        type: When the plug-in runs: ``pre``, ``host``, ``compute``, ``controller`` or ``post``.
        metadata: The metadata that the plug-in gets.
    """

    plugin: str
    type: str
    metadata: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return ",".join([f"{self.plugin}:{self.type}", *(f"{key}={value}" for key, value in self.metadata)])

    def as_dict(self) -> dict[str, object]:
        """Return the action as the request of a session has it."""
        return {"plugin": self.plugin, "type": self.type, "metadata": dict(self.metadata)}


def read_actions(raw: object, base: Path) -> tuple[ActionRequest, ...]:
    """Read action plug-ins, each ``NAME:TYPE`` or ``NAME:TYPE,key=value``: one text, several lines, or a list."""
    return tuple(_read_action(text) for text in _texts(raw, "an action plug-in"))


def _read_action(text: str) -> ActionRequest:
    named, *pairs = text.split(",")
    # A plug-in may be named by its import path, which has a colon as well.
    plugin, _, kind = named.rpartition(":")
    split = [pair.partition("=") for pair in pairs]
    if not plugin or kind not in ACTION_TYPES or any(not key or not equals for key, equals, _ in split):
        raise ValueError(
            f"{text!r} is not an action plug-in; allowed: NAME:TYPE or NAME:TYPE,key=value with TYPE one of "
            f"{', '.join(ACTION_TYPES)}"
        )
    return ActionRequest(plugin, kind, tuple((key, value) for key, _, value in split))


def _texts(raw: object, what: str) -> list[str]:
    """Return the texts of a value that may be given several times."""
    texts = raw.splitlines() if isinstance(raw, str) else raw
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{raw!r} is not {what}; allowed: a text or a list of texts")
    return [text.strip() for text in texts if text.strip()]


def read_computes(raw: object, base: Path) -> tuple[int, ...]:
    """Read one number of computes, or several different ones."""
    parts: list[object]
    if isinstance(raw, str):
        parts = [part.strip() for part in raw.split(",")]
    elif isinstance(raw, list | tuple):
        parts = list(raw)
    else:
        parts = [raw]
    numbers = [natural(part) for part in parts]
    if not numbers or any(number is None or number < 1 for number in numbers):
        raise ValueError(f"{raw!r} is not a number of computes; allowed: a number from 1 on, or a list such as 3,4,8")
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"{raw!r} has a number twice; allowed: each number of computes once, such as 3,4,8")
    return tuple(number for number in numbers if number is not None)


def read_seed(raw: object, base: Path) -> int | None:
    """Read a seed; return None for "random"."""
    if raw == "random":
        return None
    seed = natural(raw)
    if seed is None:
        raise ValueError(f"{raw!r} is not a seed; allowed: a whole number from 0 on, or the word random")
    return seed


def read_seconds(raw: object, base: Path) -> int:
    """Read a number of seconds."""
    if not (seconds := natural(raw)):
        raise ValueError(f"{raw!r} is not a number of seconds; allowed: a whole number from 1 on")
    return seconds


def read_folder(raw: object, base: Path) -> Path:
    """Read the path of a folder in which files can be made. The folder need not exist yet."""
    if not isinstance(raw, str | Path) or not str(raw):
        raise ValueError(f"{raw!r} is not a folder; allowed: the path of a folder, which is created when it is missing")
    folder = base / raw
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{str(raw)!r} is a file; allowed: the path of a folder, which is created when it is missing")
    if trouble := why_not_writable(folder):
        raise ValueError(f"{str(raw)!r} cannot be written: {trouble}; allowed: the path of a folder that can be")
    return folder


def read_file(raw: object, base: Path) -> Path:
    """Read the path of a file that can be written. Neither the file nor its folder need exist yet."""
    if not isinstance(raw, str | Path) or not str(raw):
        raise ValueError(f"{raw!r} is not a file; allowed: the path of a file, which is created when it is missing")
    path = base / raw
    if path.exists() and not path.is_file():
        raise ValueError(f"{str(raw)!r} is no plain file; allowed: the path of a file, which is created when missing")
    if trouble := why_not_writable(path.parent):
        raise ValueError(f"{str(raw)!r} cannot be written: {trouble}; allowed: the path of a file that can be")
    return path


def why_not_writable(folder: Path) -> str:
    """Return why no file can be made in a folder, or in the next one above that exists; empty if one can.

    It is tried: permissions alone do not tell, such as those of root on a read-only file system.
    """
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    try:
        with TemporaryFile(dir=there):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def natural(raw: object) -> int | None:
    """Return `raw` as a whole number from 0 on; None if it is not one."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw if raw >= 0 else None
    if isinstance(raw, str) and re.fullmatch("[0-9]+", raw):
        return int(raw)
    return None


def shown(value: object) -> str:
    """Return a value as the header and the help texts show it."""
    if isinstance(value, tuple):
        return (", " if value and not isinstance(value[0], int) else ",").join(map(str, value))
    return "none" if value is None else str(value)
