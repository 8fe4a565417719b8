"""Glance's images: their records, tags and data."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from pytest_doctor_maint.embedded.glance.fields import UUID, WRITABLE, checked, shown
from pytest_doctor_maint.embedded.glance.listing import listed
from pytest_doctor_maint.embedded.glance.models import Image
from pytest_doctor_maint.embedded.glance.patch import Change, changes
from pytest_doctor_maint.embedded.glance.routes_tasks import TaskRoutes
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

DEFAULT_LIMIT = 25
MAX_LIMIT = 1000


class ImageRoutes(TaskRoutes):
    """``/v2/images``."""

    @route("GET", "/v2/images")
    def list_images(self, request: ServiceRequest) -> Answer:
        if request.path.endswith("/"):
            raise HttpError(404, "No image found with ID ''")
        found = listed(list(self.glance.images.values()), request.caller, request.args)
        args = request.args.copy()
        limit = args.get("limit", str(DEFAULT_LIMIT))
        if not limit.isdecimal():
            raise HttpError(400, f"limit param must be an integer from 0, not {limit!r}")
        marker = args.pop("marker", None)
        if marker is not None:
            ids = [image.id for image in found]
            if marker not in ids:
                raise HttpError(400, f"Marker {marker} is not in the listing")
            found = found[ids.index(marker) + 1 :]
        page = found[: min(int(limit), MAX_LIMIT)]
        query = list(args.items(multi=True))
        body: dict[str, Any] = {
            "images": [shown(image) for image in page],
            "first": "/v2/images" + ("?" + urlencode(query) if query else ""),
            "schema": "/v2/schemas/images",
        }
        if page and len(page) < len(found):
            body["next"] = "/v2/images?" + urlencode([*query, ("marker", page[-1].id)])
        return body

    @route("POST", "/v2/images")
    def create_image(self, request: ServiceRequest) -> Answer:
        body = request.json_object()
        image_id = body.pop("id", None)
        if image_id is not None and not (isinstance(image_id, str) and UUID.fullmatch(image_id)):
            raise HttpError(400, f"Invalid image id {image_id!r}: it must be a UUID")
        values = {name: checked(name, value) for name, value in body.items()}
        owner = values.pop("owner", None) or request.caller.project_id
        if owner != request.caller.project_id and not request.caller.is_admin:
            raise HttpError(403, f"You are not permitted to create images owned by '{owner}'.")
        self._may_publish(request, values)
        fields = {name: values.pop(name) for name in list(values) if name in WRITABLE}
        try:
            image = self.glance.create(owner, image_id=image_id, properties=values, **fields)
        except ValueError as error:
            raise HttpError(409, str(error)) from error
        return 201, shown(image), {"Location": f"{request.host_url}image/v2/images/{image.id}"}

    @route("GET", "/v2/images/<image_id>")
    def show_image(self, request: ServiceRequest, image_id: str) -> Answer:
        return shown(self.image(request, image_id))

    @route("PATCH", "/v2/images/<image_id>")
    def update_image(self, request: ServiceRequest, image_id: str) -> Answer:
        patch = changes(request.mimetype, request.get_data())
        image = self.own_image(request, image_id)
        values: dict[str, Any] = {name: getattr(image, name) for name in WRITABLE}
        properties = dict(image.properties)
        for change in patch:
            self._apply(request, image, change, values, properties)
        for name, value in values.items():
            setattr(image, name, value)
        image.properties = properties
        image.updated_at = self.core.clock.now()
        return shown(image)

    def _apply(
        self,
        request: ServiceRequest,
        image: Image,
        change: Change,
        values: dict[str, Any],
        properties: dict[str, str],
    ) -> None:
        """Apply one operation to the values to be; the image itself changes when all of a patch hold."""
        name = change.name
        if name == "id":
            raise HttpError(403, "Attribute 'id' is read-only.")
        known = name in WRITABLE
        if change.op == "remove":
            if known:
                raise HttpError(403, f"Property {name} may not be removed.")
            if name not in properties:
                checked(name, "")
                raise HttpError(409, f"Property {name} does not exist.")
            del properties[name]
            return
        value = checked(name, change.value)
        if not known:
            if change.op == "replace" and name not in properties:
                raise HttpError(409, f"Property {name} does not exist.")
            properties[name] = value
            return
        if name in ("container_format", "disk_format") and image.status != "queued" and value != values[name]:
            raise HttpError(403, f"Attribute {name} can be only replaced for a queued image.")
        if name == "owner" and value != image.owner and not request.caller.is_admin:
            raise HttpError(403, "You are not permitted to change the owner of this image.")
        if name == "visibility" and value != image.visibility:
            self._may_publish(request, {name: value})
        values[name] = value

    def _may_publish(self, request: ServiceRequest, values: dict[str, Any]) -> None:
        if values.get("visibility") == "public" and not request.caller.is_admin:
            raise HttpError(403, "You are not authorized to complete publicize_image action.")

    @route("DELETE", "/v2/images/")
    def delete_nothing(self, request: ServiceRequest) -> Answer:
        raise HttpError(404, "Failed to find image  to delete")

    @route("DELETE", "/v2/images/<image_id>")
    def delete_image(self, request: ServiceRequest, image_id: str) -> Answer:
        image = self.own_image(request, image_id)
        if image.protected:
            raise HttpError(403, f"Image {image_id} is protected and cannot be deleted.")
        self.glance.delete(image)
        return None

    @route("POST", "/v2/images/<image_id>/actions/deactivate")
    def deactivate(self, request: ServiceRequest, image_id: str) -> Answer:
        self._move(request, image_id, "active", "deactivated")
        return None

    @route("POST", "/v2/images/<image_id>/actions/reactivate")
    def reactivate(self, request: ServiceRequest, image_id: str) -> Answer:
        self._move(request, image_id, "deactivated", "active")
        return None

    def _move(self, request: ServiceRequest, image_id: str, before: str, after: str) -> None:
        image = self.own_image(request, image_id)
        if image.status not in (before, after):
            raise HttpError(403, f"Not allowed to move the image from {image.status} to {after}")
        image.status = after
        image.updated_at = self.core.clock.now()

    @route("PUT", "/v2/images/<image_id>/tags/<tag>")
    def add_tag(self, request: ServiceRequest, image_id: str, tag: str) -> Answer:
        image = self.own_image(request, image_id)
        checked("tags", [tag])
        if tag not in image.tags:
            image.tags.append(tag)
            image.updated_at = self.core.clock.now()
        return None

    @route("DELETE", "/v2/images/<image_id>/tags/<tag>")
    def delete_tag(self, request: ServiceRequest, image_id: str, tag: str) -> Answer:
        image = self.own_image(request, image_id)
        if tag not in image.tags:
            raise HttpError(404, f"Image {image_id} has no tag {tag}")
        image.tags.remove(tag)
        image.updated_at = self.core.clock.now()
        return None

    @route("PUT", "/v2/images/<image_id>/file")
    def upload(self, request: ServiceRequest, image_id: str) -> Answer:
        if request.mimetype != "application/octet-stream":
            raise HttpError(415, f"Unsupported content type {request.mimetype!r}: use application/octet-stream")
        image = self.own_image(request, image_id)
        self._needs_formats(image)
        if image.status != "queued":
            raise HttpError(409, f"Image status transition from {image.status} to saving is not allowed")
        image.store(request.get_data(), self.core.clock.now())
        return None

    @route("PUT", "/v2/images/<image_id>/stage")
    def stage(self, request: ServiceRequest, image_id: str) -> Answer:
        if request.mimetype != "application/octet-stream":
            raise HttpError(415, f"Unsupported content type {request.mimetype!r}: use application/octet-stream")
        image = self.own_image(request, image_id)
        if image.status not in ("queued", "uploading"):
            raise HttpError(409, f"Image status transition from {image.status} to uploading is not allowed")
        image.staged = request.get_data()
        image.status = "uploading"
        image.updated_at = self.core.clock.now()
        return None

    @route("POST", "/v2/images/<image_id>/import")
    def import_image(self, request: ServiceRequest, image_id: str) -> Answer:
        body = request.json_object()
        method = body.get("method")
        if not isinstance(method, dict) or method.get("name") != "glance-direct":
            raise HttpError(400, "The one import method is {'method': {'name': 'glance-direct'}}")
        image = self.own_image(request, image_id)
        self._needs_formats(image)
        if image.status != "uploading" or image.staged is None:
            raise HttpError(
                409, f"Image needs to be staged before 'glance-direct' method can be used; it is {image.status}"
            )
        image.store(image.staged, self.core.clock.now())
        image.staged = None
        self.task(request, "api_image_import", "success", {"image_id": image_id, "import_req": body}, image_id)
        return 202, None

    def _needs_formats(self, image: Image) -> None:
        missing = [name for name in ("disk_format", "container_format") if getattr(image, name) is None]
        if missing:
            raise HttpError(400, f"Properties {', '.join(missing)} must be set prior to saving data.")

    @route("GET", "/v2/images/<image_id>/file")
    def download(self, request: ServiceRequest, image_id: str) -> Answer:
        image = self.image(request, image_id)
        if image.status == "deactivated" and not request.caller.is_admin:
            raise HttpError(
                403, f"The requested image {image_id} has been deactivated. Image data download is forbidden."
            )
        if image.data is None:
            return None
        response = Response(
            image.data, content_type="application/octet-stream", headers={"Content-MD5": image.checksum or ""}
        )
        return response.make_conditional(request.environ, accept_ranges=True, complete_length=len(image.data))
