"""Conversion of the values of queries, which are strings, to the types that the queries name."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.aodh.errors import Invalid
from pytest_doctor_maint.embedded.aodh.times import parse_time
from pytest_doctor_maint.simtime.literals import parse_literal
from pytest_doctor_maint.simtime.numbers import integer

_TRUE = ("1", "t", "true", "on", "y", "yes")
_FALSE = ("0", "f", "false", "off", "n", "no")


def convert(value: str, type_: str | None) -> Any:
    """Return the value of a query in its type; without a type, the Python literal that it is, or the string itself.

    Raises:
        Invalid: ``value`` is not of this type, or the type does not exist.
    """
    try:
        match type_ or "":
            case "":
                return _literal(value)
            case "string":
                return value
            case "integer":
                return _integer(value)
            case "float":
                return float(value)
            case "boolean":
                return _boolean(value)
            case "datetime":
                return parse_time(value)
    except ValueError as error:
        raise Invalid(f"Unable to convert the value {value} to the expected data type {type_}.") from error
    raise Invalid(
        f"The data type {type_} is not supported. The supported data type list is: "
        "integer, float, string, boolean, datetime"
    )


def _literal(value: str) -> Any:
    try:
        return parse_literal(value)
    except ValueError:
        return value


def _integer(value: str) -> int:
    number = integer(value.strip())
    if number is None:
        raise ValueError(value)
    return number


def _boolean(value: str) -> bool:
    word = value.strip().lower()
    if word not in _TRUE + _FALSE:
        raise ValueError(value)
    return word in _TRUE
