"""The schema of images."""

from __future__ import annotations

from pytest_doctor_maint.embedded.glance.models import CONTAINER_FORMATS, DISK_FORMATS, VISIBILITIES
from pytest_doctor_maint.embedded.glance.validation import (
    LINKS,
    TIMES,
    UUID,
    Json,
    Schema,
    choice,
    nullable,
    read_only,
    text,
)

STATUSES = (
    "queued",
    "saving",
    "active",
    "killed",
    "deleted",
    "uploading",
    "importing",
    "pending_delete",
    "deactivated",
)
#: The largest integer in Glance's database.
_MOST = 2**31 - 1
_SIZE: Json = {"type": "integer", "minimum": 0, "maximum": _MOST}
_LOCATION: Json = {
    "type": "object",
    "properties": {
        "url": text(255),
        "metadata": {"type": "object"},
        "validation_data": {
            "type": "object",
            "properties": {
                "checksum": text(32, least=32),
                "os_hash_algo": text(64),
                "os_hash_value": text(128),
            },
            "required": ["os_hash_algo", "os_hash_value"],
            "additionalProperties": False,
        },
    },
    "required": ["url", "metadata"],
}

#: min_ram is in MiB, min_disk in GiB, and size and virtual_size are in bytes. Users' own properties are strings.
IMAGE = Schema(
    "image",
    {
        "id": text(pattern=UUID),
        "name": nullable(text(255)),
        "status": read_only(choice(*STATUSES)),
        "visibility": choice(*VISIBILITIES),
        "protected": {"type": "boolean"},
        "os_hidden": {"type": "boolean"},
        "checksum": read_only(nullable(text(32))),
        "os_hash_algo": read_only(nullable(text(64))),
        "os_hash_value": read_only(nullable(text(128))),
        "owner": nullable(text(255)),
        "size": read_only(nullable({"type": "integer"})),
        "virtual_size": read_only(nullable({"type": "integer"})),
        "container_format": nullable(choice(*CONTAINER_FORMATS)),
        "disk_format": nullable(choice(*DISK_FORMATS)),
        "tags": {"type": "array", "items": text(255)},
        "min_ram": _SIZE,
        "min_disk": _SIZE,
        "direct_url": read_only(text()),
        "file": read_only(text()),
        "stores": read_only(text()),
        "locations": {"type": "array", "items": _LOCATION},
        **TIMES,
        **LINKS,
    },
    additional={"type": "string"},
    links=(
        {"rel": "self", "href": "{self}"},
        {"rel": "enclosure", "href": "{file}"},
        {"rel": "describedby", "href": "{schema}"},
    ),
)
