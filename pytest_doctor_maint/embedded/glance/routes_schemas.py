"""Image API: the published schemas. Requests are validated with the same objects."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_doctor_maint.embedded.glance.errors import NotFound
from pytest_doctor_maint.embedded.glance.image_schema import IMAGE
from pytest_doctor_maint.embedded.glance.metadef_schemas import ASSOCIATION, NAMESPACE, OBJECT, PROPERTY, TAG
from pytest_doctor_maint.embedded.glance.routes_members import MEMBER
from pytest_doctor_maint.embedded.glance.routes_tasks import BRIEF_TASK, TASK
from pytest_doctor_maint.embedded.glance.service import GlanceService
from pytest_doctor_maint.embedded.glance.validation import Json
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route

#: The schemas by their path below /v2/schemas.
PUBLISHED: Mapping[str, Json] = {
    "image": IMAGE.document,
    "images": IMAGE.listing("images"),
    "member": MEMBER.document,
    "members": MEMBER.listing("members"),
    "task": TASK.document,
    "tasks": BRIEF_TASK.listing("tasks"),
    "metadefs/namespace": NAMESPACE.document,
    "metadefs/namespaces": NAMESPACE.listing("namespaces"),
    "metadefs/resource_type": ASSOCIATION.document,
    "metadefs/resource_types": ASSOCIATION.listing("resource_type_associations"),
    "metadefs/object": OBJECT.document,
    "metadefs/objects": OBJECT.listing("objects"),
    "metadefs/property": PROPERTY.document,
    "metadefs/properties": PROPERTY.mapping("properties", key="name"),
    "metadefs/tag": TAG.document,
    "metadefs/tags": TAG.listing("tags"),
}


class SchemaRoutes(GlanceService):
    """``/v2/schemas``."""

    @route("GET", "/v2/schemas/<path:name>")
    def show_schema(self, request: ServiceRequest, name: str) -> Answer:
        if name not in PUBLISHED:
            raise NotFound(f"There is no schema {name}")
        return PUBLISHED[name]
