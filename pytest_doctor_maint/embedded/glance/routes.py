"""Glance's HTTP API (Image API v2)."""

from __future__ import annotations

from pytest_doctor_maint.embedded.glance.models import STORE
from pytest_doctor_maint.embedded.glance.routes_images import ImageRoutes
from pytest_doctor_maint.embedded.glance.routes_members import MemberRoutes
from pytest_doctor_maint.embedded.glance.routes_metadefs import MetadefRoutes
from pytest_doctor_maint.embedded.glance.schemas import SCHEMAS
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

#: The newest version of the API, which is 2.17 without several stores' caches, and those before it.
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


class GlanceApi(ImageRoutes, MemberRoutes, MetadefRoutes):
    """Glance's HTTP API."""

    @route("GET", "/", public=True)
    @route("GET", "/v2")
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

    @route("GET", "/v2/schemas/<path:name>")
    def show_schema(self, request: ServiceRequest, name: str) -> Answer:
        if name not in SCHEMAS:
            raise HttpError(404, f"There is no schema {name}")
        return dict(SCHEMAS[name])

    @route("GET", "/v2/info/import")
    def show_import_methods(self, request: ServiceRequest) -> Answer:
        return {
            "import-methods": {
                "description": "Import methods available.",
                "type": "array",
                "value": ["glance-direct"],
            }
        }

    @route("GET", "/v2/info/stores")
    def show_stores(self, request: ServiceRequest) -> Answer:
        return {"stores": [{"id": STORE, "default": "true"}]}

    @route("GET", "/v2/info/usage")
    def show_usage(self, request: ServiceRequest) -> Answer:
        own = [image for image in self.glance.images.values() if image.owner == request.caller.project_id]
        sizes = sum(image.size or 0 for image in own)
        staged = [len(image.staged) for image in own if image.staged is not None]
        return {
            "usage": {
                "image_size_total": {"limit": -1, "usage": sizes // 2**20},
                "image_stage_total": {"limit": -1, "usage": sum(staged) // 2**20},
                "image_count_total": {"limit": -1, "usage": len(own)},
                "image_count_uploading": {"limit": -1, "usage": len(staged)},
            }
        }
