"""Image API: images without their data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from pytest_doctor_maint.embedded.glance.errors import Conflict, Forbidden, Invalid, NotFound
from pytest_doctor_maint.embedded.glance.fields import WRITABLE, check_changeable, read_image, read_value, show_image
from pytest_doctor_maint.embedded.glance.listing import listed
from pytest_doctor_maint.embedded.glance.models import Image
from pytest_doctor_maint.embedded.glance.patch import Operation, read_patch
from pytest_doctor_maint.embedded.glance.service import GlanceService
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route

DEFAULT_LIMIT = 25
MAX_LIMIT = 1000


class ImageRoutes(GlanceService):
    """``/v2/images``."""

    @route("GET", "/v2/images")
    def list_images(self, request: ServiceRequest) -> Answer:
        if request.path.endswith("/"):
            raise NotFound("No image found with ID ''")
        found = listed(list(self.glance.images.values()), request.caller, request.args)
        args = request.args.copy()
        limit = args.get("limit", str(DEFAULT_LIMIT))
        if not limit.isdecimal():
            raise Invalid(f"limit param must be an integer from 0, not {limit!r}")
        marker = args.pop("marker", None)
        if marker is not None:
            ids = [image.id for image in found]
            if marker not in ids:
                raise Invalid(f"Marker {marker} is not in the listing")
            found = found[ids.index(marker) + 1 :]
        page = found[: min(int(limit), MAX_LIMIT)]
        query = list(args.items(multi=True))
        body: dict[str, Any] = {
            "images": [show_image(image) for image in page],
            "first": "/v2/images" + ("?" + urlencode(query) if query else ""),
            "schema": "/v2/schemas/images",
        }
        if page and len(page) < len(found):
            body["next"] = "/v2/images?" + urlencode([*query, ("marker", page[-1].id)])
        return body

    @route("POST", "/v2/images")
    def create_image(self, request: ServiceRequest) -> Answer:
        body = request.json_object()
        # What only admins may say is refused before the values of the other fields are looked at.
        if (
            body.get("owner") or request.caller.project_id
        ) != request.caller.project_id and not request.caller.is_admin:
            raise Forbidden(f"You are not permitted to create images owned by '{body['owner']}'.")
        if body.get("visibility") == "public":
            _check_publicize(request)
        new = read_image(body)
        owner = new.owner or request.caller.project_id
        image = self.glance.create(owner, image_id=new.image_id, properties=new.properties, **new.fields)
        return 201, show_image(image), {"Location": f"{request.host_url}image/v2/images/{image.id}"}

    @route("GET", "/v2/images/<image_id>")
    def show_image(self, request: ServiceRequest, image_id: str) -> Answer:
        return show_image(self.image(request, image_id))

    @route("PATCH", "/v2/images/<image_id>")
    def update_image(self, request: ServiceRequest, image_id: str) -> Answer:
        operations = read_patch(request.mimetype, request.get_data())
        image = self.own_image(request, image_id)
        _check_rights(request, image, operations)
        # The image is changed after all operations have succeeded.
        fields: dict[str, Any] = {name: getattr(image, name) for name in WRITABLE}
        properties = dict(image.properties)
        for operation in operations:
            if operation.op == "remove":
                _remove(operation.name, properties)
            elif operation.name in WRITABLE:
                _set_field(image, operation, fields)
            else:
                _set_property(operation, properties)
        for name, value in fields.items():
            setattr(image, name, value)
        image.properties = properties
        image.updated_at = self.core.clock.now()
        return show_image(image)

    @route("DELETE", "/v2/images/")
    def delete_nothing(self, request: ServiceRequest) -> Answer:
        raise NotFound("Failed to find image  to delete")

    @route("DELETE", "/v2/images/<image_id>")
    def delete_image(self, request: ServiceRequest, image_id: str) -> Answer:
        image = self.own_image(request, image_id)
        if image.protected:
            raise Forbidden(f"Image {image_id} is protected and cannot be deleted.")
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
            raise Forbidden(f"Not allowed to move the image from {image.status} to {after}")
        image.status = after
        image.updated_at = self.core.clock.now()


def _remove(name: str, properties: dict[str, str]) -> None:
    if name in WRITABLE:
        raise Forbidden(f"Property {name} may not be removed.")
    if name not in properties:
        check_changeable(name)
        raise Conflict(f"Property {name} does not exist.")
    del properties[name]


def _check_rights(request: ServiceRequest, image: Image, operations: Sequence[Operation]) -> None:
    """Check that the caller may say what only admins may say, before the values are looked at."""
    for operation in operations:
        if operation.op == "remove":
            continue
        name, value = operation.name, operation.value
        if name == "owner" and value != image.owner and not request.caller.is_admin:
            raise Forbidden("You are not permitted to change the owner of this image.")
        if name == "visibility" and value == "public" and image.visibility != "public":
            _check_publicize(request)


def _set_field(image: Image, operation: Operation, fields: dict[str, Any]) -> None:
    name, value = operation.name, read_value(operation.name, operation.value)
    if name in ("container_format", "disk_format") and image.status != "queued" and value != fields[name]:
        raise Forbidden(f"Attribute {name} can be only replaced for a queued image.")
    fields[name] = value


def _set_property(operation: Operation, properties: dict[str, str]) -> None:
    value = read_value(operation.name, operation.value)
    if operation.op == "replace" and operation.name not in properties:
        raise Conflict(f"Property {operation.name} does not exist.")
    properties[operation.name] = value


def _check_publicize(request: ServiceRequest) -> None:
    if not request.caller.is_admin:
        raise Forbidden("You are not authorized to complete publicize_image action.")
