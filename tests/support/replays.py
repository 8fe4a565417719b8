"""Pages that play a run again, and histories for them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from pytest_doctor_maint.history import Event, History, frozen, thawed

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b[0-9a-f]{32}\b")
_TIME = re.compile(r"\b2030-01-(\d\d)")


class Page(HTMLParser):
    """The elements of a page: their names with attributes, and the texts of those that have one.

    Args:
        text: The page.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append((self._open, data))

    # Any: JSON.
    @property
    def data(self) -> dict[str, Any]:
        """The data from which the page shows each moment."""
        document: dict[str, Any] = json.loads(next(text for tag, text in self.texts if tag == "script"))
        return document


def elsewhere(history: History) -> History:
    """Return the same run as another cloud would have recorded it: other ids and addresses, one day and 7 s later."""
    return changed(
        history, lambda text: _TIME.sub(r"2030-02-\1", _ID.sub(_other_id, text)).replace("172.24.4", "10.1.2")
    )


def changed(history: History, change: Callable[[str], str]) -> History:
    """Return a history with each text in its data changed; its events are 7 s later."""

    def apply(value: Any) -> Any:  # JSON
        if isinstance(value, str):
            return change(value)
        if isinstance(value, dict):
            return {change(key): apply(item) for key, item in value.items()}
        return [apply(item) for item in value] if isinstance(value, list) else value

    return History(events=[_later(event, apply(thawed(event.data))) for event in history])


def _later(event: Event, data: Any) -> Event:
    return replace(event, at=event.at + timedelta(seconds=7), data=frozen(data))


def _other_id(found: re.Match[str]) -> str:
    """Return an id of the same form, with other digits."""
    return found.group().translate(str.maketrans("0123456789abcdef", "fedcba9876543210"))
