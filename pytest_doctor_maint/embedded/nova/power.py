"""Power failures of computes, and the recovery of their servers."""

from __future__ import annotations

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.capacity import Capacity
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.deletion import Deletion
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.lifecycle import Lifecycle
from pytest_doctor_maint.embedded.nova.operations import Operations
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.relocation import Relocation
from pytest_doctor_maint.embedded.nova.server import RUNNING, Server
from pytest_doctor_maint.embedded.nova.services import ComputeServices


class Power:
    """Switches computes off and on."""

    def __init__(
        self,
        core: Core,
        registry: Registry,
        *,
        operations: Operations,
        capacity: Capacity,
        services: ComputeServices,
        relocation: Relocation,
        deletion: Deletion,
        lifecycle: Lifecycle,
    ) -> None:
        self._core = core
        self._registry = registry
        self._operations = operations
        self._capacity = capacity
        self._services = services
        self._relocation = relocation
        self._deletion = deletion
        self._lifecycle = lifecycle

    def off(self, compute: Compute) -> None:
        """Switch a compute off: its guests, its operations and its service's reports stop. No effect if it is off."""
        with self._core.lock:
            if not compute.powered:
                return
            compute.powered = False
            compute.outages += 1
            compute.last_seen = self._core.clock.now()
            outage = compute.outages
            compute.interrupted = {server.id: server.task_state for server in compute.servers.values()}
            for server in list(compute.servers.values()):
                self._operations.guest(server, False, "compute without power")
            self._services.record(compute)

        def miss_reports() -> None:
            self._core.clock.sleep(self._core.timings.service_report)
            with self._core.lock:
                if not compute.powered and compute.outages == outage:
                    compute.heard = False
                    self._services.record(compute)

        self._core.clock.spawn(miss_reports, f"nova misses the reports of {compute.host}")

    def on(self, compute: Compute) -> None:
        """Switch a compute on: its service reports again, and the guests of its servers run again.

        Operations that were in progress when the compute lost its power are done again or ended; those that were
        requested since then begin. No effect if it is on.
        """
        with self._core.lock:
            if compute.powered:
                return
            compute.powered, compute.heard, compute.last_seen = True, True, None
            self._services.record(compute)
            for server in list(compute.servers.values()):
                self._recover(server, compute)
            self._destroy_evacuated(compute)
            mailbox, compute.mailbox = compute.mailbox, []
            for deliver in mailbox:
                deliver()

    def _recover(self, server: Server, compute: Compute) -> None:
        """Bring a server into a consistent state, as nova-compute does with each of its servers when it starts.

        The rules are those of ``_init_instance`` in nova/compute/manager.py.
        """
        action = self._own_action(server, "init_host")
        task = server.task_state
        if server.migration is not None and server.migration.kind == "evacuation":
            # The server is being rebuilt elsewhere and will no longer belong to this compute.
            return
        if task is not None and compute.interrupted.get(server.id) != task:
            # The task was requested while the compute was without power, and waits in the mailbox.
            self._resume_guest(server)
            return
        if task == "deleting":
            self._deletion.remove(server, action)
            return
        if server.vm_state == "error" and task != "resize_migrating":
            return
        if server.vm_state == "building" or task in ("rebuilding", "rebuild_spawning"):
            self._operations.fail(server, "The compute restarted while the server was being built.")
            self._operations.changed(server, action)
            return
        if self._lifecycle.repeat(server, self._own_action):
            return
        if task in ("resize_migrating", "resize_prep", "migrating") and server.migration is not None:
            # The move is lost; the server is where it was.
            self._relocation.abandon(server, server.migration)
        if task is not None:
            server.task_state = None
            self._operations.changed(server, action)
        self._resume_guest(server)

    def _resume_guest(self, server: Server) -> None:
        if server.power_state == RUNNING:
            self._operations.guest(server, True, "compute has power again")

    def _destroy_evacuated(self, compute: Compute) -> None:
        """Free what servers that are rebuilt elsewhere, or were, still hold on ``compute``, which has just started.

        The states are those of ``_destroy_evacuated_instances`` in nova/compute/manager.py.
        """
        for migration in self._registry.migrations:
            if (
                migration.kind == "evacuation"
                and migration.source == compute.host
                and migration.status in ("accepted", "pre-migrating", "done")
            ):
                self._operations.set_status(migration, "completed")
                server = self._registry.servers.get(migration.server_id)
                if server is not None:
                    self._capacity.release(server, host=compute.host)
                    self._operations.changed(server, self._own_action(server, "evacuate"))

    def _own_action(self, server: Server, verb: str) -> InstanceAction:
        """Return an action of the compute itself, which no request caused; it is recorded but not listed."""
        now = self._core.clock.now()
        return InstanceAction(verb, verb, "", server.user_id, server.project_id, now, now)
