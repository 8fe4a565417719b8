"""Cold migration and resize: moves of servers that are stopped meanwhile, and their confirmation or reversal."""

from __future__ import annotations

from dataclasses import replace

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.capacity import Capacity
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, NoValidHost
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.operations import Operations, Steps
from pytest_doctor_maint.embedded.nova.quotas import Quotas
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.relocation import Relocation
from pytest_doctor_maint.embedded.nova.scheduler import Scheduler
from pytest_doctor_maint.embedded.nova.server import Server


class ColdMigrations:
    """Carries out cold migrations and resizes."""

    def __init__(
        self,
        core: Core,
        registry: Registry,
        *,
        operations: Operations,
        capacity: Capacity,
        scheduler: Scheduler,
        relocation: Relocation,
        quotas: Quotas,
    ) -> None:
        self._core = core
        self._registry = registry
        self._operations = operations
        self._capacity = capacity
        self._scheduler = scheduler
        self._relocation = relocation
        self._quotas = quotas

    # -- the move ----------------------------------------------------------------------------------------------------

    def migrate(self, server: Server, action: InstanceAction, host: str | None = None) -> None:
        """Move a server to another compute; it then waits for confirmation.

        If the scheduler finds no compute, the request succeeds, the migration is in ``error``, and the server stays.

        Args:
            server: The server.
            action: The instance action.
            host: The destination; None: the scheduler selects one.

        Raises:
            Conflict: The server is not active or stopped, or its compute is down.
            Invalid: There is no such compute, or the server is on it.
        """
        server.require_state("migrate", ("active", "stopped"))
        self._require_up(server.require_host())
        if host is not None:
            self._relocation.check_target(server, host)
        self._begin(server, action, server.flavor, "migration", host)

    def resize(self, server: Server, action: InstanceAction, flavor: Flavor) -> None:
        """Change the flavor of a server, which moves to another compute; it then waits for confirmation.

        Raises:
            Conflict: The server is not active or stopped, or its compute is down.
            Invalid: The server has the flavor already, or its disk would be removed.
            QuotaExceeded: The new flavor exceeds the project's quota.
        """
        server.require_state("resize", ("active", "stopped"))
        self._require_up(server.require_host())
        if flavor.id == server.flavor.id:
            raise Invalid("When resizing, instances must change flavor!")
        if flavor.disk == 0 and server.flavor.disk != 0 and not server.volume_backed:
            raise Invalid("Resize to zero disk flavor is not allowed.")
        more = {"cores": flavor.vcpus - server.flavor.vcpus, "ram": flavor.ram - server.flavor.ram}
        self._quotas.check(server.project_id, server.user_id, **more)
        self._begin(server, action, replace(flavor, extra_specs=dict(flavor.extra_specs)), "resize", None)

    def _begin(self, server: Server, action: InstanceAction, flavor: Flavor, kind: str, host: str | None) -> None:
        self._operations.begin(server, action, "resize_prep")
        self._operations.run(server, action, self._schedule(server, action, flavor, kind, host))

    def _schedule(self, server: Server, action: InstanceAction, flavor: Flavor, kind: str, host: str | None) -> Steps:
        operations = self._operations
        operations.event(action, "cold_migrate")
        migration = operations.begin_migration(server, action, kind, "pre-migrating", flavor)
        source = self._registry.computes[migration.source]
        try:
            dest = self._scheduler.select(self._relocation.request(server, flavor, host))
        except NoValidHost as error:
            operations.set_status(migration, "error")
            server.task_state = None
            operations.finish(server, action, failed=str(error))
            return
        self._relocation.hand_over(server, migration, dest)
        server.task_state = "resize_migrating"
        operations.set_status(migration, "migrating")
        operations.changed(server, action)
        operations.run(server, action, self._move(server, action, migration, dest), on=source)
        yield from ()

    def _move(self, server: Server, action: InstanceAction, migration: Migration, dest: Compute) -> Steps:
        operations = self._operations
        outages = dest.outages
        operations.event(action, "compute_resize_instance", migration.source)
        running = server.vm_state == "active"
        operations.guest(server, False, "cold migration")
        yield self._core.timings.cold_migrate
        if not dest.powered or dest.outages != outages:
            # The disk cannot be copied to a compute without power; the server is left where it was switched off.
            self._relocation.abandon(server, migration)
            operations.fail(server, f"Unexpected error while running the migration to {dest.host}.")
            operations.finish(server, action, failed="the destination does not answer")
            return
        self._capacity.place(server, dest.host)
        self._set_flavor(server, migration.new_flavor)
        server.before, server.vm_state, server.task_state = server.vm_state, "resized", None
        server.launched_at = self._core.clock.now()
        operations.set_status(migration, "finished")
        operations.finish(server, action)
        if running:
            operations.guest(server, True, "cold migration ended")

    # -- confirmation and reversal -----------------------------------------------------------------------------------

    def confirm(self, server: Server, action: InstanceAction) -> None:
        """Confirm a move: the capacity that the server held before is freed.

        Raises:
            Conflict: The server does not wait for confirmation, or its former compute is down.
            Invalid: The move is being confirmed or reverted already.
        """
        server.require_state("confirmResize", ("resized",))
        migration = self._finished(server)
        source = self._require_up(migration.source)
        self._operations.begin(server, action)
        self._operations.set_status(migration, "confirming")
        self._operations.run(server, action, self._confirm(server, action, migration), on=source)

    def _confirm(self, server: Server, action: InstanceAction, migration: Migration) -> Steps:
        self._operations.event(action, "compute_confirm_resize", migration.source)
        yield self._core.timings.confirm
        self._capacity.release(server, consumer_id=migration.uuid)
        self._operations.set_status(migration, "confirmed")
        server.migration = None
        if server.vm_state == "resized":
            server.vm_state = server.before
        self._operations.finish(server, action)

    def revert(self, server: Server, action: InstanceAction) -> None:
        """Revert a move: the server returns to its former compute and flavor.

        The former compute need not be up. It does the second half, when it can (``finish_revert_resize`` in
        nova/compute/manager.py).

        Raises:
            Conflict: The server does not wait for confirmation.
            Invalid: The move is being confirmed or reverted already.
        """
        server.require_state("revertResize", ("resized",))
        migration = self._finished(server)
        self._operations.set_status(migration, "reverting")
        self._operations.begin(server, action, "resize_reverting")
        compute = self._registry.compute_of(server)
        self._operations.run(server, action, self._revert(server, action, migration), on=compute)

    def _revert(self, server: Server, action: InstanceAction, migration: Migration) -> Steps:
        operations = self._operations
        operations.event(action, "compute_revert_resize", server.host)
        operations.guest(server, False, "reverting a migration")
        yield self._core.timings.revert
        source = self._registry.computes[migration.source]
        operations.run(server, action, self._finish_revert(server, action, migration), on=source)

    def _finish_revert(self, server: Server, action: InstanceAction, migration: Migration) -> Steps:
        operations = self._operations
        operations.event(action, "compute_finish_revert_resize", migration.source)
        self._capacity.release(server, consumer_id=server.id)
        self._relocation.take_back(server, migration)
        self._capacity.place(server, migration.source)
        self._set_flavor(server, migration.old_flavor)
        server.migration = None
        server.launched_at = self._core.clock.now()
        operations.set_status(migration, "reverted")
        server.vm_state, server.task_state = server.before, None
        operations.finish(server, action)
        if server.vm_state == "active":
            operations.guest(server, True, "migration reverted")
        yield from ()

    def _finished(self, server: Server) -> Migration:
        migration = server.migration
        if migration is None or migration.status != "finished":
            raise Invalid("Instance has not been resized.")
        return migration

    def _require_up(self, host: str) -> Compute:
        """Return a compute that has to work; its name is not for the ordinary users who read the error."""
        compute = self._registry.computes[host]
        if compute.state == "down":
            raise Conflict("Service is unavailable at this time.")
        return compute

    def _set_flavor(self, server: Server, flavor: Flavor) -> None:
        old = server.flavor
        server.flavor = flavor
        self._quotas.use(server.project_id, server.user_id, cores=flavor.vcpus - old.vcpus, ram=flavor.ram - old.ram)
