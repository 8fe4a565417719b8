"""How deep JSON is nested. What can just be read may be too deep to be written again, or to be kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

#: The levels of objects and lists within each other up to which JSON is read for the history.
MAX_LEVELS = 50


def read_json(raw: bytes) -> Any:
    """Return what ``raw`` is as JSON; None where it is no JSON, or is nested in more than :data:`MAX_LEVELS` levels."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return None if is_deeper(value, MAX_LEVELS) else value


def is_deeper(value: Any, levels: int) -> bool:
    """Whether ``value``, as read from JSON, has objects or lists within each other over more than ``levels`` levels."""
    level: list[Any] = [value]
    for _ in range(levels):
        level = [item for outer in level for item in _inside(outer)]
    return any(isinstance(item, dict | list) for item in level)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
