"""The format of times in a crontab."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ALIASES = ("@midnight", "@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@annually")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
#: Minute, hour, day of the month, month, day of the week, second: the smallest and the largest value, and the names.
_FIELDS: Sequence[tuple[int, int, Sequence[str]]] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, _MONTHS),
    (0, 7, _DAYS),
    (0, 59, ()),
)
_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[1-9]\d*))?")


def is_cron(text: str) -> bool:
    """Return True if ``text`` is a crontab's five fields, these and seconds, or a word such as ``@daily``."""
    fields = text.lower().split()
    if len(fields) == 1:
        return fields[0] in _ALIASES
    return len(fields) in (5, 6) and all(
        all(_is_part(part, *bounds) for part in field.split(","))
        for field, bounds in zip(fields, _FIELDS, strict=False)
    )


def _is_part(part: str, least: int, most: int, names: Sequence[str]) -> bool:
    match = _PART.fullmatch(part)
    if match is None:
        return False
    values = [_value(text, least, names) for text in match.group("first", "last") if text is not None]
    return all(value is not None and least <= value <= most for value in values)


def _value(text: str, least: int, names: Sequence[str]) -> int | None:
    if text in names:
        return names.index(text) + least
    return int(text) if text.isascii() and text.isdigit() else None
