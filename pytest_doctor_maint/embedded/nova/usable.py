"""Flavors and images that a caller may use for a server."""

from __future__ import annotations

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.glance.models import Image
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.models import Nova


def usable_flavor(nova: Nova, caller: Caller, flavor_id: str) -> Flavor:
    """Return a flavor for a server.

    Raises:
        Invalid: There is no such flavor, or the caller may not use it.
    """
    try:
        return nova.flavors.find(flavor_id, caller)
    except Missing as error:
        raise Invalid(str(error)) from error


def usable_image(nova: Nova, caller: Caller, image_id: str, flavor: Flavor) -> Image:
    """Return an image for a server of ``flavor``.

    Raises:
        Invalid: There is no such image, it is not active, or it is too large for the flavor.
    """
    image = nova.glance.images.get(image_id)
    if image is None or not image.visible_to(caller):
        raise Invalid(f"Image {image_id} could not be found.")
    if image.status != "active":
        raise Invalid(f"Image {image_id} is not active.")
    if image.min_ram > flavor.ram:
        raise Invalid("Flavor's memory is too small for requested image.")
    if flavor.disk and image.min_disk > flavor.disk:
        raise Invalid(
            f"Flavor's disk is too small for requested image. Flavor disk is {flavor.disk << 30} bytes, image is "
            f"{image.min_disk << 30} bytes."
        )
    return image
