"""Shelving: servers that are kept as an image while they are not on a compute."""

from __future__ import annotations

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.glance.models import Glance
from pytest_doctor_maint.embedded.nova.aggregates import Aggregates
from pytest_doctor_maint.embedded.nova.capacity import Capacity
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, NoValidHost
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.operations import Operations, Steps
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.resources import Resources
from pytest_doctor_maint.embedded.nova.scheduler import RequestSpec, Scheduler
from pytest_doctor_maint.embedded.nova.server import NOSTATE, RUNNING, SHUTDOWN, Server


class Shelving:
    """Shelves and unshelves servers. A shelved server leaves its compute at once, as with Nova's default settings."""

    def __init__(
        self,
        core: Core,
        registry: Registry,
        *,
        operations: Operations,
        capacity: Capacity,
        scheduler: Scheduler,
        aggregates: Aggregates,
        glance: Glance,
    ) -> None:
        self._core = core
        self._registry = registry
        self._operations = operations
        self._capacity = capacity
        self._scheduler = scheduler
        self._aggregates = aggregates
        self._glance = glance

    def shelve(self, server: Server, action: InstanceAction) -> None:
        """Make an image of a server and free its compute.

        Raises:
            Conflict: The server's state does not allow it.
        """
        server.require_state("shelve", ("active", "stopped", "paused", "suspended"))
        image = self._glance.create_snapshot(
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
        self._operations.begin(server, action, "shelving")
        self._run(server, action, self._shelve(server, action))

    def _shelve(self, server: Server, action: InstanceAction) -> Steps:
        self._operations.event(action, "compute_shelve_instance", server.host)
        self._operations.guest(server, False, "shelved")
        yield self._core.timings.stop
        if server.shelved_image_id is not None:
            self._glance.finish_snapshot(server.shelved_image_id)
        server.vm_state, server.task_state, server.power_state = "shelved", "shelving_offloading", SHUTDOWN
        self._operations.changed(server, action)
        yield 0.0
        self._leave_compute(server, action)

    def offload(self, server: Server, action: InstanceAction) -> None:
        """Free the compute of a shelved server.

        Raises:
            Conflict: The server is not shelved, or has left its compute.
        """
        server.require_state("shelveOffload", ("shelved",))
        self._operations.begin(server, action, "shelving_offloading")
        self._run(server, action, self._offload(server, action))

    def _offload(self, server: Server, action: InstanceAction) -> Steps:
        yield self._core.timings.stop
        self._leave_compute(server, action)

    def _leave_compute(self, server: Server, action: InstanceAction) -> None:
        self._capacity.release(server)
        self._capacity.place(server, None)
        server.vm_state, server.task_state, server.power_state = "shelved_offloaded", None, SHUTDOWN
        self._operations.finish(server, action)

    def unshelve(
        self,
        server: Server,
        action: InstanceAction,
        host: str | None = None,
        *,
        rezoned: bool = False,
        zone: str | None = None,
    ) -> None:
        """Bring a shelved server back to a compute.

        Args:
            server: The server.
            action: The instance action.
            host: The compute; None: the scheduler selects one.
            rezoned: True if ``zone`` replaces the availability zone that was requested before.
            zone: The new availability zone; None: any.

        Raises:
            Conflict: The server is not shelved, or has a compute where a place is named, or the compute is not in the
                zone.
            Invalid: There is no such compute or zone.
        """
        server.require_state("unshelve", ("shelved", "shelved_offloaded"))
        if (rezoned or host is not None) and server.vm_state != "shelved_offloaded":
            raise Conflict(
                f'Specifying an availability zone or a host when unshelving server "{server.id}" with status '
                f'"{server.vm_state}" is not supported. The server status must be SHELVED_OFFLOADED.'
            )
        if zone is not None and zone not in self._aggregates.zones():
            raise Invalid("The requested availability zone is not available")
        expected = zone if rezoned else server.zone if server.pinned else None
        if host is not None:
            if not self._registry.has_compute(host):
                raise Invalid(f"Compute host {host} could not be found.")
            if expected not in (None, self._aggregates.zone_of(host)):
                raise Conflict(f'Host "{host}" is not in the availability zone "{expected}".')
        if rezoned:
            server.zone, server.pinned = zone, zone is not None
        self._operations.begin(server, action, "unshelving")
        self._operations.run(server, action, self._schedule(server, action, host))

    def _schedule(self, server: Server, action: InstanceAction, host: str | None) -> Steps:
        operations = self._operations
        operations.event(action, "conductor_unshelve_instance")
        if server.host is None:
            spec = RequestSpec(
                server.id,
                Resources.of(server.flavor),
                host=host,
                zone=server.zone if server.pinned else None,
                group_id=server.group_id,
            )
            try:
                compute = self._scheduler.select(spec)
            except NoValidHost as error:
                server.task_state = None
                operations.finish(server, action, failed=str(error))
                return
            self._capacity.claim(server, compute.host, spec.resources)
            self._capacity.place(server, compute.host)
            operations.changed(server, action)
        self._run(server, action, self._start(server, action))
        yield from ()

    def _start(self, server: Server, action: InstanceAction) -> Steps:
        server.task_state, server.power_state = "spawning", NOSTATE
        yield self._core.timings.start
        server.vm_state, server.task_state, server.power_state = "active", None, RUNNING
        server.launched_at = self._core.clock.now()
        image = self._glance.images.get(server.shelved_image_id or "")
        if image is not None:
            self._glance.delete(image)
        server.shelved_image_id = None
        self._operations.finish(server, action)
        self._operations.guest(server, True, "unshelved")

    def _run(self, server: Server, action: InstanceAction, steps: Steps) -> None:
        self._operations.run(server, action, steps, on=self._registry.compute_of(server))
