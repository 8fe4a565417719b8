"""Glance's state: images, whom they are shared with, and who may see them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.glance.metadefs import Metadefs

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller
    from pytest_doctor_maint.embedded.core import Core

VISIBILITIES = ("public", "private", "shared", "community")
MEMBER_STATUSES = ("pending", "accepted", "rejected")
CONTAINER_FORMATS = ("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")
DISK_FORMATS = ("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop", "gpt")
STORE = "memory"
"""The name of the one place where images' data is kept."""


@dataclass(slots=True)
class Member:
    """A project that a shared image is offered to.

    Attributes:
        project_id: The project.
        status: Its answer, ``pending``, ``accepted`` or ``rejected``: its listings show only what it has accepted.
        created_at: When the image was offered, UTC.
        updated_at: When the answer changed last, UTC.
    """

    project_id: str
    status: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Image:
    """An image, with the attributes of the Image API v2: ``min_disk`` in GiB, ``min_ram`` in MiB, ``size`` in bytes.

    Attributes:
        data: What was uploaded; None until then.
        staged: What was staged and is not imported yet.
        properties: The properties that the API itself does not name.
        members: The projects it is offered to, by id.
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
        """Take ``data`` as the image's content; it is ``active`` from now on."""
        self.data = data
        self.size = len(data)
        self.checksum = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self.os_hash_value = hashlib.sha512(data).hexdigest()
        self.status = "active"
        self.updated_at = now

    def owned_by(self, caller: Caller) -> bool:
        """Whether the caller may change it: its owner, or an admin."""
        return caller.is_admin or (bool(caller.project_id) and caller.project_id == self.owner)

    def visible_to(self, caller: Caller) -> bool:
        """Whether the caller may see it when asking for it by id."""
        return (
            self.owned_by(caller)
            or self.visibility in ("public", "community")
            or (self.visibility == "shared" and caller.project_id in self.members)
        )

    def listed_for(self, caller: Caller, visibility: str | None, member_status: str) -> bool:
        """Whether a listing shows it to the caller.

        Args:
            caller: Who lists.
            visibility: The visibility asked for; ``all`` or None (community images of others are then left out).
            member_status: Which answer the caller's project must have given to an image shared with it (``all``: any).
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
    """Work that Glance was asked for; all of it is done, or has failed, by the time the request is answered.

    Attributes:
        kind: ``api_image_import``, or ``import`` for a task that was asked for as such.
        status: ``success`` or ``failure``.
        input: What was asked for, as the API gives it.
        request_id: The request that it was asked for in.
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
        tasks: All tasks by id, in the order of their making.
        images: All images by id, in the order of their creation.
        deleted: The ids of images that are gone; an id is never used twice.
        metadefs: The metadata definitions catalog.
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
        """A new ``queued`` image of ``project_id``; ``values`` are fields of :class:`Image`.

        Raises:
            ValueError: ``image_id`` was used before.
        """
        if image_id is not None and (image_id in self.images or image_id in self.deleted):
            raise ValueError(f"Image ID {image_id} already exists!")
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
        """Remove the image; whether that is allowed is the caller's business."""
        del self.images[image.id]
        self.deleted.add(image.id)

    def create_snapshot(self, name: str, project_id: str, properties: Mapping[str, str], *, min_disk: int = 0) -> Image:
        """The private image that Nova makes of a server; it stays ``queued`` until :meth:`finish_snapshot`.

        Args:
            name: The image's name.
            project_id: Its owner.
            properties: Its properties.
            min_disk: The disk that a server made of it needs, in GiB.
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
        """The snapshot's data has arrived: it is ``active``. An image deleted meanwhile stays deleted."""
        if image := self.images.get(image_id):
            image.store(b"QFI\xfb" + image.id.encode(), self.core.clock.now())
