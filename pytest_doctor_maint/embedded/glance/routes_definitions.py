"""Image API: the objects, properties and tags of namespaces."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.glance.metadef_schemas import OBJECT, PROPERTY, TAG, TAG_LIST
from pytest_doctor_maint.embedded.glance.metadef_service import (
    NAMESPACES,
    MetadefService,
    own_fields,
    show_object,
    show_with_times,
)
from pytest_doctor_maint.embedded.glance.metadefs import Definition, Definitions, Namespace
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route

#: Objects, properties and tags have the same calls.
KIND = "<any(objects, properties, tags):kind>"
#: What a header says for "yes".
_TRUE = ("1", "t", "true", "on", "y", "yes")
SCHEMAS = {"objects": OBJECT, "properties": PROPERTY, "tags": TAG}


class DefinitionRoutes(MetadefService):
    """``objects``, ``properties`` and ``tags`` of namespaces."""

    @route("GET", f"{NAMESPACES}/<name>/{KIND}")
    def list_definitions(self, request: ServiceRequest, name: str, kind: str) -> Answer:
        namespace = self.namespace(request, name)
        items = _definitions(namespace, kind)
        if kind == "properties":
            return {"properties": {item.name: item.values for item in items}}
        page, more = self.page(request, list(items), lambda item: item.name)
        path = f"{NAMESPACES}/{name}/{kind}"
        body: dict[str, Any] = {
            kind: [_show(namespace, kind, item) for item in page],
            "first": path,
            "schema": f"/v2/schemas/metadefs/{kind}",
        }
        if more:
            body["next"] = f"{path}?limit={len(page)}&marker={page[-1].name}"
        return body

    @route("POST", f"{NAMESPACES}/<name>/<any(objects, properties):kind>", admin=True)
    def create_definition(self, request: ServiceRequest, name: str, kind: str) -> Answer:
        body = request.json_object()
        SCHEMAS[kind].check_body(body)
        namespace = self.namespace(request, name)
        definition = _definitions(namespace, kind).add(body, self.core.clock.now())
        return 201, _show(namespace, kind, definition)

    @route("POST", f"{NAMESPACES}/<name>/tags", admin=True)
    def set_tags(self, request: ServiceRequest, name: str) -> Answer:
        """Replace the tags of a namespace, or add to them if the header ``X-Openstack-Append`` says so."""
        body = request.json_object()
        TAG_LIST.check_body(body)
        namespace = self.namespace(request, name)
        tags, now = Definitions(namespace.tags.title), self.core.clock.now()
        if request.headers.get("X-Openstack-Append", "").strip().lower() in _TRUE or not body["tags"]:
            # As in Glance, a list without tags removes none.
            for tag in namespace.tags:
                tags.keep(tag)
        added = [tags.add(own_fields(TAG, values), now) for values in body["tags"]]
        namespace.tags = tags
        return 201, {"tags": [{"name": tag.name} for tag in added]}

    @route("POST", f"{NAMESPACES}/<name>/tags/<tag>", admin=True)
    def create_tag(self, request: ServiceRequest, name: str, tag: str) -> Answer:
        values = {"name": tag}
        TAG.check(values)
        namespace = self.namespace(request, name)
        return 201, show_with_times(namespace.tags.add(values, self.core.clock.now()))

    @route("DELETE", f"{NAMESPACES}/<name>/{KIND}", admin=True)
    def delete_definitions(self, request: ServiceRequest, name: str, kind: str) -> Answer:
        _definitions(self.namespace(request, name), kind).clear()
        return None

    @route("GET", f"{NAMESPACES}/<name>/{KIND}/<item>")
    def show_definition(self, request: ServiceRequest, name: str, kind: str, item: str) -> Answer:
        namespace = self.namespace(request, name)
        return _show(namespace, kind, _definitions(namespace, kind).find(item))

    @route("PUT", f"{NAMESPACES}/<name>/{KIND}/<item>", admin=True)
    def update_definition(self, request: ServiceRequest, name: str, kind: str, item: str) -> Answer:
        body = request.json_object()
        SCHEMAS[kind].check_body(body)
        namespace = self.namespace(request, name)
        definition = _definitions(namespace, kind).replace(item, body, self.core.clock.now())
        return _show(namespace, kind, definition)

    @route("DELETE", f"{NAMESPACES}/<name>/{KIND}/<item>", admin=True)
    def delete_definition(self, request: ServiceRequest, name: str, kind: str, item: str) -> Answer:
        _definitions(self.namespace(request, name), kind).remove(item)
        return None


def _definitions(namespace: Namespace, kind: str) -> Definitions:
    """Return the definitions of a kind in a namespace."""
    return {"objects": namespace.objects, "properties": namespace.properties, "tags": namespace.tags}[kind]


def _show(namespace: Namespace, kind: str, definition: Definition) -> dict[str, Any]:
    """Return an object, property or tag as the API shows it."""
    if kind == "properties":
        return dict(definition.values)
    return show_object(namespace, definition) if kind == "objects" else show_with_times(definition)
