"""JSON as a saved history may have it: finite numbers, and objects and lists that are not nested without end."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from pytest_doctor_maint.simtime.nesting import is_deeper

#: The levels of objects and lists within each other that a line may have. Every reader of a history, and every report,
#: can go so deep. The bodies of requests are recorded up to 50 levels deep.
MAX_LEVELS = 64


def read_object(line: str) -> dict[str, Any]:
    """Return the JSON object that ``line`` is.

    Raises:
        NotJson: ``line`` is no JSON at all: perhaps the rest of it is missing.
        ValueError: It is something else than an object, has a number that is not finite, or is nested too deeply.
    """
    try:
        value = json.loads(line, parse_constant=_refuse_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise NotJson(f"not JSON ({error.msg}, column {error.colno}): {line!r:.80}") from error
    except RecursionError as error:
        raise ValueError(f"JSON of more than {MAX_LEVELS} levels") from error
    if not isinstance(value, dict):
        raise ValueError(f"not a JSON object: {line!r:.80}")
    # Counted first, because few lines have so many brackets.
    if line.count("[") + line.count("{") > MAX_LEVELS and is_deeper(value, MAX_LEVELS):
        raise ValueError(f"JSON of more than {MAX_LEVELS} levels")
    return value


class NotJson(ValueError):
    """A text that is no JSON."""


def _refuse_number(name: str) -> NoReturn:
    raise ValueError(f"the number {name}; allowed: finite numbers")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse_number(f"{text:.80}")
    return number
