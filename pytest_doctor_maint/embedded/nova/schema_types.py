"""Schemas of the types that several resources of the Compute API share, and functions that build schemas."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pytest_doctor_maint.embedded.nova.schema import Json

MAX_INT = 2**31 - 1
TAGS_PER_SERVER = 50

# -- functions that build schemas ------------------------------------------------------------------------------------


def object_(
    properties: Json, required: Collection[str] = (), *, nullable: bool = False, additional: bool = False
) -> dict[str, Any]:
    """Return the schema of an object.

    Args:
        properties: The schemas of its fields.
        required: The fields that it must have.
        nullable: True to allow null instead.
        additional: True to allow further fields.
    """
    return {
        "type": ["object", "null"] if nullable else "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": additional,
    }


def section(key: str, properties: Json, required: Collection[str] = (), *, nullable: bool = False) -> dict[str, Any]:
    """Return the schema of a body with one object: ``{key: {...}}``."""
    return object_({key: object_(properties, required, nullable=nullable)}, [key])


def anything(key: str) -> dict[str, Any]:
    """Return the schema of a body with one field whose value does not matter: ``{key: ...}``."""
    return object_({key: {}}, [key])


def array(items: Json, **limits: int | bool) -> dict[str, Any]:
    """Return the schema of a list; ``limits`` are keywords such as ``maxItems``."""
    return {"type": "array", "items": items, **limits}


def string(shortest: int = 0, longest: int | None = None, pattern: str | None = None) -> dict[str, Any]:
    """Return the schema of a string."""
    schema: dict[str, Any] = {"type": "string", "minLength": shortest}
    if longest is not None:
        schema["maxLength"] = longest
    if pattern is not None:
        schema["pattern"] = pattern
    return schema


def enum(*values: str) -> dict[str, Any]:
    """Return the schema of a string that is one of ``values``."""
    return {"type": "string", "enum": list(values)}


def integer(lowest: int, highest: int | None = None) -> dict[str, Any]:
    """Return the schema of an integer, which may be written as a string of digits."""
    schema = {
        "type": ["integer", "string"],
        "pattern": "^[0-9]+$" if lowest >= 0 else "^-?[0-9]+$",
        "minimum": lowest,
        # Beyond the largest 64-bit number; Python itself refuses to count some thousand digits.
        "maxLength": 20,
    }
    return schema if highest is None else {**schema, "maximum": highest}


def nullable(schema: Json) -> dict[str, Any]:
    """Return ``schema``, in which null is allowed too."""
    kind = schema["type"]
    return {**schema, "type": [*([kind] if isinstance(kind, str) else kind), "null"]}


def query(*parameters: Json, closed: bool = False) -> dict[str, Any]:
    """Return the schema of a query.

    Args:
        parameters: The schemas of the parameters' values; further parameters are ignored.
        closed: True to refuse further parameters.
    """
    known = {name: schema for part in parameters for name, schema in part.items()}
    return {"type": "object", "properties": known, "additionalProperties": not closed}


def many(schema: Json) -> dict[str, Any]:
    """Return the schema of a query parameter that may be repeated."""
    return {"type": "array", "items": schema}


def one(schema: Json) -> dict[str, Any]:
    """Return the schema of a query parameter that must not be repeated."""
    return {**many(schema), "maxItems": 1}


# -- types -----------------------------------------------------------------------------------------------------------

_TRUE = ("True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes")
_FALSE = ("False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no")

ANY_STRING = {"type": "string"}
NAME = {"type": "string", "format": "name", "minLength": 1, "maxLength": 255}
LOOSE_NAME = {**NAME, "format": "loose_name"}
"""A name with white space around it, which does not count."""
ZONE_NAME = {**NAME, "format": "az_name"}
_BOOLEANS: list[bool | str] = [True, *_TRUE, False, *_FALSE]
BOOLEAN = {"type": ["boolean", "string"], "enum": _BOOLEANS}
BOOLEAN_OR_AUTO = {"type": ["boolean", "string"], "enum": [*_BOOLEANS, "auto"]}
POSITIVE = integer(1)
NOT_NEGATIVE = integer(0)
UUID = {"type": "string", "format": "uuid"}
HOST = string(1, 255, "^[a-zA-Z0-9-._]*$")
"""The host of a service."""
HOSTNAME = string(2, 63, "^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$")
"""The host name of a guest; from 2.94 on it has the form of :data:`HOST`."""
DESCRIPTION = {"type": ["string", "null"], "format": "printable", "maxLength": 255}
DISK_CONFIG = enum("AUTO", "MANUAL")
IPV4 = {"type": "string", "format": "ipv4"}
IPV6 = {"type": "string", "format": "ipv6"}
IP_ADDRESS = {"type": "string", "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}]}
FLAVOR_REF = {"type": ["string", "integer"], "minLength": 1}
TAG = string(1, 60, "^[^,/]*$")
BASE64 = {"type": "string", "format": "base64"}
PERSONALITY = array(object_({"path": ANY_STRING, "contents": BASE64}))
TRUSTED_CERTS = nullable(array(string(1), minItems=1, maxItems=50, uniqueItems=True))


def pairs(values: Json, **limits: int) -> dict[str, Any]:
    """Return the schema of metadata: an object with keys of Nova's characters; ``limits`` as ``minProperties``."""
    return {
        "type": "object",
        "patternProperties": {"^[a-zA-Z0-9-_:. ]{1,255}$": values},
        "additionalProperties": False,
        **limits,
    }


METADATA = pairs(string(0, 255))
ONE_PAIR = pairs(string(0, 255), minProperties=1, maxProperties=1)

PAGING = {"limit": many(NOT_NEGATIVE), "marker": many(ANY_STRING)}
"""The query parameters of listings with pages."""
ONE_PAGING = {"limit": one(NOT_NEGATIVE), "marker": one(ANY_STRING)}
