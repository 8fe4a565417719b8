"""How deep JSON is nested. What can just be read may be too deep to be written again, or to be kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


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
