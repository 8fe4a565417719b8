"""Glance's metadata definitions: namespaces and what they define."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.glance.metadefs import Definition, Metadefs, Namespace
from pytest_doctor_maint.embedded.glance.service import GlanceService, glance_time
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

ROOT = "/v2/metadefs"
NAMESPACES = f"{ROOT}/namespaces"
#: What a namespace defines besides resource types' associations; each kind has the same calls.
KIND = "<any(objects, properties, tags):kind>"
SINGULAR = {"objects": "object", "properties": "property", "tags": "tag"}
#: The fields that a definition of each kind may have, and their types.
FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "tags": {"name": str},
    "objects": {"name": str, "description": str, "required": list, "properties": dict},
    "properties": {
        "name": str,
        "title": str,
        "description": str,
        "type": str,
        "operators": list,
        "readonly": bool,
        "enum": list,
        "pattern": str,
        "default": object,
        "items": dict,
        "minimum": (int, float),
        "maximum": (int, float),
        "minLength": int,
        "maxLength": int,
        "minItems": int,
        "maxItems": int,
        "uniqueItems": bool,
        "additionalItems": bool,
    },
    "resource_types": {"name": str, "prefix": str, "properties_target": str},
    "namespaces": {
        "namespace": str,
        "display_name": str,
        "description": str,
        "visibility": str,
        "protected": bool,
        "owner": str,
        "resource_type_associations": list,
        "objects": list,
        "properties": dict,
        "tags": list,
    },
}
SERVER_FIELDS = ("created_at", "updated_at", "self", "schema")
TYPES = ("array", "boolean", "integer", "number", "object", "string", None)


class MetadefRoutes(GlanceService):
    """``/v2/metadefs``. Everybody reads what is public; only admins write, as Glance's default policy has it."""

    @property
    def metadefs(self) -> Metadefs:
        """The catalog."""
        return self.glance.metadefs

    @route("GET", f"{ROOT}/resource_types")
    def list_resource_types(self, request: ServiceRequest) -> Answer:
        return {
            "resource_types": [
                {"name": name, "created_at": glance_time(first), "updated_at": glance_time(first)}
                for name, first in self.metadefs.resource_types.items()
            ]
        }

    @route("GET", NAMESPACES)
    def list_namespaces(self, request: ServiceRequest) -> Answer:
        visibility = request.args.get("visibility")
        if visibility not in (None, "public", "private"):
            raise HttpError(400, f"Invalid visibility value: {visibility}")
        kinds = {kind for value in request.args.getlist("resource_types") for kind in value.split(",")}
        found = [
            namespace
            for namespace in self.metadefs.namespaces.values()
            if namespace.visible_to(request.caller)
            and visibility in (None, namespace.visibility)
            and (not kinds or kinds & set(namespace.resource_types))
        ]
        found.sort(key=lambda namespace: namespace.created_at, reverse=True)
        page, more = self.page(request, found, lambda namespace: namespace.namespace)
        body: dict[str, Any] = {
            "namespaces": [self._shown(namespace) for namespace in page],
            "first": NAMESPACES,
            "schema": "/v2/schemas/metadefs/namespaces",
        }
        if more:
            body["next"] = f"{NAMESPACES}?limit={len(page)}&marker={page[-1].namespace}"
        return body

    @route("POST", NAMESPACES, admin=True)
    def create_namespace(self, request: ServiceRequest) -> Answer:
        body = self._fields(request.json_object(), "namespaces", "namespace")
        name = body["namespace"]
        if name in self.metadefs.namespaces:
            raise HttpError(409, f"Metadata definition namespace={name} already exists.")
        # All parts are read before anything is made: a request with one bad part makes nothing.
        properties = [
            {**value, "name": key} if isinstance(value, dict) else value
            for key, value in body.get("properties", {}).items()
        ]
        now = self.core.clock.now()
        namespace = Namespace(
            name,
            body.get("owner", request.caller.project_id),
            now,
            now,
            resource_types=self._named(body.get("resource_type_associations", []), "resource_types"),
            objects=self._named(body.get("objects", []), "objects"),
            properties=self._named(properties, "properties"),
            tags=self._named(body.get("tags", []), "tags"),
        )
        self._update(namespace, body)
        self.metadefs.namespaces[name] = namespace
        for kind in namespace.resource_types:
            self.metadefs.resource_types.setdefault(kind, now)
        return 201, self._shown(namespace), {"Location": f"{request.host_url}image{NAMESPACES}/{name}"}

    @route("GET", f"{NAMESPACES}/<name>")
    def show_namespace(self, request: ServiceRequest, name: str) -> Answer:
        namespace = self._namespace(request, name)
        body = self._shown(namespace)
        for kind in ("objects", "tags"):
            if definitions := getattr(namespace, kind):
                body[kind] = [self._definition(namespace, kind, item) for item in definitions.values()]
        if namespace.properties:
            body["properties"] = {key: _without_name(item) for key, item in namespace.properties.items()}
        return body

    @route("PUT", f"{NAMESPACES}/<name>", admin=True)
    def update_namespace(self, request: ServiceRequest, name: str) -> Answer:
        body = self._fields(request.json_object(), "namespaces", "namespace")
        namespace = self._namespace(request, name)
        new = body["namespace"]
        if new != name and new in self.metadefs.namespaces:
            raise HttpError(409, f"Metadata definition namespace={new} already exists.")
        self._update(namespace, body)
        namespace.updated_at = self.core.clock.now()
        del self.metadefs.namespaces[name]
        namespace.namespace = new
        self.metadefs.namespaces[new] = namespace
        return self._shown(namespace)

    @route("DELETE", f"{NAMESPACES}/<name>", admin=True)
    def delete_namespace(self, request: ServiceRequest, name: str) -> Answer:
        if self._namespace(request, name).protected:
            raise HttpError(403, f"Metadata definition namespace {name} is protected and cannot be deleted.")
        del self.metadefs.namespaces[name]
        return None

    @route("GET", f"{NAMESPACES}/<name>/resource_types")
    def list_associations(self, request: ServiceRequest, name: str) -> Answer:
        namespace = self._namespace(request, name)
        return {"resource_type_associations": [_timed(item) for item in namespace.resource_types.values()]}

    @route("POST", f"{NAMESPACES}/<name>/resource_types", admin=True)
    def associate(self, request: ServiceRequest, name: str) -> Answer:
        body = self._fields(request.json_object(), "resource_types", "name")
        namespace = self._namespace(request, name)
        if body["name"] in namespace.resource_types:
            raise HttpError(409, f"The resource type {body['name']} is already associated with namespace {name}.")
        now = self.core.clock.now()
        namespace.resource_types[body["name"]] = Definition(body, now, now)
        self.metadefs.resource_types.setdefault(body["name"], now)
        return 201, _timed(namespace.resource_types[body["name"]])

    @route("DELETE", f"{NAMESPACES}/<name>/resource_types/<resource_type>", admin=True)
    def dissociate(self, request: ServiceRequest, name: str, resource_type: str) -> Answer:
        self._take(self._namespace(request, name).resource_types, resource_type)
        return None

    @route("GET", f"{NAMESPACES}/<name>/{KIND}")
    def list_definitions(self, request: ServiceRequest, name: str, kind: str) -> Answer:
        namespace = self._namespace(request, name)
        items: dict[str, Definition] = getattr(namespace, kind)
        if kind == "properties":
            return {"properties": {key: item.values for key, item in items.items()}}
        page, more = self.page(request, list(items.values()), lambda item: str(item.values["name"]))
        path = f"{NAMESPACES}/{name}/{kind}"
        body: dict[str, Any] = {
            kind: [self._definition(namespace, kind, item) for item in page],
            "first": path,
            "schema": f"/v2/schemas/metadefs/{kind}",
        }
        if more:
            body["next"] = f"{path}?limit={len(page)}&marker={page[-1].values['name']}"
        return body

    @route("POST", f"{NAMESPACES}/<name>/{KIND}", admin=True)
    def create_definitions(self, request: ServiceRequest, name: str, kind: str) -> Answer:
        body = request.json_object()
        namespace = self._namespace(request, name)
        items: dict[str, Definition] = getattr(namespace, kind)
        if kind == "tags":
            # Tags come as a list, and take the place of all that were there.
            if not isinstance(body.get("tags"), list):
                raise HttpError(400, "the body must be {'tags': [{'name': …}, …]}")
            namespace.tags = self._named(body["tags"], "tags")
            return 201, {"tags": [{"name": tag} for tag in namespace.tags]}
        values = self._fields(body, kind, "name")
        return 201, self._definition(namespace, kind, self._add(items, kind, values))

    @route("POST", f"{NAMESPACES}/<name>/tags/<tag>", admin=True)
    def create_tag(self, request: ServiceRequest, name: str, tag: str) -> Answer:
        namespace = self._namespace(request, name)
        return 201, self._definition(namespace, "tags", self._add(namespace.tags, "tags", {"name": tag}))

    @route("DELETE", f"{NAMESPACES}/<name>/{KIND}", admin=True)
    def delete_definitions(self, request: ServiceRequest, name: str, kind: str) -> Answer:
        getattr(self._namespace(request, name), kind).clear()
        return None

    @route("GET", f"{NAMESPACES}/<name>/{KIND}/<item>")
    def show_definition(self, request: ServiceRequest, name: str, kind: str, item: str) -> Answer:
        namespace = self._namespace(request, name)
        return self._definition(namespace, kind, self._find(getattr(namespace, kind), item))

    @route("PUT", f"{NAMESPACES}/<name>/{KIND}/<item>", admin=True)
    def update_definition(self, request: ServiceRequest, name: str, kind: str, item: str) -> Answer:
        values = self._fields(request.json_object(), kind, "name")
        namespace = self._namespace(request, name)
        items: dict[str, Definition] = getattr(namespace, kind)
        definition = self._find(items, item)
        if values["name"] != item and values["name"] in items:
            raise HttpError(409, f"{values['name']} exists already.")
        del items[item]
        definition.values = values
        definition.updated_at = self.core.clock.now()
        items[values["name"]] = definition
        return self._definition(namespace, kind, definition)

    @route("DELETE", f"{NAMESPACES}/<name>/{KIND}/<item>", admin=True)
    def delete_definition(self, request: ServiceRequest, name: str, kind: str, item: str) -> Answer:
        self._take(getattr(self._namespace(request, name), kind), item)
        return None

    def _namespace(self, request: ServiceRequest, name: str) -> Namespace:
        namespace = self.metadefs.namespaces.get(name)
        if namespace is None or not namespace.visible_to(request.caller):
            raise HttpError(404, f"Metadata definition namespace={name} was not found.")
        return namespace

    def _update(self, namespace: Namespace, body: dict[str, Any]) -> None:
        for field in ("display_name", "description", "visibility", "protected", "owner"):
            if field in body:
                setattr(namespace, field, body[field])

    def _fields(self, body: Any, kind: str, key: str) -> dict[str, Any]:
        """The fields of a definition, without those that only the server sets."""
        if not isinstance(body, dict):
            raise HttpError(400, f"one of {kind} must be a JSON object, not {body!r}")
        values = {name: value for name, value in body.items() if name not in SERVER_FIELDS}
        for name, value in values.items():
            if name not in FIELDS[kind]:
                raise HttpError(400, f"Additional properties are not allowed ({name!r} was unexpected)")
            if not isinstance(value, FIELDS[kind][name]):
                raise HttpError(400, f"Invalid value {value!r} for {name}")
        if not values.get(key) or len(values[key]) > 80:
            raise HttpError(400, f"{key} must have 1 to 80 characters")
        if values.get("visibility", "public") not in ("public", "private"):
            raise HttpError(400, f"Invalid visibility value: {values['visibility']}")
        if kind == "properties" and values.get("type") not in TYPES:
            raise HttpError(400, f"Invalid type: {values['type']}")
        return values

    def _named(self, bodies: list[Any], kind: str) -> dict[str, Definition]:
        now = self.core.clock.now()
        items: dict[str, Definition] = {}
        for body in bodies:
            values = self._fields(body, kind, "name")
            if values["name"] in items:
                raise HttpError(409, f"{values['name']} is named twice.")
            items[values["name"]] = Definition(values, now, now)
        return items

    def _add(self, items: dict[str, Definition], kind: str, values: dict[str, Any]) -> Definition:
        name = values["name"]
        if name in items:
            raise HttpError(409, f"A metadata definition {SINGULAR[kind]} of name {name} already exists.")
        now = self.core.clock.now()
        items[name] = Definition(self._fields(values, kind, "name"), now, now)
        return items[name]

    def _find(self, items: dict[str, Definition], name: str) -> Definition:
        if name not in items:
            raise HttpError(404, f"Metadata definition {name} was not found.")
        return items[name]

    def _take(self, items: dict[str, Definition], name: str) -> None:
        self._find(items, name)
        del items[name]

    def _shown(self, namespace: Namespace) -> dict[str, Any]:
        """The namespace as the API gives it, without what it defines."""
        path = f"{NAMESPACES}/{namespace.namespace}"
        body: dict[str, Any] = {
            "namespace": namespace.namespace,
            "display_name": namespace.display_name,
            "description": namespace.description,
            "visibility": namespace.visibility,
            "protected": namespace.protected,
            "owner": namespace.owner,
            "created_at": glance_time(namespace.created_at),
            "updated_at": glance_time(namespace.updated_at),
            "self": path,
            "schema": "/v2/schemas/metadefs/namespace",
        }
        if namespace.resource_types:
            body["resource_type_associations"] = [_timed(item) for item in namespace.resource_types.values()]
        return {name: value for name, value in body.items() if value is not None}

    def _definition(self, namespace: Namespace, kind: str, item: Definition) -> dict[str, Any]:
        """An object, property or tag as the API gives it."""
        if kind == "properties":
            return dict(item.values)
        body = _timed(item)
        if kind == "objects":
            body["self"] = f"{NAMESPACES}/{namespace.namespace}/objects/{item.values['name']}"
            body["schema"] = "/v2/schemas/metadefs/object"
        return body


def _timed(item: Definition) -> dict[str, Any]:
    return {**item.values, "created_at": glance_time(item.created_at), "updated_at": glance_time(item.updated_at)}


def _without_name(item: Definition) -> dict[str, Any]:
    return {name: value for name, value in item.values.items() if name != "name"}
