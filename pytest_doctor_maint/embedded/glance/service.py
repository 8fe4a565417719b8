"""What Glance's routes share: its errors, its times, and finding the image that a request names."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.glance.models import Glance, Image
from pytest_doctor_maint.embedded.service import Authenticator, Service, ServiceRequest
from pytest_doctor_maint.simtime.http import HttpError


class GlanceService(Service):
    """The base of Glance's routes."""

    def __init__(self, core: Core, keystone: Authenticator, glance: Glance) -> None:
        super().__init__(core, keystone)
        self.glance = glance

    def error_body(self, error: HttpError) -> Any:
        title = HTTPStatus(error.status).phrase
        return {"message": error.message, "code": f"{error.status} {title}", "title": title}

    def image(self, request: ServiceRequest, image_id: str) -> Image:
        """The image of that id.

        Raises:
            HttpError: 404, there is none that the caller may see.
        """
        image = self.glance.images.get(image_id)
        if image is None or not image.visible_to(request.caller):
            raise HttpError(404, f"No image found with ID {image_id}")
        return image

    def own_image(self, request: ServiceRequest, image_id: str) -> Image:
        """The image of that id, to be changed.

        Raises:
            HttpError: 404, the caller cannot see it; 403, it is not his.
        """
        image = self.image(request, image_id)
        if not image.owned_by(request.caller):
            raise HttpError(403, "You are not permitted to modify this image")
        return image


def glance_time(moment: datetime) -> str:
    """``moment`` (UTC) as Glance writes it, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
