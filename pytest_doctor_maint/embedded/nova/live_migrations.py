"""Live migration: moves of servers whose guests run on."""

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
from pytest_doctor_maint.embedded.nova.scheduler import Scheduler
from pytest_doctor_maint.embedded.nova.server import RUNNING, Server


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
            wait: True if the request fails when there is no compute (below microversion 2.34); otherwise only the
                instance action fails.

        Raises:
            Conflict: The server is not active or paused.
            Invalid: There is no such compute, the server is on it, the server's compute is down, or (with ``wait``)
                the scheduler found no compute.
        """
        server.require_state("os-migrateLive", ("active", "paused"))
        if host is not None:
            self._relocation.check_target(server, host)
        source = self._registry.computes[server.require_host()]
        if source.state == "down":
            raise Invalid(f"Compute service of {source.host} is unavailable at this time.")
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
        migration = operations.begin_migration(server, action, "live-migration", "accepted", server.flavor)
        try:
            dest = self._scheduler.select(self._relocation.request(server, server.flavor, host, forced=forced))
            if dest.state == "down":
                raise NoValidHost
        except NoValidHost as error:
            operations.set_status(migration, "error")
            server.task_state = None
            operations.finish(server, action, failed=str(error))
            if wait:
                raise Invalid(str(error).strip()) from error
            return
        self._relocation.hand_over(server, migration, dest)
        operations.set_status(migration, "running")
        operations.changed(server, action)
        source = self._registry.computes[migration.source]
        operations.run(server, action, self._move(server, action, migration, dest), on=source)

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

    def abort(self, server: Server, number: int, action: InstanceAction) -> None:
        """Abort a live migration; the server stays where it is.

        Raises:
            Missing: The server has no such migration.
            Invalid: The migration is not a live migration in progress.
        """
        migration = self._in_progress(server, number)
        self._operations.begin(server, action)
        self._relocation.abandon(server, migration, "cancelled")
        server.task_state = None
        self._operations.finish(server, action)
        if server.power_state == RUNNING:
            self._operations.guest(server, True, "live migration aborted")

    def force_complete(self, server: Server, number: int, action: InstanceAction) -> None:
        """Force a live migration to complete. On this cloud every live migration completes by itself.

        Raises:
            Missing: The server has no such migration.
            Invalid: The migration is not a live migration in progress.
        """
        self._in_progress(server, number)
        self._operations.note(server, action)

    def _in_progress(self, server: Server, number: int) -> Migration:
        for migration in self._registry.migrations_of(server.id):
            if migration.number == number:
                if not migration.is_live_in_progress:
                    raise Invalid(
                        f"Migration {number} state of instance {server.id} is {migration.status}. Cannot end it while "
                        "it is in this state."
                    )
                return migration
        raise Missing(f"Migration {number} not found for instance {server.id}.")
