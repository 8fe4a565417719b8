"""Servers that move without a stop, or after their compute died: live migration and evacuation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.nova.compute import Compute, Resources
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing, NoValidHost
from pytest_doctor_maint.embedded.nova.scheduler import select
from pytest_doctor_maint.embedded.nova.server import RUNNING, SHUTDOWN, InstanceAction, Migration, Server

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.models import Nova, Steps

UNDER_WAY = ("accepted", "queued", "preparing", "running")
"""States of a live migration that is not over."""


class LiveMoves:
    """Carries out live migrations and evacuations."""

    def __init__(self, nova: Nova) -> None:
        self._nova = nova

    # -- live migration ----------------------------------------------------------------------------------------------

    def migrate(
        self,
        server: Server,
        action: InstanceAction,
        host: str | None = None,
        *,
        forced: bool = False,
        wait: bool = False,
    ) -> None:
        """Move a running server to another compute, which may be named.

        Args:
            server: The server.
            action: Who asks.
            host: The compute to move it to.
            forced: Whether the scheduler is not asked about ``host``.
            wait: Whether the request fails when no compute will do (below microversion 2.34); otherwise only the
                instance action does.

        Raises:
            Conflict: The server is not active or paused.
            Invalid: There is no such compute, the server is on it, its own one is down, or (``wait``) none will do.
        """
        nova = self._nova
        nova.require(server, "os-migrateLive", ("active", "paused"))
        if host is not None:
            nova.moves.check_target(server, host)
        assert server.host is not None  # noqa: S101 - it is active or paused
        if nova.computes[server.host].state == "down":
            raise Invalid(f"Compute service of {server.host} is unavailable at this time.")
        nova.begin(server, action)
        server.task_state = "migrating"
        nova.changed(server, action)
        if wait:
            self._schedule(server, action, host, forced=forced, wait=True)
            return

        def schedule() -> Steps:
            self._schedule(server, action, host, forced=forced, wait=False)
            yield from ()

        nova.work(server, action, schedule())

    def _schedule(self, server: Server, action: InstanceAction, host: str | None, *, forced: bool, wait: bool) -> None:
        nova = self._nova
        nova.step(server, action, "conductor_live_migrate_instance")
        assert server.host is not None  # noqa: S101 - as above
        migration = nova.new_migration(server, action, "live-migration", "accepted", server.flavor)
        source = nova.computes[server.host]
        try:
            dest = select(nova, nova.moves.wish(server, server.flavor, host, forced=forced))
            if dest.state == "down":
                raise NoValidHost
        except NoValidHost as error:
            nova.migrate_status(migration, "error")
            server.task_state = None
            nova.end(action, failed=str(error))
            nova.changed(server, action)
            if wait:
                raise Invalid(str(error).strip()) from error
            return
        migration.dest = dest.host
        server.migration = migration
        nova.moves.hand_over(server, migration, dest)
        nova.migrate_status(migration, "running")
        nova.changed(server, action)
        nova.work(server, action, self._move(server, action, migration, dest), on=source)

    def _move(self, server: Server, action: InstanceAction, migration: Migration, dest: Compute) -> Steps:
        nova, timings = self._nova, self._nova.core.timings
        outages = dest.outages
        nova.step(server, action, "compute_live_migration", migration.source)
        pause = min(timings.live_migrate_pause, timings.live_migrate)
        was_up = server.guest_up
        yield timings.live_migrate - pause
        if migration.status == "cancelled":
            return
        if was_up and dest.powered and dest.outages == outages:
            nova.guest(server, False, "the pause at the end of a live migration")
            yield pause
            if migration.status == "cancelled":
                return
        if not dest.powered or dest.outages != outages:
            nova.moves.abandon(server, migration)
            server.task_state = None
            nova.end(action, failed="the destination does not answer")
            nova.changed(server, action)
        else:
            nova.release(server, consumer_id=migration.uuid)
            nova.place(server, dest.host)
            server.task_state, server.migration = None, None
            nova.migrate_status(migration, "completed")
            nova.end(action)
            nova.changed(server, action)
        if was_up:
            nova.guest(server, True, "live migration ended")

    def abort(self, server: Server, number: int, action: InstanceAction) -> None:
        """Give up a live migration; the server stays where it is.

        Raises:
            Missing: The server has no such migration.
            Invalid: It is over.
        """
        nova = self._nova
        migration = self._under_way(server, number)
        nova.begin(server, action)
        nova.moves.abandon(server, migration, "cancelled")
        server.task_state = None
        nova.end(action)
        nova.changed(server, action)
        if server.power_state == RUNNING:
            nova.guest(server, True, "live migration aborted")

    def force_complete(self, server: Server, number: int, action: InstanceAction) -> None:
        """Have a live migration come to its end, whatever the guest does; here it does so anyway.

        Raises:
            Missing: The server has no such migration.
            Invalid: It is over.
        """
        self._under_way(server, number)
        self._nova.begin(server, action)
        self._nova.end(action)

    def _under_way(self, server: Server, number: int) -> Migration:
        for migration in self._nova.migrations_of(server.id):
            if migration.number == number:
                if migration.kind != "live-migration" or migration.status not in UNDER_WAY:
                    raise Invalid(
                        f"Migration {number} state of instance {server.id} is {migration.status}. Cannot end it while "
                        "it is in this state."
                    )
                return migration
        raise Missing(f"Migration {number} not found for instance {server.id}.")

    # -- evacuation --------------------------------------------------------------------------------------------------

    def evacuate(
        self,
        server: Server,
        action: InstanceAction,
        host: str | None = None,
        *,
        forced: bool = False,
        stopped: bool = False,
    ) -> None:
        """Rebuild a server of a compute that is down on another one, which may be named.

        Args:
            server: The server.
            action: Who asks.
            host: The compute to rebuild it on.
            forced: Whether the scheduler is not asked about ``host``.
            stopped: Whether it is left stopped there (from microversion 2.95 on).

        Raises:
            Conflict: The server is not active, stopped or in error.
            Invalid: Its compute is up, or there is no such compute to move it to.
        """
        nova = self._nova
        nova.require(server, "evacuate", ("active", "stopped", "error"), any_task=True)
        if host is not None and not nova.has_compute(host):
            raise Invalid(f"Compute host {host} could not be found.")
        if host is not None and host == server.host:
            raise Invalid("The target host can't be the same one.")
        if server.host is None:
            raise Invalid(f"Instance {server.id} is on no compute.")
        if nova.computes[server.host].state != "down":
            raise Invalid(f"Compute service of {server.host} is still in use.")
        nova.begin(server, action)
        migration = nova.new_migration(server, action, "evacuation", "accepted", server.flavor)
        server.task_state, server.migration = "rebuilding", migration
        nova.changed(server, action)
        stopped = stopped or server.vm_state == "stopped"
        nova.work(server, action, self._schedule_evacuation(server, action, migration, host, forced, stopped))

    def _schedule_evacuation(
        self,
        server: Server,
        action: InstanceAction,
        migration: Migration,
        host: str | None,
        forced: bool,
        stopped: bool,
    ) -> Steps:
        nova = self._nova
        nova.step(server, action, "conductor_rebuild_server")
        try:
            dest = select(nova, nova.moves.wish(server, server.flavor, host, forced=forced))
        except NoValidHost as error:
            nova.migrate_status(migration, "error")
            server.migration = None
            nova.fail(server, str(error))
            nova.end(action, failed=str(error))
            nova.changed(server, action)
            return
        migration.dest = dest.host
        nova.claim(server, dest.host, Resources.of(server.flavor))
        nova.migrate_status(migration, "pre-migrating")
        nova.changed(server, action)
        nova.work(server, action, self._evacuate(server, action, migration, dest, stopped), on=dest)
        yield from ()

    def _evacuate(
        self, server: Server, action: InstanceAction, migration: Migration, dest: Compute, stopped: bool
    ) -> Steps:
        nova = self._nova
        nova.step(server, action, "compute_rebuild_instance", dest.host)
        server.task_state = "rebuild_spawning"
        nova.guest(server, False, "evacuation")
        yield nova.core.timings.evacuate
        nova.place(server, dest.host)
        nova.migrate_status(migration, "done")
        server.migration, server.task_state, server.fault = None, None, None
        server.vm_state = "stopped" if stopped else "active"
        server.power_state = SHUTDOWN if stopped else RUNNING
        server.launched_at = nova.core.clock.now()
        source = nova.computes[migration.source]
        if source.powered:
            # It came back meanwhile and found that the server is not its own any more.
            nova.release(server, host=source.host)
            nova.migrate_status(migration, "completed")
        nova.end(action)
        nova.changed(server, action)
        if not stopped:
            nova.guest(server, True, "evacuated")
