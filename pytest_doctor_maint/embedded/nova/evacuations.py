"""Evacuation: rebuilds of servers on another compute after their own is down."""

from __future__ import annotations

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.capacity import Capacity
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing, NoValidHost
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.operations import Operations, Steps
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.relocation import Relocation
from pytest_doctor_maint.embedded.nova.resources import Resources
from pytest_doctor_maint.embedded.nova.scheduler import RequestSpec, Scheduler
from pytest_doctor_maint.embedded.nova.server import RUNNING, SHUTDOWN, Server


class Evacuations:
    """Carries out evacuations."""

    def __init__(
        self,
        core: Core,
        registry: Registry,
        *,
        operations: Operations,
        capacity: Capacity,
        scheduler: Scheduler,
        relocation: Relocation,
    ) -> None:
        self._core = core
        self._registry = registry
        self._operations = operations
        self._capacity = capacity
        self._scheduler = scheduler
        self._relocation = relocation

    def evacuate(
        self,
        server: Server,
        action: InstanceAction,
        host: str | None = None,
        *,
        forced: bool = False,
        stopped: bool = False,
    ) -> None:
        """Rebuild a server of a compute that is down on another compute.

        Args:
            server: The server.
            action: The instance action.
            host: The destination; None: the scheduler selects one.
            forced: True if the scheduler does not check ``host``.
            stopped: True if the server is stopped on the destination (from microversion 2.95 on).

        Raises:
            Missing: There is no such destination.
            Conflict: The server is not active, stopped or in error.
            Invalid: The server's compute is up, or is the destination.
        """
        if host is not None and not self._registry.has_compute(host):
            raise Missing(f"Compute host {host} not found.")
        if host is not None and host == server.host:
            raise Invalid("The target host can't be the same one.")
        server.require_state("evacuate", ("active", "stopped", "error"), any_task=True)
        if server.host is None:
            raise Invalid(f"Instance {server.id} is on no compute.")
        if self._registry.computes[server.host].state != "down":
            raise Invalid(f"Compute service of {server.host} is still in use.")
        migration = self._operations.begin_migration(server, action, "evacuation", "accepted", server.flavor, host)
        server.migration = migration
        self._operations.begin(server, action, "rebuilding")
        stopped = stopped or server.vm_state == "stopped"
        spec = self._relocation.request(server, server.flavor, host, forced=forced)
        self._operations.run(server, action, self._schedule(server, action, migration, spec, stopped))

    def _schedule(
        self, server: Server, action: InstanceAction, migration: Migration, spec: RequestSpec, stopped: bool
    ) -> Steps:
        operations = self._operations
        operations.event(action, "rebuild_server")
        try:
            dest = self._scheduler.select(spec)
        except NoValidHost as error:
            operations.set_status(migration, "error")
            server.migration = None
            operations.fail(server, str(error))
            operations.finish(server, action, failed=str(error))
            return
        migration.dest = dest.host
        self._capacity.claim(server, dest.host, Resources.of(server.flavor))
        operations.set_status(migration, "pre-migrating")
        operations.changed(server, action)
        operations.run(server, action, self._rebuild(server, action, migration, dest, stopped), on=dest)
        yield from ()

    def _rebuild(
        self, server: Server, action: InstanceAction, migration: Migration, dest: Compute, stopped: bool
    ) -> Steps:
        operations = self._operations
        operations.event(action, "compute_rebuild_instance", dest.host)
        server.task_state = "rebuild_spawning"
        operations.guest(server, False, "evacuation")
        yield self._core.timings.evacuate
        self._capacity.place(server, dest.host)
        operations.set_status(migration, "done")
        server.migration, server.task_state, server.fault = None, None, None
        server.vm_state, server.power_state = ("stopped", SHUTDOWN) if stopped else ("active", RUNNING)
        server.launched_at = self._core.clock.now()
        # The former compute cleans up, and completes the migration, when it starts the next time.
        operations.finish(server, action)
        if not stopped:
            operations.guest(server, True, "evacuated")
