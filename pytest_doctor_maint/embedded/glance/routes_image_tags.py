"""Image API: tags of images."""

from __future__ import annotations

from pytest_doctor_maint.embedded.glance.errors import NotFound
from pytest_doctor_maint.embedded.glance.image_schema import IMAGE
from pytest_doctor_maint.embedded.glance.service import GlanceService
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class ImageTagRoutes(GlanceService):
    """``/v2/images/ID/tags``."""

    @route("PUT", "/v2/images/<image_id>/tags/<tag>")
    def add_tag(self, request: ServiceRequest, image_id: str, tag: str) -> Answer:
        image = self.own_image(request, image_id)
        IMAGE.check({"tags": [tag]})
        if tag not in image.tags:
            image.tags.append(tag)
            image.updated_at = self.core.clock.now()
        return None

    @route("DELETE", "/v2/images/<image_id>/tags/<tag>")
    def delete_tag(self, request: ServiceRequest, image_id: str, tag: str) -> Answer:
        image = self.own_image(request, image_id)
        if tag not in image.tags:
            raise NotFound(f"Image {image_id} has no tag {tag}")
        image.tags.remove(tag)
        image.updated_at = self.core.clock.now()
        return None
