"""Nova's proxy to Glance, up to microversion 2.35 (2.38 for metadata)."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.glance.models import Image
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing, Refused
from pytest_doctor_maint.embedded.nova.quotas import check_image_metadata
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import METADATA, ONE_PAIR, object_
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.values import moment
from pytest_doctor_maint.embedded.nova.views import stamp
from pytest_doctor_maint.simtime.http import Answer, route

#: Nova's status and progress in percent, by Glance's status.
STATUSES = {
    "active": ("ACTIVE", 100),
    "queued": ("SAVING", 25),
    "saving": ("SAVING", 50),
    "uploading": ("SAVING", 50),
    "deactivated": ("UNKNOWN", 0),
}
ALL_METADATA = Schemas(object_({"metadata": METADATA}, ["metadata"]))
METADATA_ITEM = Schemas(object_({"meta": ONE_PAIR}, ["meta"]))
#: The query parameters by which a listing is filtered by amounts, and the attributes of an image.
_LEAST = {"minRam": "min_ram", "minDisk": "min_disk"}


class ImageProxyRoutes(NovaService):
    """``/images``."""

    @route("GET", "/v2.1/images", max=(2, 35))
    def list_images(self, request: NovaRequest) -> Answer:
        images, links = self._images_listed(request, "images")
        return {"images": [self._image_brief(request, image) for image in images], **links}

    @route("GET", "/v2.1/images/detail", max=(2, 35))
    def list_images_in_detail(self, request: NovaRequest) -> Answer:
        images, links = self._images_listed(request, "images/detail")
        return {"images": [self._image_view(request, image) for image in images], **links}

    @route("GET", "/v2.1/images/<image_id>", max=(2, 35))
    def show_image(self, request: NovaRequest, image_id: str) -> Answer:
        return {"image": self._image_view(request, self._image(request, image_id))}

    @route("DELETE", "/v2.1/images/", max=(2, 35))
    def delete_no_image(self, request: NovaRequest) -> Answer:
        """Answer 404 to a path without an image id."""
        raise Missing("Image not found.")

    @route("DELETE", "/v2.1/images/<image_id>", max=(2, 35))
    def delete_image(self, request: NovaRequest, image_id: str) -> Answer:
        image = self._own_image(request, image_id)
        if image.protected:
            raise Refused("You are not allowed to delete the image.")
        self.glance.delete(image)
        return None

    @route("GET", "/v2.1/images/<image_id>/metadata", max=(2, 38))
    def list_image_metadata(self, request: NovaRequest, image_id: str) -> Answer:
        return {"metadata": self._image(request, image_id).properties}

    @route("POST", "/v2.1/images/<image_id>/metadata", max=(2, 38))
    def add_image_metadata(self, request: NovaRequest, image_id: str) -> Answer:
        metadata = request.valid_body(ALL_METADATA)["metadata"]
        return {"metadata": self._set_image_metadata(request, image_id, metadata, keep=True)}

    @route("PUT", "/v2.1/images/<image_id>/metadata", max=(2, 38))
    def replace_image_metadata(self, request: NovaRequest, image_id: str) -> Answer:
        metadata = request.valid_body(ALL_METADATA)["metadata"]
        return {"metadata": self._set_image_metadata(request, image_id, metadata, keep=False)}

    @route("GET", "/v2.1/images/<image_id>/metadata/<key>", max=(2, 38))
    def show_image_metadata_item(self, request: NovaRequest, image_id: str, key: str) -> Answer:
        properties = self._image(request, image_id).properties
        if key not in properties:
            raise Missing("Metadata item was not found")
        return {"meta": {key: properties[key]}}

    @route("PUT", "/v2.1/images/<image_id>/metadata/<key>", max=(2, 38))
    def set_image_metadata_item(self, request: NovaRequest, image_id: str, key: str) -> Answer:
        meta = request.valid_body(METADATA_ITEM)["meta"]
        if key not in meta:
            raise Invalid("Request body and URI mismatch")
        self._set_image_metadata(request, image_id, meta, keep=True)
        return {"meta": meta}

    @route("DELETE", "/v2.1/images/<image_id>/metadata/<key>", max=(2, 38))
    def delete_image_metadata_item(self, request: NovaRequest, image_id: str, key: str) -> Answer:
        image = self._own_image(request, image_id)
        if key not in image.properties:
            raise Missing("Invalid metadata key")
        self._set_image_metadata(
            request, image_id, {name: image.properties[name] for name in image.properties if name != key}, keep=False
        )
        return None

    def _set_image_metadata(
        self, request: NovaRequest, image_id: str, metadata: dict[str, str], *, keep: bool
    ) -> dict[str, str]:
        image = self._own_image(request, image_id)
        properties = {**(image.properties if keep else {}), **metadata}
        caller = request.caller
        check_image_metadata(self.nova.quotas, caller.project_id, properties)
        image.properties = properties
        image.updated_at = request.now
        return properties

    def _image(self, request: NovaRequest, image_id: str) -> Image:
        image = self.glance.images.get(image_id)
        if image is None or not image.visible_to(request.caller):
            raise Missing("Image not found.")
        return image

    def _own_image(self, request: NovaRequest, image_id: str) -> Image:
        image = self._image(request, image_id)
        if not image.owned_by(request.caller):
            raise Refused("You are not allowed to change this image.")
        return image

    def _images_listed(self, request: NovaRequest, path: str) -> tuple[list[Image], dict[str, Any]]:
        """Return a page of images, the newest first, and the link to the next page."""
        images = [image for image in self.glance.images.values() if image.listed_for(request.caller, None, "accepted")]
        images.sort(key=lambda image: (image.created_at, image.id), reverse=True)
        for name, value in request.args.items():
            images = [image for image in images if _passes(image, name, value)]
        page, more = self.page(request, images, lambda image: image.id)
        if not more:
            return page, {}
        href = f"{self.base_url(request)}/{path}?limit={len(page)}&marker={page[-1].id}"
        return page, {"images_links": [{"rel": "next", "href": href}]}

    def _image_brief(self, request: NovaRequest, image: Image) -> dict[str, Any]:
        alternate = f"{request.host_url}image/images/{image.id}"
        return {
            "id": image.id,
            "name": image.name,
            "links": [
                *self.links(request, f"images/{image.id}"),
                {"rel": "alternate", "type": "application/vnd.openstack.image", "href": alternate},
            ],
        }

    def _image_view(self, request: NovaRequest, image: Image) -> dict[str, Any]:
        status, progress = _status(image)
        shown = {
            **self._image_brief(request, image),
            "status": status,
            "progress": progress,
            "created": stamp(image.created_at),
            "updated": stamp(image.updated_at),
            "minDisk": image.min_disk,
            "minRam": image.min_ram,
            "metadata": image.properties,
            "OS-EXT-IMG-SIZE:size": image.size or 0,
        }
        if server_id := image.properties.get("instance_uuid"):
            shown["server"] = {
                "id": server_id,
                "links": self.links(request, f"servers/{server_id}"),
            }
        return shown


def _status(image: Image) -> tuple[str, int]:
    return STATUSES.get(image.status, ("UNKNOWN", 0))


def _passes(image: Image, name: str, value: str) -> bool:
    """Return True if an image passes the filter of a query parameter; other parameters are ignored.

    Raises:
        Invalid: The value is malformed.
    """
    if name in _LEAST:
        if not value.isdecimal():
            raise Invalid(f"Invalid {name} filter [{value}]")
        return int(getattr(image, _LEAST[name])) >= int(value)
    if name == "changes-since":
        try:
            return image.updated_at >= moment(value)
        except ValueError as error:
            raise Invalid(f"Invalid changes-since: {value}") from error
    wanted = {
        "name": (image.name, value),
        "status": (_status(image)[0], value.upper()),
        "server": (image.properties.get("instance_uuid"), value.rpartition("/")[2]),
        "type": (image.properties.get("image_type", "base"), value),
    }
    found, expected = wanted.get(name, (None, None))
    return found == expected
