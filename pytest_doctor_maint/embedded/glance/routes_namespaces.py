"""Image API: namespaces of metadata definitions."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.glance.errors import Forbidden, Invalid
from pytest_doctor_maint.embedded.glance.metadef_schemas import ASSOCIATION, NAMESPACE, OBJECT, PROPERTY, TAG
from pytest_doctor_maint.embedded.glance.metadef_service import (
    NAMESPACES,
    MetadefService,
    own_fields,
    show_object,
    show_with_times,
)
from pytest_doctor_maint.embedded.glance.metadefs import Namespace
from pytest_doctor_maint.embedded.glance.times import show_time
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class NamespaceRoutes(MetadefService):
    """``/v2/metadefs/namespaces``."""

    @route("GET", NAMESPACES)
    def list_namespaces(self, request: ServiceRequest) -> Answer:
        visibility = request.args.get("visibility")
        if visibility not in (None, "public", "private"):
            raise Invalid(f"Invalid visibility value: {visibility}")
        wanted = {kind for value in request.args.getlist("resource_types") for kind in value.split(",")}
        found = [
            namespace
            for namespace in self.metadefs.namespaces.values()
            if namespace.visible_to(request.caller)
            and visibility in (None, namespace.visibility)
            and (not wanted or any(kind in namespace.resource_types for kind in wanted))
        ]
        found.sort(key=lambda namespace: namespace.created_at, reverse=True)
        page, more = self.page(request, found, lambda namespace: namespace.namespace)
        body: dict[str, Any] = {
            "namespaces": [_show(namespace) for namespace in page],
            "first": NAMESPACES,
            "schema": "/v2/schemas/metadefs/namespaces",
        }
        if more:
            body["next"] = f"{NAMESPACES}?limit={len(page)}&marker={page[-1].namespace}"
        return body

    @route("POST", NAMESPACES, admin=True)
    def create_namespace(self, request: ServiceRequest) -> Answer:
        body = request.json_object()
        NAMESPACE.check_body(body)
        self.metadefs.check_free(body["namespace"])
        now = self.core.clock.now()
        namespace = Namespace(body["namespace"], request.caller.project_id, now, now)
        _update(namespace, body)
        for values in body.get("resource_type_associations", ()):
            namespace.resource_types.add(own_fields(ASSOCIATION, values), now)
        for values in body.get("objects", ()):
            namespace.objects.add(own_fields(OBJECT, values), now)
        for name, values in body.get("properties", {}).items():
            namespace.properties.add({**own_fields(PROPERTY, values), "name": name}, now)
        for values in body.get("tags", ()):
            namespace.tags.add(own_fields(TAG, values), now)
        self.metadefs.add(namespace)
        location = f"{request.host_url}image{NAMESPACES}/{namespace.namespace}"
        return 201, _show(namespace), {"Location": location}

    @route("GET", f"{NAMESPACES}/<name>")
    def show_namespace(self, request: ServiceRequest, name: str) -> Answer:
        namespace = self.namespace(request, name)
        body = _show(namespace)
        if namespace.objects:
            body["objects"] = [show_object(namespace, item) for item in namespace.objects]
        if namespace.tags:
            body["tags"] = [show_with_times(item) for item in namespace.tags]
        if namespace.properties:
            body["properties"] = {
                item.name: {key: value for key, value in item.values.items() if key != "name"}
                for item in namespace.properties
            }
        return body

    @route("PUT", f"{NAMESPACES}/<name>", admin=True)
    def update_namespace(self, request: ServiceRequest, name: str) -> Answer:
        body = request.json_object()
        NAMESPACE.check_body(body)
        namespace = self.namespace(request, name)
        self.metadefs.rename(namespace, body["namespace"])
        _update(namespace, body)
        namespace.updated_at = self.core.clock.now()
        return _show(namespace)

    @route("DELETE", f"{NAMESPACES}/<name>", admin=True)
    def delete_namespace(self, request: ServiceRequest, name: str) -> Answer:
        if self.namespace(request, name).protected:
            raise Forbidden(f"Metadata definition namespace {name} is protected and cannot be deleted.")
        del self.metadefs.namespaces[name]
        return None


def _update(namespace: Namespace, body: dict[str, Any]) -> None:
    for field in ("display_name", "description", "visibility", "protected", "owner"):
        if field in body:
            setattr(namespace, field, body[field])


def _show(namespace: Namespace) -> dict[str, Any]:
    """Return the namespace as the API shows it, without its objects, properties and tags."""
    body: dict[str, Any] = {
        "namespace": namespace.namespace,
        "display_name": namespace.display_name,
        "description": namespace.description,
        "visibility": namespace.visibility,
        "protected": namespace.protected,
        "owner": namespace.owner,
        "created_at": show_time(namespace.created_at),
        "updated_at": show_time(namespace.updated_at),
        "self": f"{NAMESPACES}/{namespace.namespace}",
        "schema": "/v2/schemas/metadefs/namespace",
    }
    if namespace.resource_types:
        body["resource_type_associations"] = [show_with_times(item) for item in namespace.resource_types]
    return {name: value for name, value in body.items() if value is not None}
