"""Glance's HTTP API (Image API v2)."""

from __future__ import annotations

from pytest_doctor_maint.embedded.glance.routes_definitions import DefinitionRoutes
from pytest_doctor_maint.embedded.glance.routes_image_data import ImageDataRoutes
from pytest_doctor_maint.embedded.glance.routes_image_tags import ImageTagRoutes
from pytest_doctor_maint.embedded.glance.routes_images import ImageRoutes
from pytest_doctor_maint.embedded.glance.routes_info import InfoRoutes
from pytest_doctor_maint.embedded.glance.routes_members import MemberRoutes
from pytest_doctor_maint.embedded.glance.routes_namespaces import NamespaceRoutes
from pytest_doctor_maint.embedded.glance.routes_resource_types import ResourceTypeRoutes
from pytest_doctor_maint.embedded.glance.routes_schemas import SchemaRoutes
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route

#: The versions of the API, the newest first. Glance leaves out those that need several stores.
VERSIONS = (
    "v2.17",
    "v2.16",
    "v2.15",
    "v2.13",
    "v2.12",
    "v2.11",
    "v2.10",
    "v2.9",
    "v2.7",
    "v2.6",
    "v2.5",
    "v2.4",
    "v2.3",
)
OLDEST = ("v2.2", "v2.1", "v2.0")


class GlanceApi(
    ImageRoutes,
    ImageTagRoutes,
    ImageDataRoutes,
    MemberRoutes,
    NamespaceRoutes,
    ResourceTypeRoutes,
    DefinitionRoutes,
    SchemaRoutes,
    InfoRoutes,
):
    """Glance's HTTP API. Errors have Glance's form: ``{"message", "code", "title"}``."""

    @route("GET", "/", public=True)
    @route("GET", "/v2", role="")
    def choose_version(self, request: ServiceRequest) -> Answer:
        return 300, self._versions(request)

    @route("GET", "/versions", public=True)
    def list_versions(self, request: ServiceRequest) -> Answer:
        return self._versions(request)

    def _versions(self, request: ServiceRequest) -> dict[str, object]:
        links = [{"rel": "self", "href": f"{request.url_root.rstrip('/')}/v2/"}]
        return {
            "versions": [
                {"id": version, "status": "CURRENT" if version == VERSIONS[0] else "SUPPORTED", "links": links}
                for version in (*VERSIONS, *OLDEST)
            ]
        }
