"""The registry of Nova: computes, servers and migrations, and how each is found."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.core import ComputeSpec, Core
from pytest_doctor_maint.embedded.nova.compute import Compute, Controller
from pytest_doctor_maint.embedded.nova.errors import Missing
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.server import Server


class Registry:
    """The computes, servers and migrations of the cloud.

    Args:
        core: Time and identifiers.
        computes: The computes to create.

    Attributes:
        controllers: The services of Nova that are not computes.
        computes: All computes by host, in the order of the settings.
        servers: All servers that are not deleted, by id, in the order of their creation.
        gone: The deleted servers, which listings still show to admins on request.
        migrations: All moves of servers, in order.
    """

    def __init__(self, core: Core, computes: Sequence[ComputeSpec]) -> None:
        self.controllers = [
            Controller(binary, number, core.ids.uuid("service"))
            for number, binary in enumerate(("nova-scheduler", "nova-conductor"), start=1)
        ]
        self.computes = {
            spec.name: Compute(
                spec.name,
                spec.vcpus,
                spec.memory_mb,
                spec.disk_gb,
                number,
                core.ids.uuid("compute"),
                core.ids.uuid("service"),
                core.clock.now(),
            )
            for number, spec in enumerate(computes, start=3)
        }
        self.servers: dict[str, Server] = {}
        self.gone: dict[str, Server] = {}
        self.migrations: list[Migration] = []

    def known_computes(self) -> list[Compute]:
        """Return the computes whose service was not deleted."""
        return [compute for compute in self.computes.values() if not compute.deleted]

    def has_compute(self, host: str) -> bool:
        """Return True if there is a compute with this host name whose service was not deleted."""
        return host in self.computes and not self.computes[host].deleted

    def compute_of(self, server: Server) -> Compute | None:
        """Return the compute of a server; None for a server that is on no compute."""
        return None if server.host is None else self.computes[server.host]

    def server(self, server_id: str, caller: Caller) -> Server:
        """Return the server with this id.

        Raises:
            Missing: No server has this id, or the caller is not allowed to see it.
        """
        server = self.servers.get(server_id)
        if server is None or not (caller.is_admin or server.project_id == caller.project_id):
            raise Missing(f"Instance {server_id} could not be found.")
        return server

    def bury(self, server: Server) -> None:
        """Move a server to the deleted ones."""
        del self.servers[server.id]
        self.gone[server.id] = server

    def migrations_of(self, server_id: str) -> list[Migration]:
        """Return the moves of one server, in order."""
        return [migration for migration in self.migrations if migration.server_id == server_id]
