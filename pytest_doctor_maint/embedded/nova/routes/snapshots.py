"""Actions that make images of servers: ``createImage`` and ``createBackup``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.quotas import check_image_metadata
from pytest_doctor_maint.embedded.nova.routes.actions import ACCEPTED, ActionRoutes, action
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import ANY_STRING, METADATA, NAME, NOT_NEGATIVE, section
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.simtime.http import Answer

CREATE_IMAGE = Schemas(section("createImage", {"name": NAME, "metadata": METADATA}, ["name"]))
CREATE_BACKUP = Schemas(
    section(
        "createBackup",
        {"name": NAME, "backup_type": ANY_STRING, "rotation": NOT_NEGATIVE, "metadata": METADATA},
        ["name", "backup_type", "rotation"],
    )
)


class SnapshotRoutes(ActionRoutes):
    """Actions that make images of servers."""

    @action("createImage", CREATE_IMAGE, locked=True)
    def create_image(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        metadata = value.get("metadata", {})
        check_image_metadata(self.nova.quotas, request.caller.project_id, metadata)
        image_id = self.nova.snapshots.create(server, request.action("createImage"), value["name"].strip(), metadata)
        return self._image_created(request, image_id)

    @action("createBackup", CREATE_BACKUP, locked=True)
    def create_backup(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        snapshots, backup_type, rotation = self.nova.snapshots, value["backup_type"], int(value["rotation"])
        metadata = value.get("metadata", {})
        check_image_metadata(self.nova.quotas, request.caller.project_id, metadata)
        properties = {**metadata, "backup_type": backup_type}
        image_id = snapshots.create(server, request.action("createBackup"), value["name"].strip(), properties)
        snapshots.rotate_backups(server, backup_type, rotation)
        return self._image_created(request, image_id) if rotation else ACCEPTED

    def _image_created(self, request: NovaRequest, image_id: str) -> Answer:
        if request.version >= (2, 45):
            return 202, {"image_id": image_id}
        return 202, None, {"Location": f"{self.core.url}/image/v2/images/{image_id}"}
