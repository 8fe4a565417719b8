"""JSON from elsewhere.

Python reads JSON that it cannot write again, or that the code behind it stumbles over: deep nesting, endless numbers
and ``NaN``. All of it is refused when it is read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

#: The levels of objects and lists within each other up to which JSON is read.
MAX_LEVELS = 50
#: The digits of the largest unsigned 64-bit number.
MAX_DIGITS = 20


def parse_json(raw: bytes | str) -> Any:  # JSON of any kind
    """Return the value that ``raw`` is the JSON of.

    Raises:
        ValueError: ``raw`` is no JSON, is nested in more than :data:`MAX_LEVELS` levels, or has a number that
            is too long or none.
    """
    try:
        value = json.loads(raw, parse_int=_integer, parse_float=_float, parse_constant=_constant)
    except RecursionError as error:
        raise ValueError(f"it is nested more than {MAX_LEVELS} levels deep") from error
    if is_deeper(value, MAX_LEVELS):
        raise ValueError(f"it is nested more than {MAX_LEVELS} levels deep")
    return value


def read_json(raw: bytes) -> Any:  # JSON of any kind
    """Return what :func:`parse_json` returns; None if it raises an error."""
    try:
        return parse_json(raw)
    except ValueError:
        return None


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


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _constant(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")
