"""What the objects in request bodies must look like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from pytest_doctor_maint.embedded.keystone.errors import Invalid


class Field(Protocol):
    """The form of one field."""

    def fault(self, value: object) -> str:
        """What is wrong with ``value``; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string of ``least`` to ``most`` characters, which ``pattern`` matches, or one of ``choices``; or null."""

    least: int = 0
    most: int = 65535
    null: bool = False
    pattern: str = ""
    choices: tuple[str, ...] = ()

    def fault(self, value: object) -> str:
        if value is None and self.null:
            return ""
        if not isinstance(value, str):
            return f"{value!r} is not of type 'string'"
        if len(value) < self.least:
            return f"{value!r} is too short"
        if len(value) > self.most:
            return f"{value[:80]!r}… is too long"
        if self.pattern and not re.search(self.pattern, value):
            return f"{value!r} does not match {self.pattern!r}"
        if self.choices and value not in self.choices:
            return f"{value!r} is not one of {list(self.choices)!r}"
        return ""


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def fault(self, value: object) -> str:
        return "" if isinstance(value, bool) else f"{value!r} is not of type 'boolean'"


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number of at least ``least``; or null."""

    least: int = 0
    null: bool = False

    def fault(self, value: object) -> str:
        if value is None and self.null:
            return ""
        if not isinstance(value, int) or isinstance(value, bool):
            return f"{value!r} is not of type 'integer'"
        return "" if value >= self.least else f"{value!r} is less than the minimum of {self.least}"


@dataclass(frozen=True, slots=True)
class Object:
    """A JSON object."""

    def fault(self, value: object) -> str:
        return "" if isinstance(value, Mapping) else f"{value!r} is not of type 'object'"


@dataclass(frozen=True, slots=True)
class Items:
    """A list of at most ``most`` different items of one form."""

    of: Field
    most: int = 65535

    def fault(self, value: object) -> str:
        if not isinstance(value, list):
            return f"{value!r} is not of type 'array'"
        if len(value) > self.most:
            return f"{len(value)} items are too many, {self.most} are allowed"
        if any(item in value[:place] for place, item in enumerate(value)):
            return f"{value!r} has non-unique elements"
        return next((fault for fault in map(self.of.fault, value) if fault), "")


Fields = Mapping[str, Field]
"""The forms of an object's fields."""

NAME = Text(least=1, most=255, pattern=r"\S")
SHORT_NAME = Text(least=1, most=64, pattern=r"\S")
ID = Text(least=1, most=64, pattern=r"^[a-zA-Z0-9-]+$")
DESCRIPTION = Text(null=True)
TAG = Text(least=1, most=255, pattern=r"^[^,/]*$")
TAGS = Items(TAG, most=80)
URL = Text(least=1, most=225, pattern=r"^[a-zA-Z0-9+.-]+:.+")
FLAG = Flag()


def read(
    body: Mapping[str, Any],
    member: str,
    fields: Fields,
    *,
    required: Sequence[str] = (),
    key: str | None = None,
) -> dict[str, Any]:
    """The object ``member`` of a request's body: the ``fields`` that it has, and everything else under ``extra``.

    ``id`` and ``links``, which are Keystone's to give, are left out unless they are among the fields. An ``id`` other
    than ``key`` (what is to be changed) is refused.

    Raises:
        Invalid: It is missing, lacks a required field, or a field has the wrong form.
    """
    found = body.get(member)
    if not isinstance(found, Mapping):
        raise Invalid(f"Expecting to find {member}, an object, in the request body.")
    check(found, fields, required=required)
    if key is not None and found.get("id", key) != key:
        raise Invalid(f"Cannot change {member} ID.")
    values: dict[str, Any] = {key: value for key, value in found.items() if key in fields}
    extra = {key: value for key, value in found.items() if key not in fields and key not in ("id", "links")}
    if extra:
        values["extra"] = extra
    return values


def check(found: Mapping[str, Any], fields: Fields, *, required: Sequence[str] = ()) -> None:
    """Do nothing when ``found`` has the fields that it must have, in the right form.

    Raises:
        Invalid: It has not.
    """
    for key in required:
        if key not in found:
            raise Invalid(f"Invalid input: {key!r} is a required property.")
    for key, field in fields.items():
        if key in found and (fault := field.fault(found[key])):
            raise Invalid(f"Invalid input for field {key!r}: {_without_secret(key, fault)}.")


def _without_secret(key: str, fault: str) -> str:
    return "the value has the wrong form" if "password" in key or key in ("secret", "blob") else fault


def moment(text: str | None) -> datetime | None:
    """The moment that an ISO 8601 text names (UTC, when it names no zone).

    Raises:
        Invalid: It is none.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(f"Invalid input for field 'expires_at': {text!r} is not an ISO 8601 time.") from None


def iso(at: datetime | None) -> str | None:
    """A moment as Keystone writes it, with microseconds and ``Z``."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
