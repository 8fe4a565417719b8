"""Servers that move with a stop: cold migration and resize, their confirmation or their way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.nova.compute import Compute, Resources
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, NoValidHost
from pytest_doctor_maint.embedded.nova.scheduler import Wish, select
from pytest_doctor_maint.embedded.nova.server import InstanceAction, Migration, Server

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.flavors import Flavor
    from pytest_doctor_maint.embedded.nova.models import Nova, Steps


class Moves:
    """Carries out cold migrations and resizes."""

    def __init__(self, nova: Nova) -> None:
        self._nova = nova

    # -- there -------------------------------------------------------------------------------------------------------

    def migrate(self, server: Server, action: InstanceAction, host: str | None = None) -> None:
        """Move a server to another compute, which may be named; it then waits to be confirmed.

        That no compute will do is not an error of the request: the migration is then in ``error``, and the server where
        it was.

        Raises:
            Conflict: The server is not active or stopped.
            Invalid: There is no such compute, or the server is on it.
        """
        self._nova.require(server, "migrate", ("active", "stopped"))
        if host is not None:
            self.check_target(server, host)
        self._begin(server, action, server.flavor, "migration", host)

    def resize(self, server: Server, action: InstanceAction, flavor: Flavor) -> None:
        """Give a server another flavor, on another compute; it then waits to be confirmed.

        Raises:
            Conflict: The server is not active or stopped.
            Invalid: It has that flavor already, or its disk would shrink to nothing.
            QuotaExceeded: The project may not have so much.
        """
        nova = self._nova
        nova.require(server, "resize", ("active", "stopped"))
        if flavor.id == server.flavor.id:
            raise Invalid("When resizing, instances must change flavor!")
        if flavor.disk == 0 and server.flavor.disk != 0 and not server.volume_backed:
            raise Invalid("Resize to zero disk flavor is not allowed.")
        more = {"cores": flavor.vcpus - server.flavor.vcpus, "ram": flavor.ram - server.flavor.ram}
        nova.quotas.check(server.project_id, server.user_id, **more)
        self._begin(server, action, replace(flavor, extra_specs=dict(flavor.extra_specs)), "resize", None)

    def _begin(self, server: Server, action: InstanceAction, flavor: Flavor, kind: str, host: str | None) -> None:
        nova = self._nova
        nova.begin(server, action)
        server.task_state = "resize_prep"
        nova.changed(server, action)
        nova.work(server, action, self._schedule(server, action, flavor, kind, host))

    def _schedule(self, server: Server, action: InstanceAction, flavor: Flavor, kind: str, host: str | None) -> Steps:
        nova = self._nova
        nova.step(server, action, "cold_migrate")
        assert server.host is not None  # noqa: S101 - it is active or stopped
        migration = nova.new_migration(server, action, kind, "pre-migrating", flavor)
        source = nova.computes[server.host]
        try:
            dest = select(nova, self.wish(server, flavor, host))
        except NoValidHost as error:
            nova.migrate_status(migration, "error")
            server.task_state = None
            nova.end(action, failed=str(error))
            nova.changed(server, action)
            return
        migration.dest = dest.host
        server.migration = migration
        self.hand_over(server, migration, dest)
        server.task_state = "resize_migrating"
        nova.migrate_status(migration, "migrating")
        nova.changed(server, action)
        nova.work(server, action, self._move(server, action, migration, dest), on=source)
        yield from ()

    def _move(self, server: Server, action: InstanceAction, migration: Migration, dest: Compute) -> Steps:
        nova = self._nova
        outages = dest.outages
        nova.step(server, action, "compute_resize_instance", migration.source)
        running = server.vm_state == "active"
        nova.guest(server, False, "cold migration")
        yield nova.core.timings.cold_migrate
        if not dest.powered or dest.outages != outages:
            # Its disk cannot be copied to a compute that is not there; the server is left as it was switched off.
            self.abandon(server, migration)
            nova.fail(server, f"Unexpected error while running the migration to {dest.host}.")
            nova.end(action, failed="the destination does not answer")
            nova.changed(server, action)
            return
        nova.place(server, dest.host)
        self._set_flavor(server, migration.new_flavor)
        server.before, server.vm_state, server.task_state = server.vm_state, "resized", None
        server.launched_at = nova.core.clock.now()
        nova.migrate_status(migration, "finished")
        nova.end(action)
        nova.changed(server, action)
        if running:
            nova.guest(server, True, "cold migration ended")

    # -- and there to stay, or back ----------------------------------------------------------------------------------

    def confirm(self, server: Server, action: InstanceAction) -> None:
        """Let a moved server stay where it is; what it held before is free then.

        Raises:
            Conflict: It is not waiting for that, or its former compute is down.
            Invalid: That is being done already.
        """
        nova = self._nova
        nova.require(server, "confirmResize", ("resized",))
        migration = self._finished(server)
        self._check_up(migration.source)
        nova.begin(server, action)
        nova.migrate_status(migration, "confirming")
        nova.work(server, action, self._confirm(server, action, migration), on=nova.computes[migration.source])

    def _confirm(self, server: Server, action: InstanceAction, migration: Migration) -> Steps:
        nova = self._nova
        nova.step(server, action, "compute_confirm_resize", migration.source)
        yield nova.core.timings.confirm
        nova.release(server, consumer_id=migration.uuid)
        nova.migrate_status(migration, "confirmed")
        server.migration = None
        if server.vm_state == "resized":
            server.vm_state = server.before
        nova.end(action)
        nova.changed(server, action)

    def revert(self, server: Server, action: InstanceAction) -> None:
        """Bring a moved server back to where it was, as it was.

        Raises:
            Conflict: It is not waiting for confirmation, or its former compute is down.
            Invalid: That is being done already.
        """
        nova = self._nova
        nova.require(server, "revertResize", ("resized",))
        migration = self._finished(server)
        self._check_up(migration.source)
        nova.begin(server, action)
        server.task_state = "resize_reverting"
        nova.migrate_status(migration, "reverting")
        nova.changed(server, action)
        assert server.host is not None  # noqa: S101 - it was moved there
        nova.work(server, action, self._revert(server, action, migration), on=nova.computes[server.host])

    def _revert(self, server: Server, action: InstanceAction, migration: Migration) -> Steps:
        nova = self._nova
        source = nova.computes[migration.source]
        nova.step(server, action, "compute_revert_resize", server.host)
        nova.guest(server, False, "reverting a migration")
        yield nova.core.timings.revert
        nova.release(server, consumer_id=server.id)
        self.take_back(server, migration)
        nova.place(server, source.host)
        self._set_flavor(server, migration.old_flavor)
        server.migration = None
        if not source.powered:
            nova.migrate_status(migration, "error")
            nova.fail(server, f"Compute {source.host} does not answer.")
            nova.end(action, failed="the source does not answer")
            nova.changed(server, action)
            return
        nova.migrate_status(migration, "reverted")
        server.vm_state, server.task_state = server.before, None
        nova.end(action)
        nova.changed(server, action)
        if server.vm_state == "active":
            nova.guest(server, True, "migration reverted")

    # -- what live migration and evacuation need too -----------------------------------------------------------------

    def wish(self, server: Server, flavor: Flavor, host: str | None, *, forced: bool = False) -> Wish:
        """What a server that moves needs of its next compute."""
        return Wish(
            Resources.of(flavor),
            host=host,
            forced=forced,
            zone=server.zone if server.pinned else None,
            excluded=() if server.host is None else (server.host,),
            group_id=server.group_id,
            server_id=server.id,
        )

    def check_target(self, server: Server, host: str) -> None:
        """Whether a compute can be named as the target at all.

        Raises:
            Invalid: It cannot.
        """
        if not self._nova.has_compute(host):
            raise Invalid(f"Compute host {host} could not be found.")
        if host == server.host:
            raise Invalid(f"Unable to migrate instance ({server.id}) to current host ({host}).")

    def hand_over(self, server: Server, migration: Migration, dest: Compute) -> None:
        """What the server holds is the migration's from now on, and the server holds what it needs on ``dest``."""
        nova = self._nova
        for claim in [claim for claim in server.claims if claim.consumer_id == server.id]:
            nova.release(server, host=claim.host, consumer_id=server.id)
            nova.claim(server, claim.host, claim.resources, migration.uuid)
        nova.claim(server, dest.host, Resources.of(migration.new_flavor))

    def take_back(self, server: Server, migration: Migration) -> None:
        """What the migration holds is the server's again."""
        nova = self._nova
        for claim in [claim for claim in server.claims if claim.consumer_id == migration.uuid]:
            nova.release(server, consumer_id=migration.uuid)
            nova.claim(server, claim.host, claim.resources)

    def abandon(self, server: Server, migration: Migration, status: str = "error") -> None:
        """The move is off: the server holds only what it held before."""
        self._nova.release(server, host=migration.dest, consumer_id=server.id)
        self.take_back(server, migration)
        self._nova.migrate_status(migration, status)
        server.migration = None

    def _finished(self, server: Server) -> Migration:
        migration = server.migration
        if migration is None or migration.status != "finished":
            raise Invalid("Instance has not been resized.")
        return migration

    def _check_up(self, host: str) -> None:
        if self._nova.computes[host].state == "down":
            raise Conflict("Service is unavailable at this time.")

    def _set_flavor(self, server: Server, flavor: Flavor) -> None:
        old = server.flavor
        server.flavor = flavor
        self._nova.quotas.use(
            server.project_id, server.user_id, cores=flavor.vcpus - old.vcpus, ram=flavor.ram - old.ram
        )
