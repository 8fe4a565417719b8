"""Which server holds how much of which compute, and which compute a server is on."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.embedded.nova.aggregates import Aggregates
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.resources import Allocation, Resources
from pytest_doctor_maint.embedded.nova.server import Server


class Capacity:
    """Allocates the capacity of computes to servers.

    Args:
        computes: All computes by host.
        aggregates: Have the availability zones of computes.
        neutron: Is notified which compute the ports of a server are on.
    """

    def __init__(self, computes: Mapping[str, Compute], *, aggregates: Aggregates, neutron: Neutron) -> None:
        self._computes = computes
        self._aggregates = aggregates
        self._neutron = neutron

    def claim(self, server: Server, host: str, resources: Resources, consumer_id: str | None = None) -> None:
        """Allocate capacity of ``host`` for a server; the consumer is the server, or ``consumer_id``."""
        allocation = Allocation(consumer_id or server.id, server.id, host, resources)
        server.allocations.append(allocation)
        self._computes[host].allocate(allocation)

    def release(self, server: Server, host: str | None = None, consumer_id: str | None = None) -> None:
        """Free what a server holds: everything, or only what it holds on ``host``, or only what ``consumer_id`` has."""
        for allocation in list(server.allocations):
            if host in (None, allocation.host) and consumer_id in (None, allocation.consumer_id):
                server.allocations.remove(allocation)
                self._computes[allocation.host].deallocate(allocation.consumer_id)

    def place(self, server: Server, host: str | None) -> None:
        """Set the compute of a server; None for no compute. Its zone follows, unless one was requested."""
        self.displace(server)
        server.host = host
        if host is not None:
            self._computes[host].servers[server.id] = server
            if not server.pinned:
                server.zone = self._aggregates.zone_of(host)
        self._neutron.bind_host(server.id, host)

    def displace(self, server: Server) -> None:
        """Remove a server from the list of its compute."""
        if server.host is not None:
            self._computes[server.host].servers.pop(server.id, None)

    def allocations(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return all allocations as Placement has them: consumer -> host -> ``VCPU``, ``MEMORY_MB``, ``DISK_GB``.

        A consumer is a server, or the migration's uuid for what a server held before a move that is not confirmed.
        """
        found: dict[str, dict[str, dict[str, int]]] = {}
        for host, compute in self._computes.items():
            for allocation in compute.allocations.values():
                found.setdefault(allocation.consumer_id, {})[host] = {
                    "VCPU": allocation.resources.vcpus,
                    "MEMORY_MB": allocation.resources.memory_mb,
                    "DISK_GB": allocation.resources.disk_gb,
                }
        return found
