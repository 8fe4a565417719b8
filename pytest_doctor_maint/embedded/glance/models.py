"""Glance's state: images, the projects that they are shared with, and tasks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.glance.errors import Conflict
from pytest_doctor_maint.embedded.glance.metadefs import Metadefs

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller
    from pytest_doctor_maint.embedded.core import Core

VISIBILITIES = ("public", "private", "shared", "community")
MEMBER_STATUSES = ("pending", "accepted", "rejected")
CONTAINER_FORMATS = ("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")
DISK_FORMATS = ("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop", "gpt")
STORE = "memory"
"""The name of the only store."""


@dataclass(slots=True)
class Member:
    """A project that an image is shared with.

    Attributes:
        project_id: The project.
        status: ``pending``, ``accepted`` or ``rejected``. The project's listings show only images that it has accepted.
        created_at: When the image was shared, UTC.
        updated_at: When the status changed last, UTC.
    """

    project_id: str
    status: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Image:
    """An image, with the attributes of the Image API v2: ``min_disk`` in GiB, ``min_ram`` in MiB, ``size`` in bytes.

    Attributes:
        data: The uploaded data; None before the upload.
        staged: The data that has been staged and not imported yet.
        properties: The users' own properties.
        members: The projects that the image is shared with, by id.
    """

    id: str
    name: str | None
    owner: str
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    visibility: str = "shared"
    protected: bool = False
    os_hidden: bool = False
    container_format: str | None = None
    disk_format: str | None = None
    min_disk: int = 0
    min_ram: int = 0
    size: int | None = None
    checksum: str | None = None
    os_hash_value: str | None = None
    data: bytes | None = field(default=None, repr=False)
    staged: bytes | None = field(default=None, repr=False)
    tags: list[str] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def store(self, data: bytes, now: datetime) -> None:
        """Set the image's data; its status becomes ``active``."""
        self.data = data
        self.size = len(data)
        self.checksum = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self.os_hash_value = hashlib.sha512(data).hexdigest()
        self.status = "active"
        self.updated_at = now

    def owned_by(self, caller: Caller) -> bool:
        """Return True if the caller may change the image: its owner, or an admin."""
        return caller.is_admin or (bool(caller.project_id) and caller.project_id == self.owner)

    def visible_to(self, caller: Caller) -> bool:
        """Return True if the caller may see the image when asking for it by id."""
        return (
            self.owned_by(caller)
            or self.visibility in ("public", "community")
            or (self.visibility == "shared" and caller.project_id in self.members)
        )

    def listed_for(self, caller: Caller, visibility: str | None, member_status: str) -> bool:
        """Return True if a listing shows the image to the caller.

        Args:
            caller: The caller.
            visibility: The requested visibility; ``all``; or None, which leaves out community images of others.
            member_status: The status that the caller's project must have as a member of a shared image; ``all``.
        """
        own = caller.project_id == self.owner
        if not (self.owned_by(caller) or self.visibility in ("public", "community")):
            member = self.members.get(caller.project_id)
            if self.visibility != "shared" or member is None or member_status not in ("all", member.status):
                return False
        if visibility is None:
            return own or self.visibility != "community"
        return visibility in ("all", self.visibility)


@dataclass(slots=True)
class Task:
    """A task of Glance. It is completed, or has failed, when the request is answered.

    Attributes:
        kind: ``api_image_import`` for the import of an image; other types are requested explicitly.
        status: ``success`` or ``failure``.
        input: The parameters, as the API shows them.
        request_id: The id of the request for the task.
    """

    id: str
    kind: str
    status: str
    owner: str
    image_id: str | None
    input: dict[str, Any]
    request_id: str
    user_id: str
    created_at: datetime
    message: str = ""


class Glance:
    """Glance's state.

    Attributes:
        images: All images by id, in the order of their creation.
        deleted: The ids of deleted images, which cannot be used again.
        tasks: All tasks by id, in the order of their creation.
        metadefs: The catalog of metadata definitions.
    """

    def __init__(self, core: Core, *, admin_project_id: str) -> None:
        self.core = core
        self.images: dict[str, Image] = {}
        self.deleted: set[str] = set()
        self.tasks: dict[str, Task] = {}
        self.metadefs = Metadefs(core)
        cirros = self.create(
            admin_project_id,
            name="cirros",
            visibility="public",
            container_format="bare",
            disk_format="qcow2",
            properties={"architecture": "x86_64", "hw_rng_model": "virtio"},
        )
        cirros.store(b"QFI\xfb" + bytes(508), core.clock.now())

    def create(self, project_id: str, *, image_id: str | None = None, **values: Any) -> Image:
        """Create a ``queued`` image of ``project_id``. ``values`` are fields of :class:`Image`.

        Raises:
            Conflict: ``image_id`` has been used before.
        """
        if image_id is not None and (image_id in self.images or image_id in self.deleted):
            raise Conflict(f"Image ID {image_id} already exists!")
        now = self.core.clock.now()
        image = Image(
            id=image_id or self.core.ids.uuid("image"),
            owner=project_id,
            created_at=now,
            updated_at=now,
            **{"name": None, **values},
        )
        self.images[image.id] = image
        return image

    def delete(self, image: Image) -> None:
        """Delete the image. The caller checks whether this is allowed."""
        del self.images[image.id]
        self.deleted.add(image.id)

    def create_snapshot(self, name: str, project_id: str, properties: Mapping[str, str], *, min_disk: int = 0) -> Image:
        """Create the private image of a server's snapshot. It is ``queued`` until :meth:`finish_snapshot`.

        Args:
            name: The image's name.
            project_id: The image's owner.
            properties: The image's properties.
            min_disk: The smallest disk of a server that is created from the image, in GiB.
        """
        return self.create(
            project_id,
            name=name,
            visibility="private",
            container_format="bare",
            disk_format="qcow2",
            min_disk=min_disk,
            properties=dict(properties),
        )

    def finish_snapshot(self, image_id: str) -> None:
        """Set the data of a snapshot, which becomes ``active``. Do nothing if the image has been deleted."""
        if image := self.images.get(image_id):
            image.store(b"QFI\xfb" + image.id.encode(), self.core.clock.now())
