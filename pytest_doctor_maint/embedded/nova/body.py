"""Reading what requests send: each field has a reader, which gives the value or says what it should have been."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Invalid

Reader = Callable[[str, Any], Any]
MAX_INT = 2**31 - 1
TRUE = ("true", "1", "on", "yes")
FALSE = ("false", "0", "off", "no")


def section(body: Any, key: str, fields: Mapping[str, Reader], required: Collection[str] = ()) -> dict[str, Any]:
    """The object ``body[key]``, with each field read by its reader.

    Raises:
        Invalid: It is no such object, lacks a ``required`` field, or has one that is unknown or wrong.
    """
    if not isinstance(body, dict) or not isinstance(body.get(key), dict):
        raise Invalid(f"Invalid input received: the body must be {{{key!r}: {{…}}}}")
    return values(body[key], fields, required)


def values(found: Mapping[str, Any], fields: Mapping[str, Reader], required: Collection[str] = ()) -> dict[str, Any]:
    """The fields of an object, read by their readers; raises as :func:`section` does."""
    for name in sorted(required):
        if name not in found:
            raise Invalid(f"Invalid input received: {name!r} is a required property")
    for name in found:
        if name not in fields:
            raise Invalid(f"Invalid input received: Additional properties are not allowed ({name!r} was unexpected)")
    return {name: fields[name](name, value) for name, value in found.items()}


def _wrong(name: str, value: Any, wanted: str) -> Invalid:
    return Invalid(f"Invalid input for field/attribute {name}. Value: {value}. It must be {wanted}.")


def number(lowest: int = 0, highest: int = MAX_INT) -> Reader:
    """An integer, or its digits in a string, within these bounds."""

    def read(name: str, value: Any) -> int:
        digits = isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value)
        if (
            (not digits and not isinstance(value, int))
            or isinstance(value, bool)
            or not lowest <= int(value) <= highest
        ):
            raise _wrong(name, value, f"an integer from {lowest} to {highest}")
        return int(value)

    return read


def decimal(name: str, value: Any) -> float:
    """A number above 0, or its digits in a string."""
    try:
        found = float(value) if not isinstance(value, bool) else 0.0
    except (TypeError, ValueError):
        found = 0.0
    if not 0 < found < float("inf"):
        raise _wrong(name, value, "a number above 0")
    return found


def text(shortest: int = 1, longest: int = 255, *, optional: bool = False, pattern: str | None = None) -> Reader:
    """A string of such a length that matches ``pattern`` as a whole; null if it is ``optional``."""

    def read(name: str, value: Any) -> str | None:
        if value is None and optional:
            return None
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            raise _wrong(name, value, f"a string of {shortest} to {longest} characters")
        if pattern is not None and not re.fullmatch(pattern, value):
            raise _wrong(name, value, f"a string that matches {pattern}")
        return value

    return read


def named(name: str, value: Any) -> str:
    """A name as Nova allows it: 1 to 255 printable characters, none of them white space at the ends."""
    if not isinstance(value, str) or not 1 <= len(value) <= 255 or value != value.strip() or not value.isprintable():
        raise _wrong(name, value, "a printable string of 1 to 255 characters without white space at its ends")
    return value


def trimmed(name: str, value: Any) -> str:
    """A name whose white space at the ends does not count, as up to the API's early days."""
    return named(name, value.strip() if isinstance(value, str) else value)


def boolean(name: str, value: Any) -> bool:
    """A boolean, or one of the words that Nova takes for one."""
    word = str(value).lower()
    if not isinstance(value, bool | str) or word not in (*TRUE, *FALSE):
        raise _wrong(name, value, "a boolean")
    return word in TRUE


def one_of(*allowed: str) -> Reader:
    """One of these strings."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise _wrong(name, value, f"one of {', '.join(allowed)}")
        return value

    return read


def pairs(
    longest: int = 255, *, removable: bool = False, numbers: bool = False, pattern: str = r"[a-zA-Z0-9\-_:. ]{1,255}"
) -> Reader:
    """An object of strings.

    Args:
        longest: The longest value.
        removable: Whether a value may be null.
        numbers: Whether a value may be a number, which is then written out.
        pattern: What each key must match as a whole.
    """

    def read(name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong(name, value, "an object")
        found = {}
        for key, item in value.items():
            if not re.fullmatch(pattern, key):
                raise _wrong(name, key, f"an object whose keys match {pattern}")
            if numbers and isinstance(item, int | float) and not isinstance(item, bool):
                item = str(item)
            if not (item is None and removable) and not (isinstance(item, str) and len(item) <= longest):
                raise _wrong(f"{name}/{key}", item, f"a string of at most {longest} characters")
            found[key] = item
        return found

    return read
