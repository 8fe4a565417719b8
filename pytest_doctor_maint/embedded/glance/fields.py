"""The fields and properties of images in requests and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_doctor_maint.embedded.glance.errors import Forbidden, Invalid
from pytest_doctor_maint.embedded.glance.image_schema import IMAGE
from pytest_doctor_maint.embedded.glance.models import STORE, Image
from pytest_doctor_maint.embedded.glance.times import show_time

#: Names that no request may set and no property of a user may have.
RESERVED = ("deleted", "deleted_at", "is_public", "location", "locations", "members")
#: The fields that requests may change. All other names are those of users' own properties.
WRITABLE = tuple(name for name in IMAGE.properties if name not in (*IMAGE.read_only, *RESERVED, "id"))
#: The read-only fields that Glance refuses before it looks at the values of a new image; the others come after them.
_REFUSED_FIRST = ("direct_url", "self", "file", "schema", "stores")
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class NewImage:
    """The fields and properties of a new image.

    Attributes:
        image_id: The image's id; None if the request does not name one.
        owner: The project that owns the image; None if the request does not name one.
        fields: All other fields.
        properties: The users' own properties.
    """

    image_id: str | None
    owner: str | None
    fields: dict[str, Any]
    properties: dict[str, str]


def read_image(body: Mapping[str, Any]) -> NewImage:
    """Return the fields and properties of a new image from the body of a request.

    Raises:
        Invalid: A value is wrong.
        Forbidden: No request may set a field of the body.
    """
    _check_writable([name for name in body if name in _REFUSED_FIRST])
    IMAGE.check(body)
    _check_writable(body)
    given = {name: _canonical(name, value) for name, value in body.items()}
    fields = {name: given.pop(name) for name in WRITABLE if name in given}
    return NewImage(given.pop("id", None), fields.pop("owner", None), fields, given)


def read_value(name: str, value: object) -> Any:
    """Return the value that an update gives to the field or property ``name``.

    Raises:
        Invalid: The value is wrong.
        Forbidden: No request may change ``name``.
    """
    check_changeable(name)
    IMAGE.check({name: value})
    return _canonical(name, value)


def check_changeable(name: str) -> None:
    """Check that updates may change the field or property ``name``.

    Raises:
        Forbidden: They may not.
        Invalid: No property can have this name.
    """
    if name == "id":
        raise Forbidden("Attribute 'id' is read-only.")
    _check_writable([name])


def show_image(image: Image) -> dict[str, Any]:
    """Return the image as the API shows it."""
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
        "created_at": show_time(image.created_at),
        "updated_at": show_time(image.updated_at),
        "tags": list(image.tags),
        "self": path,
        "file": f"{path}/file",
        "schema": "/v2/schemas/image",
    }
    if image.data is not None:
        body["stores"] = STORE
    return body


def _check_writable(names: Iterable[str]) -> None:
    for name in names:
        if name in IMAGE.read_only:
            raise Forbidden(f"Attribute '{name}' is read-only.")
        if name in RESERVED or name.startswith("os_glance"):
            raise Forbidden(f"Attribute '{name}' is reserved.")
        if not name or len(name) > _LONGEST_NAME:
            raise Invalid(f"Invalid property name {name!r}: it must have 1 to {_LONGEST_NAME} characters.")


def _canonical(name: str, value: Any) -> Any:
    # A tag that is given several times counts once.
    return list(dict.fromkeys(value)) if name == "tags" else value
