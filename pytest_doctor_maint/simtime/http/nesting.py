"""The depth of JSON. A value that could be read may be nested too deeply to be written or to be recorded."""

from __future__ import annotations

from collections.abc import Iterable


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
