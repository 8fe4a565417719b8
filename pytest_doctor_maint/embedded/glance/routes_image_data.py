"""Image API: upload, import and download of the data of images."""

from __future__ import annotations

from werkzeug.wrappers import Response

from pytest_doctor_maint.embedded.glance.errors import Conflict, Forbidden, Invalid
from pytest_doctor_maint.embedded.glance.models import Image
from pytest_doctor_maint.embedded.glance.routes_tasks import TaskRoutes
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError, route


class ImageDataRoutes(TaskRoutes):
    """``/v2/images/ID/file``, ``stage`` and ``import``. An import creates a task."""

    @route("PUT", "/v2/images/<image_id>/file")
    def upload(self, request: ServiceRequest, image_id: str) -> Answer:
        _check_octets(request)
        image = self.own_image(request, image_id)
        _check_formats(image)
        if image.status != "queued":
            raise Conflict(f"Image status transition from {image.status} to saving is not allowed")
        image.store(request.get_data(), self.core.clock.now())
        return None

    @route("PUT", "/v2/images/<image_id>/stage")
    def stage(self, request: ServiceRequest, image_id: str) -> Answer:
        _check_octets(request)
        image = self.own_image(request, image_id)
        if image.status not in ("queued", "uploading"):
            raise Conflict(f"Image status transition from {image.status} to uploading is not allowed")
        image.staged = request.get_data()
        image.status = "uploading"
        image.updated_at = self.core.clock.now()
        return None

    @route("POST", "/v2/images/<image_id>/import")
    def import_image(self, request: ServiceRequest, image_id: str) -> Answer:
        body = request.json_object()
        method = body.get("method")
        if not isinstance(method, dict) or method.get("name") != "glance-direct":
            raise Invalid("The only import method is {'method': {'name': 'glance-direct'}}")
        image = self.own_image(request, image_id)
        _check_formats(image)
        if image.status != "uploading" or image.staged is None:
            raise Conflict(f"Image needs to be staged before 'glance-direct' method can be used; it is {image.status}")
        image.store(image.staged, self.core.clock.now())
        image.staged = None
        self.add_task(request, "api_image_import", "success", {"image_id": image_id, "import_req": body}, image_id)
        return 202, None

    @route("GET", "/v2/images/<image_id>/file", role="member")
    def download(self, request: ServiceRequest, image_id: str) -> Answer:
        image = self.image(request, image_id)
        if image.status == "deactivated" and not request.caller.is_admin:
            raise Forbidden(f"The requested image {image_id} has been deactivated. Image data download is forbidden.")
        if image.data is None:
            return None
        response = Response(
            image.data, content_type="application/octet-stream", headers={"Content-MD5": image.checksum or ""}
        )
        return response.make_conditional(request.environ, accept_ranges=True, complete_length=len(image.data))


def _check_octets(request: ServiceRequest) -> None:
    if request.mimetype != "application/octet-stream":
        raise HttpError(415, f"Unsupported content type {request.mimetype!r}: use application/octet-stream")


def _check_formats(image: Image) -> None:
    missing = [name for name in ("disk_format", "container_format") if getattr(image, name) is None]
    if missing:
        raise Invalid(f"Properties {', '.join(missing)} must be set prior to saving data.")
