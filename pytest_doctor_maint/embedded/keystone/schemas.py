"""The form of the objects in request bodies. The schemas of single resources are next to their handlers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_doctor_maint.embedded.keystone.errors import Invalid
from pytest_doctor_maint.embedded.schemas import Fault, Schema

Properties = Mapping[str, Mapping[str, Any]]
"""The JSON schemas of an object's fields, by the fields' names."""

_SECRETS = frozenset({"password", "original_password", "secret", "blob"})


def nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that also allows null."""
    return {**schema, "type": [schema["type"], "null"]}


def text(**limits: Any) -> dict[str, Any]:
    """Return the schema of a string; ``limits`` are keywords such as ``maxLength``."""
    return {"type": "string", "maxLength": 65535, **limits}


OBJECT = {"type": "object"}
FLAG = {"type": "boolean"}
TEXT = text()
NAME = text(minLength=1, maxLength=255, pattern=r"\S")
SHORT_NAME = text(minLength=1, maxLength=64, pattern=r"\S")
ID = text(minLength=1, maxLength=64, pattern=r"^[a-zA-Z0-9-]+$")
REFERENCE = nullable(text(minLength=1, maxLength=64))
DESCRIPTION = nullable(TEXT)
URL = text(minLength=1, maxLength=225, pattern=r"^[a-zA-Z0-9+.-]+:.+")
TAG = text(minLength=1, maxLength=255, pattern=r"^[^,/]*$")
TAGS = {"type": "array", "items": TAG, "maxItems": 80, "uniqueItems": True}


def items(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a list of different items."""
    return {"type": "array", "items": schema, "maxItems": 65535, "uniqueItems": True}


class Body:
    """The form of a request body: an object with one member, which says everything.

    Args:
        member: The name of the member (``project``).
        schema: The JSON schema of the member.
    """

    def __init__(self, member: str, schema: Mapping[str, Any]) -> None:
        self.member = member
        self._schema = Schema({"type": "object", "properties": {member: schema}, "required": [member]})

    # Any: a body is JSON.
    def read(self, body: Mapping[str, Any]) -> Any:
        """Return the member of a body.

        Raises:
            Invalid: The body does not have the right form.
        """
        self._schema.check(body, invalid)
        return body[self.member]


class Resource(Body):
    """The form of a request body that creates or changes a resource.

    Args:
        member: The name of the resource (``project``).
        properties: The fields that the API defines.
        required: The fields that must be there.
    """

    def __init__(self, member: str, properties: Properties, *, required: Sequence[str] = ()) -> None:
        super().__init__(member, {"type": "object", "properties": properties, "required": list(required)})
        self._fields = frozenset(properties)

    def read(self, body: Mapping[str, Any], *, key: str | None = None) -> dict[str, Any]:
        """Return the fields of the resource that are defined, and all others under ``extra``.

        ``id`` and ``links``, which Keystone sets, are left out unless they are defined.

        Args:
            body: The body of the request.
            key: The id of the resource that the request changes.

        Raises:
            Invalid: The body does not have the right form, or would change the id.
        """
        found: Mapping[str, Any] = super().read(body)
        if key is not None and found.get("id", key) != key:
            raise Invalid(f"Cannot change {self.member} ID.")
        values = {name: value for name, value in found.items() if name in self._fields}
        extra = {name: value for name, value in found.items() if name not in (*self._fields, "id", "links")}
        return {**values, "extra": extra} if extra else values


class Resources(Body):
    """The form of a request body that creates several resources at once.

    Args:
        member: The name of the list (``limits``).
        properties: The fields of each resource that the API defines; all others are left out.
        required: The fields that each resource must have.
    """

    def __init__(self, member: str, properties: Properties, *, required: Sequence[str] = ()) -> None:
        resource = {"type": "object", "properties": properties, "required": list(required)}
        super().__init__(member, {**items(resource), "minItems": 1})
        self._fields = frozenset(properties)

    def read(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[Mapping[str, Any]] = super().read(body)
        return [{name: value for name, value in each.items() if name in self._fields} for each in found]


def invalid(fault: Fault) -> Invalid:
    """Return the error for a fault, in Keystone's words. Secrets and whole objects are not repeated."""
    is_hidden = isinstance(fault.value, dict | list) or (fault.path and fault.path[-1] in _SECRETS)
    message = fault.message_without_value if is_hidden else fault.message
    return Invalid(f"Invalid input for field '{fault.path_text}': {message}" if fault.path else message)
