"""Reading the fields of a JSON object the way Aodh's API does: typed, with a fault that names the field."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from pytest_doctor_maint.protocol.times import from_wire

_TRUE = ("true", "t", "yes", "y", "on", "1")
_FALSE = ("false", "f", "no", "n", "off", "0")
_MISSING = object()


class Invalid(ValueError):
    """What a caller sent is not what the API takes; the text is for the caller."""


class NotAuthorized(Exception):
    """The caller asks for something of another project or user."""


def invalid(field: str, value: Any, reason: str = "") -> Invalid:
    """The fault for a wrong value of ``field``."""
    return Invalid(f"Invalid input for field/attribute {field}. Value: '{value}'. {reason}".rstrip())


class Fields:
    """The fields of one JSON object.

    A field that is null counts as not given.

    Args:
        body: The object.
        where: What it is called in faults; empty for the body itself.

    Raises:
        Invalid: ``body`` is no object.
    """

    def __init__(self, body: Any, where: str = "") -> None:
        if not isinstance(body, dict):
            raise invalid(where or "body", body, "It must be a JSON object.")
        self._body: dict[str, Any] = body
        self._where = f"{where}." if where else ""

    def only(self, names: Collection[str]) -> None:
        """Refuse fields other than ``names``.

        Raises:
            Invalid: There are some; it names the first.
        """
        for name in self._body:
            if name not in names:
                raise Invalid(f"Unknown attribute: {self._where}{name}")

    def given(self, name: str) -> bool:
        """Whether ``name`` has a value."""
        return self._body.get(name) is not None

    def raw(self, name: str) -> Any:
        """The value of ``name`` as it came; None when it is not given."""
        return self._body.get(name)

    def text(self, name: str, default: Any = _MISSING) -> Any:
        """A text.

        Raises:
            Invalid: It is not given and has no default, or is something else.
        """
        if not self.given(name):
            return self._absent(name, default)
        value = self._body[name]
        if isinstance(value, str):
            return value
        raise self._wrong(name, "It must be a text.")

    def choice(self, name: str, allowed: Sequence[str], default: Any = _MISSING) -> Any:
        """One of ``allowed``.

        Raises:
            Invalid: It is another value, or is not given and has no default.
        """
        value = self.text(name, default)
        if value is not default and value not in allowed:
            raise self._wrong(name, f"Value should be one of: {', '.join(allowed)}")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        """True or false, also as one of the usual words or a number.

        Raises:
            Invalid: It is something else.
        """
        if not self.given(name):
            return default
        value = self._body[name]
        if isinstance(value, int):
            return bool(value)
        if isinstance(value, str) and value.lower() in _TRUE + _FALSE:
            return value.lower() in _TRUE
        raise self._wrong(name, "It must be true or false.")

    def integer(self, name: str, default: Any = _MISSING, *, least: int, most: int | None = None) -> Any:
        """A whole number from ``least`` to ``most``, also as text.

        Raises:
            Invalid: It is something else, or is not given and has no default.
        """
        if not self.given(name):
            return self._absent(name, default)
        value = self._body[name]
        try:
            number = int(value) if isinstance(value, str) or type(value) is int else None
        except ValueError:
            number = None
        if number is None or number < least or (most is not None and number > most):
            bounds = f"at least {least}" if most is None else f"from {least} to {most}"
            raise self._wrong(name, f"It must be a whole number, {bounds}.")
        return number

    def number(self, name: str) -> float:
        """A number, also as text.

        Raises:
            Invalid: It is something else, or is not given.
        """
        if not self.given(name):
            self._absent(name, _MISSING)
        value = self._body[name]
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise self._wrong(name, "It must be a number.")
        return number

    def time(self, name: str) -> datetime | None:
        """A time in ISO 8601, UTC where it names no zone; None when it is not given.

        Raises:
            Invalid: It is something else.
        """
        text = self.text(name, None)
        try:
            return None if text is None else from_wire(text)
        except ValueError as error:
            raise self._wrong(name, "It must be a time in the format of ISO 8601.") from error

    def texts(self, name: str, default: Any = _MISSING) -> Any:
        """A list of texts.

        Raises:
            Invalid: It is something else, or is not given and has no default.
        """
        if not self.given(name):
            return self._absent(name, default)
        value = self._body[name]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(name, "It must be a list of texts.")
        return value

    def objects(self, name: str) -> list[Fields]:
        """A list of objects; empty when it is not given.

        Raises:
            Invalid: It is something else.
        """
        value = self._body[name] if self.given(name) else []
        if not isinstance(value, list):
            raise self._wrong(name, "It must be a list of objects.")
        return [Fields(item, f"{self._where}{name}") for item in value]

    def object(self, name: str) -> Fields:
        """The object under ``name``.

        Raises:
            Invalid: It is none.
        """
        return Fields(self._body.get(name), f"{self._where}{name}")

    def as_dict(self) -> Mapping[str, Any]:
        """All fields as they came."""
        return self._body

    def _absent(self, name: str, default: Any) -> Any:
        if default is _MISSING:
            raise invalid(f"{self._where}{name}", None, "Mandatory field missing.")
        return default

    def _wrong(self, name: str, reason: str) -> Invalid:
        return invalid(f"{self._where}{name}", self._body[name], reason)
