"""The operations of PATCH requests for images, in both of Glance's dialects of JSON patch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_doctor_maint.embedded.glance.errors import Invalid
from pytest_doctor_maint.simtime.http import HttpError
from pytest_doctor_maint.simtime.nesting import parse_json

V21 = "application/openstack-images-v2.1-json-patch"
V20 = "application/openstack-images-v2.0-json-patch"
OPERATIONS = ("add", "replace", "remove")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation ``op`` (one of OPERATIONS) on the field or property ``name``, with its ``value``."""

    op: str
    name: str
    value: Any = None


def read_patch(media_type: str, body: bytes) -> list[Operation]:
    """Return the operations of a PATCH request.

    Args:
        media_type: The request's content type. An operation is ``{"replace": "/name", "value": …}`` in v2.0, and
            ``{"op": "replace", "path": "/name", "value": …}`` in v2.1.
        body: The request's body.

    Raises:
        HttpError: 415, the content type is another one.
        Invalid: The body is not a list of such operations.
    """
    if media_type not in (V20, V21):
        raise HttpError(
            415,
            f"Unsupported content type {media_type!r}: use {V21} or {V20}",
            headers={"Accept-Patch": f"{V21}, {V20}"},
        )
    try:
        operations = parse_json(body)
    except ValueError as error:
        raise Invalid(f"the body is not JSON: {error}") from error
    if not isinstance(operations, list):
        raise Invalid("Request body must be a JSON array of operation objects.")
    return [_operation(operation, media_type) for operation in operations]


def _operation(operation: object, media_type: str) -> Operation:
    if not isinstance(operation, dict):
        raise Invalid("Operations must be JSON objects.")
    if media_type == V21:
        op, path = operation.get("op"), operation.get("path")
    else:
        named = [op for op in OPERATIONS if op in operation]
        if len(named) != 1:
            raise Invalid(f"Operation objects must contain exactly one of {', '.join(OPERATIONS)}.")
        op, path = named[0], operation[named[0]]
    if op not in OPERATIONS:
        raise Invalid(f"Operations must be one of {', '.join(OPERATIONS)}, not {op!r}.")
    if not isinstance(path, str) or not path.startswith("/") or len(path) < 2:
        raise Invalid(f"Invalid JSON pointer {path!r}: it must be /NAME.")
    if "/" in path[1:]:
        raise Invalid(f"Invalid JSON pointer for this resource: {path!r}")
    if op != "remove" and "value" not in operation:
        raise Invalid(f'Operation "{op}" requires a member named "value".')
    return Operation(op, path[1:].replace("~1", "/").replace("~0", "~"), operation.get("value"))
