"""Values of requests, which Nova accepts in several spellings, in their one form."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address

from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.simtime.moments import parse_moment

#: The words that Nova takes for a boolean in a query.
TRUE = ("1", "t", "true", "on", "y", "yes")
FALSE = ("0", "f", "false", "off", "n", "no")


def boolean(value: bool | str) -> bool:
    """Return a boolean of a request body, which may be a word."""
    return str(value).lower() in TRUE


def query_boolean(value: str) -> bool:
    """Return a boolean of a query.

    Raises:
        Invalid: The value is not a boolean.
    """
    if value.lower() not in TRUE + FALSE:
        words = ", ".join(repr(word) for word in sorted(TRUE + FALSE))
        raise Invalid(f"Unrecognized value '{value}', acceptable values are: {words}")
    return value.lower() in TRUE


def reference(value: str | int) -> str:
    """Return the id of a reference, which may be a URL that ends in it."""
    return str(value).rstrip("/").rsplit("/", 1)[-1]


def address(value: str) -> str:
    """Return an IP address in its canonical form."""
    return str(ip_address(value))


def moment(value: str) -> datetime:
    """Return an ISO 8601 time of a query, which is UTC unless it has an offset."""
    # A plus sign that was not quoted arrives as a space.
    return parse_moment(value.strip().replace(" ", "+") if "T" in value else value.strip())
