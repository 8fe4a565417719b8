"""Images that are made of servers."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.glance.models import Glance
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.operations import Operations, Steps
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.server import Server

#: The type of the image and the task state meanwhile, by instance action.
_KINDS: Mapping[str, tuple[str, str]] = {
    "createImage": ("snapshot", "image_snapshot_pending"),
    "createBackup": ("backup", "image_backup"),
}


class Snapshots:
    """Makes images of servers."""

    def __init__(self, core: Core, registry: Registry, *, operations: Operations, glance: Glance) -> None:
        self._core = core
        self._registry = registry
        self._operations = operations
        self._glance = glance

    def create(self, server: Server, action: InstanceAction, name: str, properties: Mapping[str, str]) -> str:
        """Make an image of a server and return its id. The image becomes active later; the guest runs on.

        Args:
            server: The server.
            action: The instance action, ``createImage`` or ``createBackup``.
            name: The name of the image.
            properties: Properties of the image. They replace those that Nova sets.

        Raises:
            Conflict: The server's state does not allow it.
        """
        server.require_state(action.action, ("active", "stopped", "paused", "suspended"))
        image_type, task_state = _KINDS[action.action]
        image = self._glance.create_snapshot(
            name,
            server.project_id,
            {
                "instance_uuid": server.id,
                "user_id": server.user_id,
                "image_type": image_type,
                "base_image_ref": server.image_id or "",
                **properties,
            },
            min_disk=server.flavor.disk,
        )
        self._operations.begin(server, action, task_state)
        compute = self._registry.compute_of(server)
        self._operations.run(server, action, self._upload(server, action, image.id), on=compute)
        return image.id

    def _upload(self, server: Server, action: InstanceAction, image_id: str) -> Steps:
        self._operations.event(action, "compute_snapshot_instance", server.host)
        yield self._core.timings.snapshot
        self._glance.finish_snapshot(image_id)
        server.task_state = None
        self._operations.finish(server, action)

    def rotate_backups(self, server: Server, backup_type: str, keep: int) -> None:
        """Delete all backups of a server with this type but the ``keep`` newest ones."""
        own = {"instance_uuid": server.id, "image_type": "backup", "backup_type": backup_type}
        backups = [image for image in self._glance.images.values() if own.items() <= image.properties.items()]
        for image in backups[: max(0, len(backups) - keep)]:
            self._glance.delete(image)
