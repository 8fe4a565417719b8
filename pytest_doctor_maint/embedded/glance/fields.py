"""The fields of an image: what the API calls them, what may stand in them, and how an image is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.embedded.glance.models import CONTAINER_FORMATS, DISK_FORMATS, STORE, VISIBILITIES, Image
from pytest_doctor_maint.embedded.glance.service import glance_time
from pytest_doctor_maint.simtime.http import HttpError

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
READ_ONLY = (
    "checksum",
    "created_at",
    "direct_url",
    "file",
    "os_hash_algo",
    "os_hash_value",
    "schema",
    "self",
    "size",
    "status",
    "stores",
    "updated_at",
    "virtual_size",
)
#: Names that no property of a user may have.
RESERVED = ("deleted", "deleted_at", "is_public", "location", "locations", "members")


def _text(value: Any) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= 255)


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2**31 - 1


def _one_of(*allowed: str | None) -> Callable[[Any], bool]:
    return lambda value: (value is None or isinstance(value, str)) and value in allowed


def _tags(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(tag, str) and len(tag) <= 255 for tag in value)


#: The fields that a request may set, and what each takes.
WRITABLE: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_text, "a string of at most 255 characters"),
    "owner": (_text, "a project's id"),
    "visibility": (_one_of(*VISIBILITIES), f"one of {', '.join(VISIBILITIES)}"),
    "protected": (lambda value: isinstance(value, bool), "true or false"),
    "os_hidden": (lambda value: isinstance(value, bool), "true or false"),
    "container_format": (_one_of(None, *CONTAINER_FORMATS), f"one of {', '.join(CONTAINER_FORMATS)}"),
    "disk_format": (_one_of(None, *DISK_FORMATS), f"one of {', '.join(DISK_FORMATS)}"),
    "min_disk": (_number, "a number of GiB from 0 to 2147483647"),
    "min_ram": (_number, "a number of MiB from 0 to 2147483647"),
    "tags": (_tags, "a list of strings of at most 255 characters"),
}


def checked(name: str, value: Any) -> Any:
    """``value``, if the field or property ``name`` may have it.

    Raises:
        HttpError: 400, it may not; 403, no request may set ``name``.
    """
    if name in READ_ONLY:
        raise HttpError(403, f"Attribute '{name}' is read-only.")
    if name in RESERVED or name.startswith("os_glance"):
        raise HttpError(403, f"Attribute '{name}' is reserved.")
    if name in WRITABLE:
        allows, allowed = WRITABLE[name]
        if not allows(value):
            raise HttpError(400, f"Invalid value {value!r} for {name}: it must be {allowed}.")
        # A tag counts once, however often it is given.
        return list(dict.fromkeys(value)) if name == "tags" else value
    if not name or len(name) > 255:
        raise HttpError(400, f"Invalid property name {name!r}: it must have 1 to 255 characters.")
    if not isinstance(value, str):
        raise HttpError(400, f"Invalid value {value!r} for property {name}: it must be a string.")
    return value


def shown(image: Image) -> dict[str, Any]:
    """The image as the API gives it."""
    path = f"/v2/images/{image.id}"
    body: dict[str, Any] = {
        **image.properties,
        "name": image.name,
        "disk_format": image.disk_format,
        "container_format": image.container_format,
        "visibility": image.visibility,
        "size": image.size,
        "virtual_size": None,
        "status": image.status,
        "checksum": image.checksum,
        "protected": image.protected,
        "min_ram": image.min_ram,
        "min_disk": image.min_disk,
        "owner": image.owner,
        "os_hidden": image.os_hidden,
        "os_hash_algo": image.os_hash_value and "sha512",
        "os_hash_value": image.os_hash_value,
        "id": image.id,
        "created_at": glance_time(image.created_at),
        "updated_at": glance_time(image.updated_at),
        "tags": list(image.tags),
        "self": path,
        "file": f"{path}/file",
        "schema": "/v2/schemas/image",
    }
    if image.data is not None:
        body["stores"] = STORE
    return body
