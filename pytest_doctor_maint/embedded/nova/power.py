"""Computes that lose their power and get it back, and what becomes of their servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.server import RUNNING, InstanceAction, Server

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.models import Nova


class Power:
    """Switches computes off and on."""

    def __init__(self, nova: Nova) -> None:
        self._nova = nova

    def off(self, compute: Compute) -> None:
        """The compute stops: guests, operations, reports of its service. Off already: nothing happens."""
        nova = self._nova
        with nova.core.lock:
            if not compute.powered:
                return
            compute.powered = False
            compute.outages += 1
            compute.last_seen = nova.core.clock.now()
            outage = compute.outages
            for server in list(compute.servers.values()):
                nova.guest(server, False, "compute without power")
            nova.record_compute(compute)

        def miss_reports() -> None:
            nova.core.clock.sleep(nova.core.timings.service_report)
            with nova.core.lock:
                if not compute.powered and compute.outages == outage:
                    compute.heard = False
                    nova.record_compute(compute)

        nova.core.clock.spawn(miss_reports, f"nova misses the reports of {compute.host}")

    def on(self, compute: Compute) -> None:
        """The compute starts: its service reports again, and guests that are still its own run again.

        What was under way when it stopped is brought to an end. On already: nothing happens.
        """
        nova = self._nova
        with nova.core.lock:
            if compute.powered:
                return
            compute.powered, compute.heard, compute.last_seen = True, True, None
            nova.record_compute(compute)
            for server in list(compute.servers.values()):
                self._recover(server)
            self._destroy_evacuated(compute)
            mailbox, compute.mailbox = compute.mailbox, []
            for deliver in mailbox:
                deliver()

    def _recover(self, server: Server) -> None:
        """What nova-compute does about each of its servers when it starts."""
        nova = self._nova
        action = self._action(server)
        task = server.task_state
        if server.migration is not None and server.migration.kind == "evacuation":
            # It is being rebuilt elsewhere, and will not be this compute's any more.
            return
        if task == "deleting":
            nova.building.remove(server, action)
            return
        if server.vm_state == "error" and task != "resize_migrating":
            return
        if server.vm_state == "building" or task in ("rebuilding", "rebuild_spawning"):
            nova.fail(server, "The compute restarted while the server was being built.")
            nova.changed(server, action)
            return
        if task in ("resize_migrating", "resize_prep", "migrating") and server.migration is not None:
            # The move is off; the server is where it was.
            nova.moves.abandon(server, server.migration)
        if task is not None:
            server.task_state = None
            nova.changed(server, action)
        if server.power_state == RUNNING:
            nova.guest(server, True, "compute has power again")

    def _destroy_evacuated(self, compute: Compute) -> None:
        """Servers that were rebuilt elsewhere hold nothing here any more."""
        nova = self._nova
        for migration in nova.migrations:
            if migration.kind == "evacuation" and migration.source == compute.host and migration.status == "done":
                nova.migrate_status(migration, "completed")
                server = nova.servers.get(migration.server_id)
                if server is not None and server.host != compute.host:
                    nova.release(server, host=compute.host)
                    nova.changed(server, self._action(server, "evacuate"))

    def _action(self, server: Server, verb: str = "init_host") -> InstanceAction:
        """The compute's own doing, which nobody asked for."""
        now = self._nova.core.clock.now()
        return InstanceAction(verb, verb, "", server.user_id, server.project_id, now, now)
