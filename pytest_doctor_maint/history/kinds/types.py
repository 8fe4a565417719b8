"""The types of the fields of events: what a reader of a saved history may rely on.

A field that holds what a foreign program sent, such as the body of a reply, has no type: it is any JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: The largest count and the largest number of seconds (32 years) that an event may have.
MOST = 10**9


@dataclass(frozen=True, slots=True)
class FieldType:
    """The values that a field may have.

    Attributes:
        name: The values in a few words, for error messages.
        allows: Return True if a value, as read from JSON, is one of them.
    """

    name: str
    allows: Callable[[object], bool]


def _is_number(value: object) -> bool:
    # A bool is an int in Python, but not in JSON. A comparison with NaN is false.
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST


TEXT = FieldType("text", lambda value: isinstance(value, str))
TRUTH = FieldType("true or false", lambda value: isinstance(value, bool))
COUNT = FieldType(f"a whole number from 0 to {MOST}", lambda value: _is_number(value) and isinstance(value, int))
SECONDS = FieldType(f"a number from 0 to {MOST}", _is_number)
WHOLE = FieldType("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool))


def optional(of: FieldType) -> FieldType:
    """Return the type of a field that may be null."""
    return FieldType(f"{of.name}, or null", lambda value: value is None or of.allows(value))


def list_of(of: FieldType) -> FieldType:
    """Return the type of lists whose items are of one type."""
    return FieldType(
        f"a list, each item {of.name}", lambda value: isinstance(value, list | tuple) and all(map(of.allows, value))
    )


def table_of(of: FieldType) -> FieldType:
    """Return the type of objects whose values are of one type."""
    return FieldType(
        f"an object, each value {of.name}",
        lambda value: isinstance(value, Mapping) and all(map(of.allows, value.values())),
    )


def record_of(**fields: FieldType) -> FieldType:
    """Return the type of objects that have these fields, each of its type, and perhaps others."""

    def allows(value: object) -> bool:
        return isinstance(value, Mapping) and all(
            name in value and of.allows(value[name]) for name, of in fields.items()
        )

    return FieldType(f"an object with {', '.join(f'{name} ({of.name})' for name, of in fields.items())}", allows)


def texts(*names: str) -> Mapping[str, FieldType]:
    """Return the type text for each of these fields."""
    return dict.fromkeys(names, TEXT)
