"""Typed reading of the fields of a JSON object. The errors are Aodh's and name the field."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from pytest_doctor_maint.embedded.aodh.errors import Invalid, invalid
from pytest_doctor_maint.embedded.aodh.times import parse_time
from pytest_doctor_maint.simtime.numbers import integer as parse_integer

_TRUE = ("true", "t", "yes", "y", "on", "1")
_FALSE = ("false", "f", "no", "n", "off", "0")


class Fields:
    """The fields of one JSON object. A field that is null counts as missing.

    Args:
        body: The object.
        where: The object's name in errors; empty for the body itself.

    Raises:
        Invalid: ``body`` is not an object.
    """

    def __init__(self, body: object, where: str = "") -> None:
        if not isinstance(body, dict):
            raise invalid(where or "body", body, "It must be a JSON object.")
        self._body: dict[str, Any] = body
        self._where = f"{where}." if where else ""

    def only(self, names: Collection[str]) -> None:
        """Refuse fields other than ``names``.

        Raises:
            Invalid: The object has another field. The error names the first one.
        """
        for name in self._body:
            if name not in names:
                raise Invalid(f"Unknown attribute: {self._where}{name}")

    def given(self, name: str) -> bool:
        """Return True if ``name`` has a value."""
        return self._body.get(name) is not None

    def raw(self, name: str) -> object:
        """Return the value of ``name`` as it is; None if it is missing."""
        return self._body.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string. Without a default, the field is mandatory.

        Raises:
            Invalid: The field is missing and has no default, or is not a string.
        """
        value = self._value(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, "It must be a string.")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a string; None if it is missing.

        Raises:
            Invalid: The field is not a string.
        """
        return self.text(name) if self.given(name) else None

    def choice(self, name: str, allowed: Sequence[str], default: str | None = None) -> str:
        """Return one of ``allowed``. Without a default, the field is mandatory.

        Raises:
            Invalid: The field is missing and has no default, or has another value.
        """
        value = self.text(name, default)
        if value not in allowed:
            raise self._wrong(name, f"Value should be one of: {', '.join(allowed)}")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        """Return a boolean, which may also be given as a word or a number.

        Raises:
            Invalid: The field has another value.
        """
        value = self._value(name, default)
        if isinstance(value, int):
            return bool(value)
        if isinstance(value, str) and value.lower() in _TRUE + _FALSE:
            return value.lower() in _TRUE
        raise self._wrong(name, "It must be true or false.")

    def integer(self, name: str, default: int | None = None, *, least: int, most: int | None = None) -> int:
        """Return an integer from ``least`` to ``most``, which may also be given as a string.

        Without a default, the field is mandatory.

        Raises:
            Invalid: The field is missing and has no default, or has another value.
        """
        value = self._value(name, default)
        number = parse_integer(value.strip()) if isinstance(value, str) else value if type(value) is int else None
        if number is None or number < least or (most is not None and number > most):
            bounds = f"at least {least}" if most is None else f"from {least} to {most}"
            raise self._wrong(name, f"It must be an integer, {bounds}.")
        return number

    def optional_integer(self, name: str, *, least: int) -> int | None:
        """Return an integer from ``least`` up, which may also be given as a string; None if it is missing.

        Raises:
            Invalid: The field has another value.
        """
        return self.integer(name, least=least) if self.given(name) else None

    def number(self, name: str) -> float:
        """Return a number, which may also be given as a string.

        Raises:
            Invalid: The field is missing, or is not a finite number.
        """
        value = self._value(name)
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise self._wrong(name, "It must be a number.")
        return number

    def time(self, name: str) -> datetime | None:
        """Return a time in ISO 8601, UTC where it names no zone; None if it is missing.

        Raises:
            Invalid: The field is not such a time.
        """
        text = self.optional_text(name)
        try:
            return None if text is None else parse_time(text)
        except ValueError as error:
            raise self._wrong(name, "It must be a time in the format of ISO 8601.") from error

    def texts(self, name: str, default: Sequence[str] | None = None) -> list[str]:
        """Return a list of strings. Without a default, the field is mandatory.

        Raises:
            Invalid: The field is missing and has no default, or is not such a list.
        """
        if default is not None and not self.given(name):
            return list(default)
        value = self._value(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(name, "It must be a list of strings.")
        return value

    def objects(self, name: str) -> list[Fields]:
        """Return a list of objects; an empty list if the field is missing.

        Raises:
            Invalid: The field is not a list of objects.
        """
        value = self._body[name] if self.given(name) else []
        if not isinstance(value, list):
            raise self._wrong(name, "It must be a list of objects.")
        return [Fields(item, f"{self._where}{name}") for item in value]

    def as_dict(self) -> Mapping[str, Any]:
        """Return all fields as they are."""
        return self._body

    def _value(self, name: str, default: Any = None) -> Any:
        """Return the value of ``name`` or, if it is missing, the default.

        Raises:
            Invalid: ``name`` is missing, and there is no default.
        """
        if self.given(name):
            return self._body[name]
        if default is None:
            raise invalid(f"{self._where}{name}", None, "Mandatory field missing.")
        return default

    def _wrong(self, name: str, reason: str) -> Invalid:
        return invalid(f"{self._where}{name}", self._body[name], reason)
