"""Live migration: moves of servers whose guests run on."""

from __future__ import annotations

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.capacity import Capacity
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing, NoValidHost
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.operations import Operations, Steps
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.relocation import Relocation
from pytest_doctor_maint.embedded.nova.scheduler import Scheduler
from pytest_doctor_maint.embedded.nova.server import PAUSED, RUNNING, Server
from pytest_doctor_maint.simtime.numbers import natural


class LiveMigrations:
    """Carries out live migrations."""

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

    def migrate(
        self,
        server: Server,
        action: InstanceAction,
        host: str | None = None,
        *,
        forced: bool = False,
        wait: bool = False,
    ) -> None:
        """Move a running server to another compute.

        Args:
            server: The server.
            action: The instance action.
            host: The destination; None: the scheduler selects one.
            forced: True if the scheduler does not check ``host``.
            wait: True if the request waits for the checks of the conductor, and fails with them (below microversion
                2.34); otherwise only the migration and the instance action fail.

        Raises:
            Conflict: The server is not active or paused, or (with ``wait``) its guest does not run.
            Invalid: There is no such compute, or (with ``wait``) the server is on it, a compute is down, or the
                scheduler found no compute.
        """
        server.require_state("os-migrateLive", ("active", "paused"))
        if host is not None and not self._registry.has_compute(host):
            raise Invalid(f"Compute host {host} could not be found.")
        server.require_host()
        self._operations.begin(server, action, "migrating")
        if wait:
            self._schedule(server, action, host, forced=forced, wait=True)
            return

        def schedule() -> Steps:
            self._schedule(server, action, host, forced=forced, wait=False)
            yield from ()

        self._operations.run(server, action, schedule())

    def _schedule(self, server: Server, action: InstanceAction, host: str | None, *, forced: bool, wait: bool) -> None:
        operations = self._operations
        operations.event(action, "conductor_live_migrate_instance")
        named = host if forced else None
        migration = operations.begin_migration(server, action, "live-migration", "accepted", server.flavor, named)
        try:
            dest = self._destination(server, host, forced=forced)
        except (Conflict, Invalid, NoValidHost) as error:
            operations.set_status(migration, "error")
            server.task_state = None
            operations.finish(server, action, failed=str(error))
            if not wait:
                return
            raise Invalid(str(error).strip()) if isinstance(error, NoValidHost) else error from error
        self._relocation.hand_over(server, migration, dest)
        operations.set_status(migration, "running")
        operations.changed(server, action)
        source = self._registry.computes[migration.source]
        operations.run(server, action, self._move(server, action, migration, dest), on=source)

    def _destination(self, server: Server, host: str | None, *, forced: bool) -> Compute:
        """Return the compute that a server moves to, after the checks of Nova's conductor.

        The source is ``LiveMigrationTask._execute`` in nova/conductor/tasks/live_migrate.py.

        Raises:
            Conflict: The guest does not run.
            Invalid: The server's compute is down, or the forced one is down, or is the server's own.
            NoValidHost: The scheduler found no compute.
        """
        if server.power_state not in (RUNNING, PAUSED):
            raise Conflict(f"Cannot 'os-migrateLive' instance {server.id} while it is in power_state shutdown")
        self._require_up(server.require_host())
        if host is not None and forced:
            if host == server.host:
                raise Invalid(f"Unable to migrate instance ({server.id}) to current host ({host}).")
            self._require_up(host)
        return self._scheduler.select(self._relocation.request(server, server.flavor, host, forced=forced))

    def _require_up(self, host: str) -> None:
        if self._registry.computes[host].state == "down":
            raise Invalid(f"Compute service of {host} is unavailable at this time.")

    def _move(self, server: Server, action: InstanceAction, migration: Migration, dest: Compute) -> Steps:
        operations, timings = self._operations, self._core.timings
        outages = dest.outages
        operations.event(action, "compute_live_migration", migration.source)
        pause = min(timings.live_migrate_pause, timings.live_migrate)
        was_up = server.guest_up
        yield timings.live_migrate - pause
        if migration.status == "cancelled":
            return
        if was_up and dest.powered and dest.outages == outages:
            operations.guest(server, False, "the pause at the end of a live migration")
            yield pause
            if migration.status == "cancelled":
                return
        if not dest.powered or dest.outages != outages:
            self._relocation.abandon(server, migration)
            server.task_state = None
            operations.finish(server, action, failed="the destination does not answer")
        else:
            self._capacity.release(server, consumer_id=migration.uuid)
            self._capacity.place(server, dest.host)
            server.task_state, server.migration = None, None
            operations.set_status(migration, "completed")
            operations.finish(server, action)
        if was_up:
            operations.guest(server, True, "live migration ended")

    def abort(self, server: Server, number: str, action: InstanceAction) -> None:
        """Abort a live migration; the server stays where it is.

        Raises:
            Conflict: The server is not migrating.
            Missing: The server has no such migration.
            Invalid: The migration is not running.
        """
        server.require_state("abort live migration", task_states=("migrating",))
        migration = self._running(server, number, "abort live migration")
        self._operations.begin(server, action)
        self._relocation.abandon(server, migration, "cancelled")
        server.task_state = None
        self._operations.finish(server, action)
        if server.power_state == RUNNING:
            self._operations.guest(server, True, "live migration aborted")

    def force_complete(self, server: Server, number: str, action: InstanceAction) -> None:
        """Force a live migration to complete. On this cloud every live migration completes by itself.

        Raises:
            Conflict: The server is not active, or is not migrating.
            Invalid: The server has no such migration, or it is not running.
        """
        server.require_state("force_complete", ("active",), task_states=("migrating",))
        try:
            self._running(server, number, "force complete")
        except Missing as error:
            raise Invalid(str(error)) from error
        self._operations.note(server, action)

    def _running(self, server: Server, number: str, method: str) -> Migration:
        for migration in self._registry.migrations_of(server.id):
            if migration.number == natural(number):
                if migration.status != "running":
                    raise Invalid(
                        f"Migration {number} state of instance {server.id} is {migration.status}. "
                        f"Cannot {method} while the migration is in this state."
                    )
                return migration
        raise Missing(f"Migration {number} not found for instance {server.id}.")
