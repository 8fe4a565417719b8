"""Servers that are put away as an image, and fetched back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.nova.compute import Resources
from pytest_doctor_maint.embedded.nova.errors import Invalid, NoValidHost
from pytest_doctor_maint.embedded.nova.scheduler import Wish, select
from pytest_doctor_maint.embedded.nova.server import NOSTATE, RUNNING, SHUTDOWN, InstanceAction, Server

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.models import Nova, Steps


class Shelving:
    """Shelves and unshelves servers. A shelved one leaves its compute at once, as with Nova's own settings."""

    def __init__(self, nova: Nova) -> None:
        self._nova = nova

    def shelve(self, server: Server, action: InstanceAction) -> None:
        """Keep a server as an image, and free its compute.

        Raises:
            Conflict: The server is in no state for it.
        """
        nova = self._nova
        nova.require(server, "shelve", ("active", "stopped", "paused", "suspended"))
        image = nova.glance.create_snapshot(
            f"{server.name}-shelved",
            server.project_id,
            {
                "instance_uuid": server.id,
                "image_type": "snapshot",
                "base_image_ref": server.image_id or "",
            },
            min_disk=server.flavor.disk,
        )
        server.shelved_image_id = image.id
        nova.begin(server, action)
        server.task_state = "shelving"
        nova.changed(server, action)
        nova.work(server, action, self._shelve(server, action), on=nova.lifecycle.compute_of(server))

    def _shelve(self, server: Server, action: InstanceAction) -> Steps:
        nova = self._nova
        nova.step(server, action, "compute_shelve_instance", server.host)
        nova.guest(server, False, "shelved")
        yield nova.core.timings.stop
        if server.shelved_image_id is not None:
            nova.glance.finish_snapshot(server.shelved_image_id)
        server.vm_state, server.task_state, server.power_state = "shelved", "shelving_offloading", SHUTDOWN
        nova.changed(server, action)
        yield 0.0
        self._offload(server, action)

    def offload(self, server: Server, action: InstanceAction) -> None:
        """Free the compute of a shelved server.

        Raises:
            Conflict: The server is not shelved, or has left its compute.
        """
        nova = self._nova
        nova.require(server, "shelveOffload", ("shelved",))
        nova.begin(server, action)
        server.task_state = "shelving_offloading"
        nova.changed(server, action)

        def steps() -> Steps:
            yield nova.core.timings.stop
            self._offload(server, action)

        nova.work(server, action, steps(), on=nova.lifecycle.compute_of(server))

    def _offload(self, server: Server, action: InstanceAction) -> None:
        nova = self._nova
        nova.release(server)
        nova.place(server, None)
        server.vm_state, server.task_state, server.power_state = "shelved_offloaded", None, SHUTDOWN
        nova.end(action)
        nova.changed(server, action)

    def unshelve(
        self, server: Server, action: InstanceAction, zone: str | None = None, host: str | None = None
    ) -> None:
        """Bring a shelved server back, to a compute or a zone that may be named.

        Raises:
            Conflict: The server is not shelved.
            Invalid: There is no such compute or zone.
        """
        nova = self._nova
        nova.require(server, "unshelve", ("shelved", "shelved_offloaded"))
        if host is not None and not nova.has_compute(host):
            raise Invalid(f"Compute host {host} could not be found.")
        if zone is not None:
            if zone not in nova.aggregates.zones():
                raise Invalid("The requested availability zone is not available")
            server.zone, server.pinned = zone, True
        nova.begin(server, action)
        server.task_state = "unshelving"
        nova.changed(server, action)
        nova.work(server, action, self._schedule(server, action, host))

    def _schedule(self, server: Server, action: InstanceAction, host: str | None) -> Steps:
        nova = self._nova
        nova.step(server, action, "conductor_unshelve_instance")
        if server.host is None:
            wish = Wish(
                Resources.of(server.flavor),
                host=host,
                zone=server.zone if server.pinned else None,
                group_id=server.group_id,
                server_id=server.id,
            )
            try:
                compute = select(nova, wish)
            except NoValidHost as error:
                server.task_state = None
                nova.end(action, failed=str(error))
                nova.changed(server, action)
                return
            nova.claim(server, compute.host, wish.resources)
            nova.place(server, compute.host)
            nova.changed(server, action)
        nova.work(server, action, self._start(server, action), on=nova.lifecycle.compute_of(server))
        yield from ()

    def _start(self, server: Server, action: InstanceAction) -> Steps:
        nova = self._nova
        server.task_state, server.power_state = "spawning", NOSTATE
        yield nova.core.timings.start
        server.vm_state, server.task_state, server.power_state = "active", None, RUNNING
        server.launched_at = nova.core.clock.now()
        image = nova.glance.images.get(server.shelved_image_id or "")
        if image is not None:
            nova.glance.delete(image)
        server.shelved_image_id = None
        nova.end(action)
        nova.changed(server, action)
        nova.guest(server, True, "unshelved")
