"""The base of Glance's routes."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.glance.errors import Forbidden, GlanceError, NotFound
from pytest_doctor_maint.embedded.glance.models import Glance, Image
from pytest_doctor_maint.embedded.service import Authenticator, Service, ServiceRequest
from pytest_doctor_maint.simtime.http import ErrorAnswer, HttpError, with_its_status


class GlanceService(Service):
    """The base of Glance's routes.

    Attributes:
        glance: Glance's state.
    """

    kind = "image"
    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {GlanceError: with_its_status}

    def __init__(self, core: Core, keystone: Authenticator, glance: Glance) -> None:
        super().__init__(core, keystone)
        self.glance = glance

    def error_body(self, error: HttpError) -> Any:
        title = HTTPStatus(error.status).phrase
        return {"message": error.message, "code": f"{error.status} {title}", "title": title}

    def image(self, request: ServiceRequest, image_id: str) -> Image:
        """Return the image with this id.

        Raises:
            NotFound: No image has this id, or the caller may not see it.
        """
        image = self.glance.images.get(image_id)
        if image is None or not image.visible_to(request.caller):
            raise NotFound(f"No image found with ID {image_id}")
        return image

    def own_image(self, request: ServiceRequest, image_id: str) -> Image:
        """Return the image with this id, which the caller wants to change.

        Raises:
            NotFound: No image has this id, or the caller may not see it.
            Forbidden: The image does not belong to the caller.
        """
        image = self.image(request, image_id)
        if not image.owned_by(request.caller):
            raise Forbidden("You are not permitted to modify this image")
        return image
