"""Data of events, cut to a size that a page can show. What is printable is kept as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_doctor_maint.printable import shortened

#: The longest text within the data of an event, in characters.
LONGEST_TEXT = 2000
#: The longest data of an event, in characters, about.
LONGEST_DATA = 16_000
#: The longest data of all events of a run together, in characters, about.
LONGEST_RUN = 6_000_000
#: How deep lists and objects within the data are shown.
DEEPEST = 8
DOTS = "..."


class Cutter:
    """Cuts the data of the events of one run."""

    def __init__(self) -> None:
        self._left_in_run = LONGEST_RUN
        self._left = 0

    # Any: JSON.
    def cut(self, data: Mapping[str, Any]) -> Any:
        """Return the data as plain JSON; what is too long, too deep or too much is replaced by dots."""
        self._left = allowed = min(LONGEST_DATA, self._left_in_run)
        shown = self._cut(data, DEEPEST)
        self._left_in_run -= allowed - max(self._left, 0)
        return shown

    def _cut(self, value: Any, depth: int) -> Any:
        self._left -= 8
        if self._left < 0:
            return DOTS
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
            return self._text(f"{value:.17g}" if abs(value) < 10**300 else DOTS)
        if isinstance(value, Mapping):
            return self._object(value, depth)
        if isinstance(value, list | tuple):
            return self._list(value, depth)
        return value

    def _object(self, value: Mapping[str, Any], depth: int) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for key, item in value.items():
            if depth <= 0 or self._left < 0:
                shown[DOTS] = DOTS
                break
            shown[self._text(key)] = self._cut(item, depth - 1)
        return shown

    def _list(self, value: Sequence[Any], depth: int) -> list[Any]:
        shown: list[Any] = []
        for item in value:
            if depth <= 0 or self._left < 0:
                shown.append(DOTS)
                break
            shown.append(self._cut(item, depth - 1))
        return shown

    def _text(self, text: str) -> str:
        shown = shortened(text, LONGEST_TEXT)
        self._left -= len(shown)
        return shown
