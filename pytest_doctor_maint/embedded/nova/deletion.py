"""Deletion of servers."""

from __future__ import annotations

from dataclasses import replace

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.glance.models import Glance
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.embedded.nova.capacity import Capacity
from pytest_doctor_maint.embedded.nova.groups import Groups
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.operations import Operations, Steps
from pytest_doctor_maint.embedded.nova.quotas import Quotas
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.server import NOSTATE, Server


class Deletion:
    """Deletes servers."""

    def __init__(
        self,
        core: Core,
        registry: Registry,
        *,
        operations: Operations,
        capacity: Capacity,
        quotas: Quotas,
        groups: Groups,
        neutron: Neutron,
        glance: Glance,
    ) -> None:
        self._core = core
        self._registry = registry
        self._operations = operations
        self._capacity = capacity
        self._quotas = quotas
        self._groups = groups
        self._neutron = neutron
        self._glance = glance

    def delete(self, server: Server, action: InstanceAction) -> None:
        """Delete a server; at once if it is on no compute, or on a compute that is known to be down.

        The order is that of ``API._delete`` in nova/compute/api.py: the image of a shelved server goes first, a move
        that waits for confirmation is confirmed, and a server that is being deleted is left alone.
        """
        compute = self._registry.compute_of(server)
        if server.vm_state in ("shelved", "shelved_offloaded"):
            image = self._glance.images.get(server.shelved_image_id or "")
            if image is not None:
                self._glance.delete(image)
        self._confirm_move(server, action)
        if compute is None or compute.state == "down":
            self._operations.begin(server, action)
            self._operations.event(action, "api_local_delete")
            self.remove(server, action)
            return
        if server.task_state == "deleting":
            return
        self._operations.begin(server, action, "deleting")
        self._operations.run(server, action, self._delete(server, action), on=compute)

    def _delete(self, server: Server, action: InstanceAction) -> Steps:
        self._operations.event(action, "compute_terminate_instance", server.host)
        self._operations.guest(server, False, "deleted")
        yield self._core.timings.delete
        self.remove(server, action)

    def _confirm_move(self, server: Server, action: InstanceAction) -> None:
        """Confirm a move that waits for it, so that its former compute is freed (``_confirm_resize_on_deleting``)."""
        migration = server.migration
        if server.vm_state != "resized" or migration is None or migration.status not in ("finished", "confirming"):
            return
        self._capacity.release(server, consumer_id=migration.uuid)
        self._operations.set_status(migration, "confirmed")
        server.migration, server.vm_state = None, server.before
        self._operations.note(server, replace(action, action="confirmResize", verb="confirmResize", events=[]))

    def remove(self, server: Server, action: InstanceAction) -> None:
        """Remove a server and free everything that it holds; a server that is deleted already is ignored."""
        if server.deleted:
            return
        self._end_moves(server)
        self._neutron.release(server.id)
        self._capacity.release(server)
        self._capacity.displace(server)
        self._operations.guest(server, False, "deleted")
        self._groups.leave(server.group_id, server.id)
        self._registry.bury(server)
        self._quotas.use(
            server.project_id,
            server.user_id,
            instances=-1,
            cores=-server.flavor.vcpus,
            ram=-server.flavor.ram,
        )
        server.vm_state, server.task_state, server.power_state = "deleted", None, NOSTATE
        server.terminated_at = self._core.clock.now()
        self._operations.finish(server, action)

    def _end_moves(self, server: Server) -> None:
        """End the moves of a server that is removed: the computes that carry them out do not find it any more.

        An evacuation then fails (``rebuild_instance`` in nova/compute/manager.py); the others end in error
        (``errors_out_migration``).
        """
        for migration in self._registry.migrations_of(server.id):
            if migration.is_in_progress:
                self._operations.set_status(migration, "failed" if migration.kind == "evacuation" else "error")
