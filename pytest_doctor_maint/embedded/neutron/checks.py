"""Checks of single values. Each takes a value of a JSON body and returns it in its canonical form.

Each raises ValueError with the reason, which is shown after "Reason:" in the error's message.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.simtime.numbers import integer as parse_integer

Check = Callable[[Any], Any]
"""A check. Any: what it returns depends on the check, and becomes an attribute of a record."""

_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE)


def text(longest: int = 255, *, shortest: int = 0) -> Check:
    """Return a check for strings of ``shortest`` to ``longest`` characters."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"'{value}' is not a valid string")
        if len(value) > longest:
            raise ValueError(f"'{value}' exceeds maximum length of {longest}")
        if len(value) < shortest:
            raise ValueError(f"'{value}' is shorter than {shortest} characters")
        return value

    return check


def boolean(value: object) -> bool:
    """Check a boolean, which may also be given as a word or a number."""
    if isinstance(value, bool):
        return value
    word = str(value).lower() if isinstance(value, str | int) else ""
    if word in ("true", "1", "yes", "on"):
        return True
    if word in ("false", "0", "no", "off"):
        return False
    raise ValueError(f"'{value}' is not a valid boolean value")


def integer(least: int | None = None, most: int | None = None) -> Check:
    """Return a check for integers within the bounds, which may also be given as strings."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(f"'{value}' is not an integer")
        number = parse_integer(value.strip()) if isinstance(value, str) else value
        if number is None:
            raise ValueError(f"'{value}' is not an integer")
        if least is not None and number < least:
            raise ValueError(f"'{value}' is too small - must be at least '{least}'")
        if most is not None and number > most:
            raise ValueError(f"'{value}' is too large - must be no larger than '{most}'")
        return number

    return check


def one_of(*allowed: object) -> Check:
    """Return a check for these values."""

    def check(value: object) -> object:
        if value not in allowed or isinstance(value, bool):
            raise ValueError(f"'{value}' is not in {list(allowed)}")
        return value

    return check


def or_none(check: Check) -> Check:
    """Return a check for the values that ``check`` takes and None."""
    return lambda value: None if value is None else check(value)


def uuid(value: object) -> str:
    """Check a UUID."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError(f"'{value}' is not a valid UUID")
    return value


def mac(value: object) -> str:
    """Check a MAC address. The canonical form is in lower case."""
    if not isinstance(value, str) or not _MAC.fullmatch(value):
        raise ValueError(f"'{value}' is not a valid MAC address")
    return value.lower()


def ip(value: object) -> str:
    """Check an IPv4 or IPv6 address."""
    try:
        if isinstance(value, str):
            return str(ipaddress.ip_address(value))
    except ValueError:
        pass
    raise ValueError(f"'{value}' is not a valid IP address")


def cidr(value: object) -> str:
    """Check a network in CIDR notation. The canonical form has no host bits."""
    try:
        if isinstance(value, str) and "/" in value:
            return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        pass
    raise ValueError(f"'{value}' is not a valid IP subnet")


def ip_or_cidr(value: object) -> str:
    """Check an address or a network. It is returned as it is."""
    try:
        if isinstance(value, str):
            ipaddress.ip_network(value, strict=False)
            return value
    except ValueError:
        pass
    raise ValueError(f"'{value}' is neither a valid IP address, nor is it a valid IP subnet")


def list_of(check: Check, key: Callable[[Any], object] = lambda item: item) -> Check:
    """Return a check for lists whose items pass ``check``. None is taken for an empty list.

    Args:
        check: Checks an item.
        key: Returns what no two items may share; None for an item that may be repeated.
    """

    def check_list(value: object) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise ValueError(f"'{value}' is not a list")
        found: list[Any] = []
        for item in value:
            checked = check(item)
            if key(checked) in [key(one) for one in found if key(one) is not None]:
                raise ValueError(f"Duplicate items in the list: '{item}'")
            found.append(checked)
        return found

    return check_list


def mapping(value: object) -> dict[str, Any]:
    """Check a JSON object."""
    if not isinstance(value, dict):
        raise ValueError(f"'{value}' is not a dictionary")
    return value


def fields(keys: Mapping[str, Check], *, required: tuple[str, ...] = ()) -> Check:
    """Return a check for objects with these keys, of which the ``required`` ones are mandatory."""

    def check(value: object) -> dict[str, Any]:
        given = mapping(value)
        if missing := [key for key in required if key not in given]:
            raise ValueError(f"Validation of dictionary's keys failed. Expected keys: {missing}")
        if unknown := [key for key in given if key not in keys]:
            raise ValueError(f"Unexpected keys supplied: {unknown}")
        return {key: keys[key](item) for key, item in given.items()}

    return check


def tags(value: object) -> list[str]:
    """Check a list of tags. Duplicates are removed."""
    if not isinstance(value, list):
        raise ValueError(f"'{value}' is not a list")
    checked = [tag(item) for item in value]
    return list(dict.fromkeys(checked))


def tag(value: object) -> str:
    """Check a tag: a string of 1 to 255 characters without a comma."""
    found: str = text(255, shortest=1)(value)
    if "," in found:
        raise ValueError(f"'{found}' must not have a comma in it")
    return found
