"""Checks of single values. Each takes a value of a JSON body, and gives it in the form in which it is kept.

Each raises ValueError with a message that says what is wrong, to be read after "Reason:".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], Any]

_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE)


def anything(value: Any) -> Any:
    """Every value."""
    return value


def text(longest: int = 255, *, shortest: int = 0) -> Check:
    """A string of at most ``longest`` characters."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(f"'{value}' is not a valid string")
        if len(value) > longest:
            raise ValueError(f"'{value}' exceeds maximum length of {longest}")
        if len(value) < shortest:
            raise ValueError(f"'{value}' is shorter than {shortest} characters")
        return value

    return check


def boolean(value: Any) -> bool:
    """A boolean, also as a word or number."""
    if isinstance(value, bool):
        return value
    word = str(value).lower() if isinstance(value, str | int) else ""
    if word in ("true", "1", "yes", "on"):
        return True
    if word in ("false", "0", "no", "off"):
        return False
    raise ValueError(f"'{value}' is not a valid boolean value")


def integer(least: int | None = None, most: int | None = None) -> Check:
    """A whole number (also as digits) within the bounds."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(f"'{value}' is not an integer")
        try:
            number = int(value)
        except ValueError:
            raise ValueError(f"'{value}' is not an integer") from None
        if least is not None and number < least:
            raise ValueError(f"'{value}' is too small - must be at least '{least}'")
        if most is not None and number > most:
            raise ValueError(f"'{value}' is too large - must be no larger than '{most}'")
        return number

    return check


def one_of(*allowed: Any) -> Check:
    """One of these values."""

    def check(value: Any) -> Any:
        if value not in allowed or isinstance(value, bool):
            raise ValueError(f"'{value}' is not in {list(allowed)}")
        return value

    return check


def or_none(check: Check) -> Check:
    """What ``check`` takes, or None."""
    return lambda value: None if value is None else check(value)


def uuid(value: Any) -> str:
    """A UUID."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError(f"'{value}' is not a valid UUID")
    return value


def mac(value: Any) -> str:
    """A MAC address, kept in lower case."""
    if not isinstance(value, str) or not _MAC.fullmatch(value):
        raise ValueError(f"'{value}' is not a valid MAC address")
    return value.lower()


def ip(value: Any) -> str:
    """An IPv4 or IPv6 address."""
    try:
        if isinstance(value, str):
            return str(ipaddress.ip_address(value))
    except ValueError:
        pass
    raise ValueError(f"'{value}' is not a valid IP address")


def cidr(value: Any) -> str:
    """A network in CIDR notation; host bits are cut off."""
    try:
        if isinstance(value, str) and "/" in value:
            return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        pass
    raise ValueError(f"'{value}' is not a valid IP subnet")


def ip_or_cidr(value: Any) -> str:
    """An address or a network, kept as it was given."""
    try:
        if isinstance(value, str):
            ipaddress.ip_network(value, strict=False)
            return value
    except ValueError:
        pass
    raise ValueError(f"'{value}' is neither a valid IP address, nor is it a valid IP subnet")


def list_of(check: Check) -> Check:
    """A list (None stands for the empty one) without duplicates."""

    def check_list(value: Any) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise ValueError(f"'{value}' is not a list")
        found: list[Any] = []
        for item in value:
            checked = check(item)
            if checked in found:
                raise ValueError(f"Duplicate items in the list: '{item}'")
            found.append(checked)
        return found

    return check_list


def mapping(value: Any) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise ValueError(f"'{value}' is not a dictionary")
    return value


def fields(keys: Mapping[str, Check], *, required: tuple[str, ...] = ()) -> Check:
    """An object with these keys, of which the ``required`` ones must be there."""

    def check(value: Any) -> dict[str, Any]:
        given = mapping(value)
        if missing := [key for key in required if key not in given]:
            raise ValueError(f"Validation of dictionary's keys failed. Expected keys: {missing}")
        if unknown := [key for key in given if key not in keys]:
            raise ValueError(f"Unexpected keys supplied: {unknown}")
        return {key: keys[key](item) for key, item in given.items()}

    return check


def tags(value: Any) -> list[str]:
    """A list of tags; a tag is a text of 1 to 255 characters without comma. A tag that is given twice counts once."""
    if not isinstance(value, list):
        raise ValueError(f"'{value}' is not a list")
    checked = [tag(item) for item in value]
    return list(dict.fromkeys(checked))


def tag(value: Any) -> str:
    """A single tag."""
    found: str = text(255, shortest=1)(value)
    if "," in found:
        raise ValueError(f"'{found}' must not have a comma in it")
    return found
