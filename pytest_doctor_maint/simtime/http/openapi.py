"""The OpenAPI document of an application, made of its routes and of the models of what they take and answer.

A route names the types of its body and of its answer with the options ``body`` and ``answer``, and with ``refuses`` the
statuses of the errors that only it has; :meth:`App.refusals <pytest_doctor_maint.simtime.http.App.refusals>` has those
that it shares with others.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from pytest_doctor_maint.simtime.http.app import App
from pytest_doctor_maint.simtime.http.routing import routing_of

#: The version of OpenAPI whose schemas are those of JSON Schema, which pydantic writes.
OPENAPI = "3.1.0"
_PLACEHOLDER = re.compile(r"<(\w+)>")
_SCHEMAS = "#/components/schemas/"
_ERROR = {
    "title": "Error",
    "description": "What was wrong, and what is allowed.",
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
}
#: A part of a path; clients take "." and ".." out of a path.
_PART = {"type": "string", "pattern": "^[^/]*[^/.][^/]*$"}
_Kind = Literal["body", "answer"]


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    rule: str
    handler: str
    options: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.method} {self.rule}"


def document(app: type[App], *, title: str, version: str) -> dict[str, Any]:
    """Return the OpenAPI document of a class of applications, as JSON.

    Args:
        app: The class.
        title: The title of the document.
        version: The version of what it describes.
    """
    operations = list(_operations(app))
    schemas, components = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    ids: set[str] = set()
    for each in operations:
        shown = _operation(app, each, schemas)
        # A handler may serve several paths.
        while shown["operationId"] in ids:
            shown["operationId"] += "_too"
        ids.add(shown["operationId"])
        paths.setdefault(_PLACEHOLDER.sub(r"{\1}", each.rule), {})[each.method.lower()] = shown
    token = {"type": "apiKey", "in": "header", "name": "X-Auth-Token", "description": "A token of Keystone."}
    secured = any(each["security"] for path in paths.values() for each in path.values())
    return {
        "openapi": OPENAPI,
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR, **components},
            **({"securitySchemes": {"token": token}} if secured else {}),
        },
    }


def _operations(app: type[App]) -> Iterator[_Operation]:
    routing = routing_of(app)
    for rule in sorted(routing.map.iter_rules(), key=lambda rule: rule.rule):
        handler, options = routing.endpoints[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield _Operation(method, rule.rule, handler, options)


def _schemas(operations: list[_Operation]) -> tuple[Mapping[tuple[str, _Kind], Any], dict[str, Any]]:
    """Return the schema of each operation's body and answer, and the schemas that these refer to, by name."""
    from pydantic import TypeAdapter

    inputs: list[tuple[tuple[str, _Kind], Literal["validation", "serialization"], TypeAdapter[Any]]] = []
    for each in operations:
        if "body" in each.options:
            inputs.append(((each.key, "body"), "validation", TypeAdapter(each.options["body"])))
        if "answer" in each.options:
            inputs.append(((each.key, "answer"), "serialization", TypeAdapter(each.options["answer"])))
    found, definitions = TypeAdapter.json_schemas(inputs, ref_template=f"{_SCHEMAS}{{model}}")
    return {key: schema for (key, _), schema in found.items()}, definitions.get("$defs", {})


def _operation(app: type[App], each: _Operation, schemas: Mapping[tuple[str, _Kind], Any]) -> dict[str, Any]:
    summary = (inspect.getdoc(getattr(app, each.handler)) or "").partition("\n")[0]
    answer = schemas.get((each.key, "answer"), {"type": "object", "maxProperties": 0})
    responses = {"200": {"description": "The request was carried out.", "content": _json(answer)}}
    for status in sorted({*app.refusals(each.options), *each.options.get("refuses", ())}):
        # 509 is Fenix's own.
        phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Refused"
        responses[str(status)] = {"description": phrase, "content": _json({"$ref": f"{_SCHEMAS}Error"})}
    shown: dict[str, Any] = {
        "operationId": each.handler,
        "summary": summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": _PART} for name in _PLACEHOLDER.findall(each.rule)
        ],
        "responses": responses,
        "security": app.security(each.options),
    }
    if "body" in each.options:
        shown["requestBody"] = {"required": True, "content": _json(schemas[each.key, "body"])}
    return shown


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
