"""The depth of JSON. A value that could be read may be nested too deeply to be written or to be recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

#: The levels of objects and lists within each other up to which JSON is read for the history.
MAX_LEVELS = 50


def read_json(raw: bytes) -> Any:  # JSON of any kind
    """Return the value of ``raw``; None if it is not JSON, or is nested more than :data:`MAX_LEVELS` levels deep."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return None if is_deeper(value, MAX_LEVELS) else value


def is_deeper(value: object, levels: int) -> bool:
    """Return True if objects and lists in ``value``, as read from JSON, are nested more than ``levels`` levels deep."""
    level = [value]
    for _ in range(levels):
        level = [item for outer in level for item in _inside(outer)]
    return any(isinstance(item, dict | list) for item in level)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
