"""Image API: the resource types that metadata definitions are for."""

from __future__ import annotations

from pytest_doctor_maint.embedded.glance.errors import Conflict
from pytest_doctor_maint.embedded.glance.metadef_schemas import ASSOCIATION
from pytest_doctor_maint.embedded.glance.metadef_service import NAMESPACES, ROOT, MetadefService, show_with_times
from pytest_doctor_maint.embedded.glance.times import show_time
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class ResourceTypeRoutes(MetadefService):
    """``/v2/metadefs/resource_types``, and ``resource_types`` of namespaces."""

    @route("GET", f"{ROOT}/resource_types")
    def list_resource_types(self, request: ServiceRequest) -> Answer:
        return {
            "resource_types": [
                {"name": name, "created_at": show_time(first), "updated_at": show_time(first)}
                for name, first in self.metadefs.resource_types.items()
            ]
        }

    @route("GET", f"{NAMESPACES}/<name>/resource_types")
    def list_associations(self, request: ServiceRequest, name: str) -> Answer:
        namespace = self.namespace(request, name)
        return {"resource_type_associations": [show_with_times(item) for item in namespace.resource_types]}

    @route("POST", f"{NAMESPACES}/<name>/resource_types", admin=True)
    def associate(self, request: ServiceRequest, name: str) -> Answer:
        body = request.json_object()
        ASSOCIATION.check_body(body)
        namespace = self.namespace(request, name)
        if body["name"] in namespace.resource_types:
            raise Conflict(f"The resource type {body['name']} is already associated with namespace {name}.")
        association = namespace.resource_types.add(body, self.core.clock.now())
        self.metadefs.resource_types.setdefault(association.name, association.created_at)
        return 201, show_with_times(association)

    @route("DELETE", f"{NAMESPACES}/<name>/resource_types/<resource_type>", admin=True)
    def dissociate(self, request: ServiceRequest, name: str, resource_type: str) -> Answer:
        self.namespace(request, name).resource_types.remove(resource_type)
        return None
