"""Image API: information about import methods, stores and usage."""

from __future__ import annotations

from pytest_doctor_maint.embedded.glance.models import STORE
from pytest_doctor_maint.embedded.glance.service import GlanceService
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class InfoRoutes(GlanceService):
    """``/v2/info``."""

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
