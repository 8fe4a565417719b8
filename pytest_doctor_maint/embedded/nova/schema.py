"""Validation of request bodies and query parameters with JSON Schema; the errors are in Nova's words.

The dialect is Nova's: draft 2020-12, in which ``minimum`` and ``maximum`` apply to numbers in strings too, with
formats of Nova's own.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.microversions import LOWEST, Version
from pytest_doctor_maint.embedded.patterns import InvalidPattern, Pattern

if TYPE_CHECKING:
    from jsonschema import FormatChecker, ValidationError
    from jsonschema.protocols import Validator

#: A schema, or another piece of JSON.
Json = Mapping[str, Any]


class Schemas:
    """The schemas of one request body or query, by microversion. Each one is compiled once, when it is first used.

    Args:
        schema: The schema of the lowest microversion.
        later: The schemas that replace it, by the microversion from which on each applies.
    """

    def __init__(self, schema: Json, later: Mapping[Version, Json] | None = None) -> None:
        self._schemas = sorted({LOWEST: schema, **(later or {})}.items(), reverse=True, key=lambda item: item[0])
        self._validators: dict[tuple[Version, bool], Validator] = {}

    def check_body(self, body: Any, version: Version = LOWEST, *, legacy: bool = False) -> None:
        """Raise unless a request body has the form that a microversion requires.

        Args:
            body: The body, as read from JSON (hence Any).
            version: The microversion.
            legacy: True for the v2 API, which ignores unknown fields (they are removed from ``body``) and white space
                around names.

        Raises:
            Invalid: The body has another form.
        """
        error = next(self._validator(version, legacy).iter_errors(body), None)
        if error is not None:
            raise Invalid(_message(error, "field/attribute", -1))

    def check_query(self, query: Mapping[str, list[str]], version: Version = LOWEST) -> None:
        """Raise unless the query parameters are those that a microversion allows.

        Args:
            query: All values of each parameter.
            version: The microversion.

        Raises:
            Invalid: A parameter is not allowed or has a wrong value.
        """
        error = next(self._validator(version, legacy=False).iter_errors(query), None)
        if error is not None:
            raise Invalid(_message(error, "query parameters", 0))

    def _validator(self, version: Version, legacy: bool) -> Validator:
        since, schema = next(item for item in self._schemas if item[0] <= version)
        if (since, legacy) not in self._validators:
            self._validators[since, legacy] = _compile(schema, legacy)
        return self._validators[since, legacy]


def _message(error: ValidationError, kind: str, index: int) -> str:
    """Return Nova's message for an error; ``index`` selects the part of the path that Nova names."""
    if isinstance(error.cause, _InvalidName):
        return f"An invalid 'name' value was provided. The name must be: {error.cause}"
    path = list(error.absolute_path)
    if not path:
        return error.message
    name, value, message = path[index], error.instance, error.message
    if _is_secret(name):
        message = message.replace(repr(value), "'***'")
    return f"Invalid input for {kind} {name}. Value: {_without_secrets(value, name)}. {message}"


def _is_secret(name: object) -> bool:
    # A mistyped password is still a password.
    return "pass" in str(name).lower()


def _without_secrets(value: object, name: object = "") -> object:
    if _is_secret(name):
        return "***"
    if isinstance(value, dict):
        return {key: _without_secrets(item, key) for key, item in value.items()}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value


# -- compiling -------------------------------------------------------------------------------------------------------


def _compile(schema: Json, legacy: bool) -> Validator:
    # Loading jsonschema takes time; a cloud to which nothing is posted does not need it.
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    keywords: dict[str, Any] = {
        keyword: _also_for_strings(Draft202012Validator.VALIDATORS[keyword])
        for keyword in ("minimum", "maximum", "exclusiveMinimum")
    }
    if legacy:
        keywords["additionalProperties"] = _remove_additional(Draft202012Validator.VALIDATORS["additionalProperties"])
    kind: type[Validator] = extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]
    return kind(schema, format_checker=_formats(legacy))


#: How jsonschema calls a keyword: with the validator, the keyword's value, the instance and the schema.
Keyword = Callable[["Validator", Any, Any, Json], "Iterator[ValidationError] | None"]


def _also_for_strings(keyword: Keyword) -> Keyword:
    """Return a keyword for numbers that applies to numbers in strings too."""

    def check(validator: Validator, limit: Any, instance: Any, schema: Json) -> Iterator[ValidationError]:
        number = _number(instance)
        if number is not None:
            yield from keyword(validator, limit, number, schema) or ()

    return check


def _number(instance: object) -> int | float | None:
    if not isinstance(instance, str | int | float):
        return None
    for kind in (int, float):
        try:
            return kind(instance)
        except ValueError:
            continue
    return None


def _remove_additional(keyword: Keyword) -> Keyword:
    """Return ``additionalProperties`` of the v2 API, which removes unknown fields where the schema forbids them."""

    def check(validator: Validator, allowed: Any, instance: Any, schema: Json) -> Iterator[ValidationError]:
        if "patternProperties" in schema or allowed is not False or not isinstance(instance, dict):
            yield from keyword(validator, allowed, instance, schema) or ()
            return
        for name in instance.keys() - schema.get("properties", {}).keys():
            del instance[name]

    return check


# -- formats ---------------------------------------------------------------------------------------------------------


class _InvalidName(ValueError):
    """A name that is not allowed; the text says what is."""


@cache
def _formats(legacy: bool) -> FormatChecker:
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=("ipv4", "ipv6"))
    for name, is_valid in _FORMATS.items():
        checker.checks(name)(_only_strings(is_valid))
    checker.checks("name", _InvalidName)(_only_strings(_name_check("", legacy)))
    checker.checks("az_name", _InvalidName)(_only_strings(_name_check(":", legacy)))
    checker.checks("loose_name", _InvalidName)(_only_strings(_name_check("", surrounding_spaces=True)))
    return checker


def _only_strings(is_valid: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or is_valid(value)


def is_uuid(value: str) -> bool:
    """Return True for a UUID, with or without dashes."""
    try:
        return UUID(value).hex == value.lower().replace("-", "")
    except ValueError:
        return False


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_date_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value.strip().replace(" ", "+") if "T" in value else value.strip())
    except ValueError:
        return False
    return True


def _is_regex(value: str) -> bool:
    try:
        Pattern(value)
    except InvalidPattern:
        return False
    return value != ""


def _is_printable(value: str) -> bool:
    """Return True if all characters are printable or horizontal spaces."""
    categories = {unicodedata.category(char) for char in value}
    return not any(category[0] == "C" or category in ("Zl", "Zp") for category in categories)


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "uuid": is_uuid,
    "base64": _is_base64,
    "date-time": _is_date_time,
    "regex": _is_regex,
    "printable": _is_printable,
}


def _name_check(forbidden: str, surrounding_spaces: bool) -> Callable[[str], bool]:
    """Return the check of a format for names."""
    but = f" except {forbidden}" if forbidden else ""
    rule = (
        f"printable characters{but} with at least one non space character"
        if surrounding_spaces
        else f"printable characters{but}. Can not start or end with whitespace."
    )

    def check(value: str) -> bool:
        stripped = value.strip()
        # The length has a keyword of its own, so that the empty string has one error only.
        if value and (
            not stripped
            or (value != stripped and not surrounding_spaces)
            or not _is_printable(value)
            or any(char in value for char in forbidden)
        ):
            raise _InvalidName(rule)
        return True

    return check
