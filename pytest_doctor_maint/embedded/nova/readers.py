"""Further readers of request bodies (see ``body``): lists, identifiers, addresses, and objects within objects."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from pytest_doctor_maint.embedded.nova.body import Reader, section, text, values
from pytest_doctor_maint.embedded.nova.errors import Invalid


def wrong(name: str, value: Any, wanted: str) -> Invalid:
    """The error of a field that is not as it should be."""
    # A password that was mistyped is still a password.
    shown = "***" if "pass" in name.lower() else value
    return Invalid(f"Invalid input for field/attribute {name}. Value: {shown}. It must be {wanted}.")


def is_uuid(value: Any) -> bool:
    """Whether it is a UUID, with dashes or without."""
    try:
        return isinstance(value, str) and str(UUID(value)).replace("-", "") == value.lower().replace("-", "")
    except ValueError:
        return False


def uuid(name: str, value: Any) -> str:
    """A UUID."""
    if not is_uuid(value):
        raise wrong(name, value, "a UUID")
    return str(value)


def optional(reader: Reader) -> Reader:
    """What ``reader`` reads, or null."""

    def read(name: str, value: Any) -> Any:
        return None if value is None else reader(name, value)

    return read


def either(*readers: Reader) -> Reader:
    """What the first of these readers that can read it reads."""

    def read(name: str, value: Any) -> Any:
        last: Invalid | None = None
        for reader in readers:
            try:
                return reader(name, value)
            except Invalid as error:
                last = error
        raise last or wrong(name, value, "absent")

    return read


def several(reader: Reader, *, most: int | None = None, least: int = 0, unique: bool = False) -> Reader:
    """A list of things that ``reader`` reads."""

    def read(name: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise wrong(name, value, "a list")
        if len(value) < least or (most is not None and len(value) > most):
            raise wrong(name, value, f"a list of {least} to {most} items")
        if unique and any(item in value[:index] for index, item in enumerate(value)):
            raise wrong(name, value, "a list without doubles")
        return [reader(f"{name}/{index}", item) for index, item in enumerate(value)]

    return read


def within(fields: Mapping[str, Reader], required: Collection[str] = ()) -> Reader:
    """An object with these fields and no other."""

    def read(name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong(name, value, "an object")
        return values(value, fields, required)

    return read


def object_(name: str, value: Any) -> dict[str, Any]:
    """Any object."""
    if not isinstance(value, dict):
        raise wrong(name, value, "an object")
    return value


def nothing(name: str, value: Any) -> None:
    """Null."""
    if value is not None:
        raise wrong(name, value, "null")


def anything(name: str, value: Any) -> Any:
    """Whatever it is."""
    return value


def address(version: int) -> Reader:
    """An IP address of that version; the empty string for none."""

    def read(name: str, value: Any) -> str:
        if value == "":
            return ""
        try:
            parsed = ipaddress.ip_address(value) if isinstance(value, str) else None
        except ValueError:
            parsed = None
        if parsed is None or parsed.version != version:
            raise wrong(name, value, f"an IPv{version} address")
        return str(parsed)

    return read


def encoded(longest: int) -> Reader:
    """Base64 of at most so many characters."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise wrong(name, value, f"base64 of at most {longest} characters")
        try:
            base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            raise wrong(name, value, "base64") from None
        return value

    return read


def tag(name: str, value: Any) -> str:
    """A server's tag."""
    found = text(1, 60, pattern=r"[^,/]*")(name, value)
    return str(found)


def reference(name: str, value: Any) -> str:
    """An id, or a URL that ends in one."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > 4096:
        raise wrong(name, value, "an id or a URL")
    return value.rstrip("/").rsplit("/", 1)[-1]


hostname = text(1, 255, pattern=r"[a-zA-Z0-9\-._]*")
"""The name of a host."""

_LABEL = r"[a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?"


def guest_name(version: tuple[int, int]) -> Reader:
    """The host name that a guest has: one label, or from 2.94 on a full domain name."""
    if version < (2, 94):
        return text(1, 63, pattern=_LABEL)
    return text(1, 255, pattern=rf"{_LABEL}(\.{_LABEL})*")


def action_fields(body: Any, name: str, fields: Mapping[str, Reader], required: Collection[str] = ()) -> dict[str, Any]:
    """What stands in ``body[name]``; the body has nothing else."""
    if isinstance(body, dict) and len(body) != 1:
        raise Invalid("There are too many actions. Only one action is allowed.")
    return section(body, name, fields, required)
