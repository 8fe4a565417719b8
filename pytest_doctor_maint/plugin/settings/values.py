"""How the value of a setting is read: each reader takes a raw value and the folder that relative paths start from, and
raises ValueError with what is wrong and what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

# The choices of each part. A new admin tool, app manager, inspector or kind of cloud is one more word here.
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "admin_tool": ("sample", "fenix"),
        "app_manager": ("sample", "vnfm"),
        "inspector": ("sample",),
        "os_cloud": ("embedded",),
    }
)


def is_remote(actor: str) -> bool:
    """Whether an actor is given by the URL of one that already runs, and not by the name of one of ours."""
    return actor.startswith(("http://", "https://"))


def dialect_of(admin_tool: str) -> str:
    """Which admin tool's language it speaks: its own name, or, for a URL, ``fenix`` where the API is below ``/v1``."""
    if not is_remote(admin_tool):
        return admin_tool
    return "fenix" if urlsplit(admin_tool).path.rstrip("/").endswith("/v1") else "sample"


def chooser(field: str, what: str) -> Callable[[object, Path], str]:
    """Reads the name of one of ours, or the URL of one that runs elsewhere."""

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
    if "@" in parts.netloc:
        # It would stand in the header, in reports and in histories. This message does not show it either.
        raise ValueError(f"{what} is given by a URL with a user or a password in it; allowed: one without")
    return raw.rstrip("/")


def read_cloud(raw: object, base: Path) -> str:
    """Reads ``embedded``, or the name of a cloud in clouds.yaml."""
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


def read_workflow(raw: object, base: Path) -> str:
    """Reads the name of a workflow. Which there are, the admin tool knows."""
    if isinstance(raw, str) and raw:
        return raw
    raise ValueError(f"{raw!r} is no name of a workflow; allowed: any name, such as default or vnf")


class Secret:
    """A value that is used, and never shown.

    Attributes:
        value: The value.
    """

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "***"


def read_bus(raw: object, base: Path) -> Secret:
    """Reads the URL of a message bus, which may have a password in it."""
    if isinstance(raw, str):
        scheme, colon, place = raw.partition("://")
        if scheme and colon and place:
            return Secret(raw)
    raise ValueError("it is no URL of a message bus; allowed: one such as rabbit://USER:PASSWORD@HOST:PORT/")


def read_project(raw: object, base: Path) -> str:
    """Reads the name of a project."""
    if isinstance(raw, str) and raw:
        return raw
    raise ValueError(f"{raw!r} is no name of a project; allowed: any name")


def read_computes(raw: object, base: Path) -> tuple[int, ...]:
    """Reads one number of computes, or several, each once."""
    parts: list[object]
    if isinstance(raw, str):
        parts = [part.strip() for part in raw.split(",")]
    elif isinstance(raw, list | tuple):
        parts = list(raw)
    else:
        parts = [raw]
    numbers = [natural(part) for part in parts]
    if not numbers or any(number is None or number < 1 for number in numbers):
        raise ValueError(f"{raw!r} is no number of computes; allowed: a number from 1 on, or a list such as 3,4,8")
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"{raw!r} has a number twice; allowed: each number of computes once, such as 3,4,8")
    return tuple(number for number in numbers if number is not None)


def read_seed(raw: object, base: Path) -> int | None:
    """The seed, or None for "random"."""
    if raw == "random":
        return None
    seed = natural(raw)
    if seed is None:
        raise ValueError(f"{raw!r} is no seed; allowed: a whole number from 0 on, or the word random")
    return seed


def read_folder(raw: object, base: Path) -> Path:
    """Reads the path of a folder, which need not be there yet."""
    if not isinstance(raw, str | Path) or not str(raw):
        raise ValueError(f"{raw!r} is no folder; allowed: the path of a folder, which is made when it is missing")
    folder = base / raw
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{str(raw)!r} is a file; allowed: the path of a folder, which is made when it is missing")
    return folder


def natural(raw: object) -> int | None:
    """``raw`` as a whole number from 0 on; None, if it is none."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw if raw >= 0 else None
    if isinstance(raw, str) and re.fullmatch("[0-9]+", raw):
        return int(raw)
    return None


def shown(value: object) -> str:
    """How a value reads in the header and in help texts."""
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "all"
    return "none" if value is None else str(value)
