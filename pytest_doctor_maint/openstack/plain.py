"""The payload of a notification as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID


# Any: JSON of any kind.
def as_json(value: object) -> Any:
    """Return ``value`` as JSON, whatever it holds at any depth.

    The message bus carries Python's own types: oslo.messaging's driver ``messaging`` passes a datetime on as one, while
    ``messagingv2`` writes it as text. A time is written in the form of the protocol, ``YYYY-MM-DD HH:MM:SS``, UTC; a
    time without a zone is in UTC already, as in all of OpenStack.

    Raises:
        ValueError: JSON has no form for ``value``; the message names the type.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(name): as_json(item) for name, item in value.items()}
        case list() | tuple():
            return [as_json(item) for item in value]
        case set() | frozenset():
            return sorted((as_json(item) for item in value), key=str)
        case datetime():
            moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return moment.strftime("%Y-%m-%d %H:%M:%S")
        case date() | time():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case bytes():
            return value.decode()
    raise ValueError(f"a notification cannot carry {value!r}; allowed: JSON, times, UUIDs, decimals, UTF-8")
