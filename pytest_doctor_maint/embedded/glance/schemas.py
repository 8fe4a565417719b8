"""The JSON schemas that Glance publishes of what it gives; clients build their classes from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.glance.models import CONTAINER_FORMATS, DISK_FORMATS, MEMBER_STATUSES, VISIBILITIES

Schema = dict[str, Any]
UUID = "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"
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


def _string(length: int | None = None, **more: Any) -> Schema:
    return {"type": "string", **({"maxLength": length} if length else {}), **more}


def _optional(schema: Schema) -> Schema:
    if "enum" in schema:
        schema = {**schema, "enum": [None, *schema["enum"]]}
    return {**schema, "type": ["null", schema["type"]]}


def _seen(schema: Schema) -> Schema:
    """A field that only the server sets."""
    return {**schema, "readOnly": True}


TIMES: Schema = {"created_at": _seen(_string()), "updated_at": _seen(_string())}
LINKS: Schema = {"self": _seen(_string()), "schema": _seen(_string())}
IMAGE: Schema = {
    "id": _string(pattern=UUID),
    "name": _optional(_string(255)),
    "status": _seen(_string(enum=list(STATUSES))),
    "visibility": _string(enum=list(VISIBILITIES)),
    "protected": {"type": "boolean"},
    "os_hidden": {"type": "boolean"},
    "checksum": _seen(_optional(_string(32))),
    "os_hash_algo": _seen(_optional(_string(64))),
    "os_hash_value": _seen(_optional(_string(128))),
    "owner": _optional(_string(255)),
    "size": _seen(_optional({"type": "integer"})),
    "virtual_size": _seen(_optional({"type": "integer"})),
    "container_format": _optional(_string(enum=list(CONTAINER_FORMATS))),
    "disk_format": _optional(_string(enum=list(DISK_FORMATS))),
    "tags": {"type": "array", "items": _string(255)},
    "min_ram": {"type": "integer", "minimum": 0, "maximum": 2147483647},
    "min_disk": {"type": "integer", "minimum": 0, "maximum": 2147483647},
    "file": _seen(_string()),
    "stores": _seen(_string()),
    **TIMES,
    **LINKS,
}
MEMBER: Schema = {
    "member_id": _string(),
    "image_id": _string(pattern=UUID),
    "status": _string(enum=list(MEMBER_STATUSES)),
    **TIMES,
    "schema": _seen(_string()),
}
TASK: Schema = {
    "id": _string(pattern=UUID),
    "type": _string(enum=["import"]),
    "status": _string(enum=["pending", "processing", "success", "failure"]),
    "input": _optional({"type": "object"}),
    "result": _optional({"type": "object"}),
    "owner": _string(),
    "message": _string(),
    "expires_at": _optional(_string()),
    **TIMES,
    **LINKS,
}
ASSOCIATION: Schema = {"name": _string(80), "prefix": _string(80), "properties_target": _string(80), **TIMES}
PROPERTY: Schema = {
    "name": _string(80),
    "title": _string(),
    "description": _string(),
    "type": _string(enum=["array", "boolean", "integer", "number", "object", "string"]),
    "operators": {"type": "array", "items": _string()},
    "readonly": {"type": "boolean"},
    "enum": {"type": "array"},
    "pattern": _string(),
    "default": {},
    "items": {"type": "object"},
    "minimum": {"type": "number"},
    "maximum": {"type": "number"},
    "minLength": {"type": "integer", "minimum": 0},
    "maxLength": {"type": "integer", "minimum": 0},
    "minItems": {"type": "integer", "minimum": 0},
    "maxItems": {"type": "integer", "minimum": 0},
    "uniqueItems": {"type": "boolean"},
    "additionalItems": {"type": "boolean"},
}
OBJECT: Schema = {
    "name": _string(255),
    "description": _string(),
    "required": {"type": "array", "items": _string()},
    "properties": {"type": "object", "additionalProperties": {"type": "object"}},
    **TIMES,
    **LINKS,
}
TAG: Schema = {"name": _string(80), **TIMES}
NAMESPACE: Schema = {
    "namespace": _string(80),
    "display_name": _string(80),
    "description": _string(500),
    "visibility": _string(enum=["public", "private"]),
    "protected": {"type": "boolean"},
    "owner": _string(255),
    "resource_type_associations": {"type": "array", "items": {"type": "object", "properties": ASSOCIATION}},
    "properties": {"type": "object", "additionalProperties": {"type": "object", "properties": PROPERTY}},
    "objects": {"type": "array", "items": {"type": "object", "properties": OBJECT}},
    "tags": {"type": "array", "items": {"type": "object", "properties": TAG}},
    **TIMES,
    **LINKS,
}


def _single(name: str, properties: Schema, **more: Any) -> Schema:
    return {"name": name, "properties": properties, "additionalProperties": False, **more}


def _list(name: str, of: Schema) -> Schema:
    return {
        "name": name,
        "properties": {
            name: {"type": "array", "items": of},
            "first": _string(),
            "next": _string(),
            "schema": _string(),
        },
        "links": [{"rel": "first", "href": "{first}"}, {"rel": "next", "href": "{next}"}],
    }


_IMAGE = _single(
    "image",
    IMAGE,
    links=[
        {"rel": "self", "href": "{self}"},
        {"rel": "enclosure", "href": "{file}"},
        {"rel": "describedby", "href": "{schema}"},
    ],
)
# Properties of the users' own are strings, whatever their names.
_IMAGE["additionalProperties"] = {"type": "string"}
_NAMESPACE = _single("namespace", NAMESPACE, required=["namespace"])
_ASSOCIATION = _single("resource_type_association", ASSOCIATION, required=["name"])
_OBJECT = _single("object", OBJECT, required=["name"])
_PROPERTY = _single("property", PROPERTY, required=["name", "title", "type"])
_TAG = _single("tag", TAG, required=["name"])

#: The schemas by their path below /v2/schemas.
SCHEMAS: Mapping[str, Schema] = {
    "image": _IMAGE,
    "images": _list("images", _IMAGE),
    "member": _single("member", MEMBER),
    "members": _list("members", _single("member", MEMBER)),
    "task": _single("task", TASK),
    "tasks": _list("tasks", _single("task", TASK)),
    "metadefs/namespace": _NAMESPACE,
    "metadefs/namespaces": _list("namespaces", _NAMESPACE),
    "metadefs/resource_type": _ASSOCIATION,
    "metadefs/resource_types": _list("resource_type_associations", _ASSOCIATION),
    "metadefs/object": _OBJECT,
    "metadefs/objects": _list("objects", _OBJECT),
    "metadefs/property": _PROPERTY,
    "metadefs/properties": {
        "name": "properties",
        "properties": {"properties": {"type": "object", "additionalProperties": _PROPERTY}},
    },
    "metadefs/tag": _TAG,
    "metadefs/tags": _list("tags", _TAG),
}
