"""JSON schemas that are both published and used: requests are validated with the object that clients can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import ValidationError
from jsonschema.exceptions import best_match

from pytest_doctor_maint.embedded.glance.errors import Forbidden, Invalid
from pytest_doctor_maint.embedded.schemas import StrictValidator

Json = dict[str, Any]
"""A part of a JSON schema. Any: a schema is JSON."""


class Schema:
    """The schema of one kind of resource.

    Args:
        name: The name of the kind, which errors contain.
        properties: The schemas of the properties. Those with ``readOnly`` are set by the server only.
        required: The names of the mandatory properties.
        additional: The schema of all other properties; False if no other properties are allowed.
        links: The links that clients can follow.
        definitions: The schemas that others refer to with ``#/definitions/NAME``.

    Attributes:
        document: The schema as it is published.
        read_only: The names of the properties that are set by the server only.
    """

    def __init__(
        self,
        name: str,
        properties: Mapping[str, Json],
        *,
        required: Sequence[str] = (),
        additional: bool | Json = False,
        links: Sequence[Mapping[str, str]] = (),
        definitions: Mapping[str, Json] | None = None,
    ) -> None:
        self.name = name
        self.properties = properties
        self.required = required
        self.document: Json = {"name": name, "properties": dict(properties), "additionalProperties": additional}
        if definitions:
            self.document["definitions"] = dict(definitions)
        if required:
            self.document["required"] = list(required)
        if links:
            self.document["links"] = [dict(link) for link in links]
        self.read_only = frozenset(each for each, schema in properties.items() if schema.get("readOnly"))
        self._validator = StrictValidator(self.document)

    def check(self, value: object) -> None:
        """Check that ``value`` matches the schema.

        Raises:
            Invalid: It does not.
        """
        error = best_match(self._validator.iter_errors(value))
        if error is not None:
            raise Invalid(f"Provided object does not match schema '{self.name}': {_reason(error)}")

    def check_body(self, body: Mapping[str, Any]) -> None:
        """Check the body of a request for a resource.

        Raises:
            Forbidden: It has a property that is set by the server only.
            Invalid: It does not match the schema.
        """
        for name in body:
            if name in self.read_only:
                raise Forbidden(f"Attribute '{name}' is read-only.")
        self.check(body)

    def nested(self) -> Json:
        """Return the schema for a resource within another one."""
        return {
            "type": "object",
            "properties": dict(self.properties),
            "required": list(self.required),
            "additionalProperties": False,
        }

    def listing(self, name: str) -> Json:
        """Return the published schema of a listing, whose items are under the key ``name``."""
        return _listing(name, {"type": "array", "items": self._item()}, self.document)

    def mapping(self, name: str, *, key: str) -> Json:
        """Return the published schema of a listing whose items are in an object by their property ``key``."""
        item = {**self._item(), "required": [each for each in self.required if each != key]}
        return _listing(name, {"type": "object", "additionalProperties": item}, self.document)

    def _item(self) -> Json:
        # References are resolved from the root of a document: the definitions are moved there.
        return {key: value for key, value in self.document.items() if key != "definitions"}


def _listing(name: str, items: Json, document: Json) -> Json:
    listing: Json = {
        "name": name,
        "properties": {
            name: items,
            "first": {"type": "string"},
            "next": {"type": "string"},
            "schema": {"type": "string"},
        },
        "links": [
            {"rel": "first", "href": "{first}"},
            {"rel": "next", "href": "{next}"},
            {"rel": "describedby", "href": "{schema}"},
        ],
    }
    if "definitions" in document:
        listing["definitions"] = document["definitions"]
    return listing


def _reason(error: ValidationError) -> str:
    """Return the reason of an error, and where in the value it is."""
    path = "".join(f"[{each!r}]" for each in error.absolute_path)
    return f"{error.message}\n\nOn instance{path}" if path else error.message


def text(most: int | None = None, *, least: int | None = None, pattern: str | None = None) -> Json:
    """Return the schema of a string of ``least`` to ``most`` characters."""
    bounds = {"minLength": least, "maxLength": most, "pattern": pattern}
    return {"type": "string", **{key: value for key, value in bounds.items() if value is not None}}


def choice(*allowed: str) -> Json:
    """Return the schema of a string that is one of ``allowed``."""
    return {"type": "string", "enum": list(allowed)}


def nullable(schema: Json) -> Json:
    """Return the schema that also allows null."""
    if "enum" in schema:
        schema = {**schema, "enum": [None, *schema["enum"]]}
    return {**schema, "type": ["null", schema["type"]]}


def read_only(schema: Json) -> Json:
    """Return the schema of a property that is set by the server only."""
    return {**schema, "readOnly": True}


#: The pattern of a UUID.
UUID = "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"
#: The times of a resource.
TIMES: Mapping[str, Json] = {"created_at": read_only(text()), "updated_at": read_only(text())}
#: The links of a resource.
LINKS: Mapping[str, Json] = {"self": read_only(text()), "schema": read_only(text())}
