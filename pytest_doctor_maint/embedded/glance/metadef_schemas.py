"""The schemas of metadata definitions.

Names have at least one character here, unlike in Glance, because nothing without a name could be addressed.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_doctor_maint.embedded.glance.validation import LINKS, TIMES, Json, Schema, choice, text

_NAME = text(80, least=1)
_TYPE = choice("array", "boolean", "integer", "number", "object", "string")
_SIZE: Json = {"$ref": "#/definitions/positiveInteger"}
_SIZE_OR_0: Json = {"$ref": "#/definitions/positiveIntegerDefault0"}
_STRINGS: Json = {"$ref": "#/definitions/stringArray"}

#: The fields of a property. Most of them are keywords of JSON Schema, which the property's values shall match.
_PROPERTY_FIELDS: Mapping[str, Json] = {
    "name": _NAME,
    "title": text(),
    "description": text(),
    "type": _TYPE,
    "required": _STRINGS,
    "operators": {"type": "array", "items": text()},
    "readonly": {"type": "boolean"},
    "enum": {"type": "array"},
    "pattern": text(),
    "default": {},
    "items": {"type": "object", "properties": {"type": _TYPE, "enum": {"type": "array"}}},
    "minimum": {"type": "number"},
    "maximum": {"type": "number"},
    "minLength": _SIZE_OR_0,
    "maxLength": _SIZE,
    "minItems": _SIZE_OR_0,
    "maxItems": _SIZE,
    "uniqueItems": {"type": "boolean", "default": False},
    "additionalItems": {"type": "boolean"},
}
_STRING_ARRAY: Json = {"type": "array", "items": text(), "uniqueItems": True}
_NUMBERS: Mapping[str, Json] = {
    "positiveInteger": {"type": "integer", "minimum": 0},
    "positiveIntegerDefault0": {"allOf": [{"$ref": "#/definitions/positiveInteger"}, {"default": 0}]},
}
#: The definitions for resources that contain properties.
_DEFINITIONS: Mapping[str, Json] = {
    **_NUMBERS,
    "stringArray": _STRING_ARRAY,
    "property": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": dict(_PROPERTY_FIELDS),
            "required": ["title", "type"],
            "additionalProperties": False,
        },
    },
}
_PROPERTIES: Json = {"$ref": "#/definitions/property"}

PROPERTY = Schema(
    "property",
    _PROPERTY_FIELDS,
    required=("name", "title", "type"),
    definitions={**_NUMBERS, "stringArray": {**_STRING_ARRAY, "minItems": 1}},
)
OBJECT = Schema(
    "object",
    {
        "name": _NAME,
        "description": text(),
        "required": _STRINGS,
        "properties": _PROPERTIES,
        **TIMES,
        **LINKS,
    },
    required=("name",),
    definitions=_DEFINITIONS,
)
TAG = Schema("tag", {"name": _NAME, **TIMES}, required=("name",))
#: The body of a request that replaces all tags of a namespace.
TAG_LIST = Schema("tags", {"tags": {"type": "array", "items": TAG.nested()}}, required=("tags",))
ASSOCIATION = Schema(
    "resource_type_association",
    {"name": _NAME, "prefix": text(80), "properties_target": text(80), **TIMES},
    required=("name",),
)
NAMESPACE = Schema(
    "namespace",
    {
        "namespace": _NAME,
        "display_name": text(80),
        "description": text(500),
        "visibility": choice("public", "private"),
        "protected": {"type": "boolean"},
        "owner": text(255),
        "resource_type_associations": {"type": "array", "items": ASSOCIATION.nested()},
        "properties": _PROPERTIES,
        "objects": {"type": "array", "items": OBJECT.nested()},
        "tags": {"type": "array", "items": TAG.nested()},
        **TIMES,
        **LINKS,
    },
    required=("namespace",),
    definitions=_DEFINITIONS,
)
