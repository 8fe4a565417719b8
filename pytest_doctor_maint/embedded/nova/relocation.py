"""The base of all moves of servers: the request to the scheduler, and the allocations during the move."""

from __future__ import annotations

from pytest_doctor_maint.embedded.nova.capacity import Capacity
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.operations import Operations
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.resources import Resources
from pytest_doctor_maint.embedded.nova.scheduler import RequestSpec
from pytest_doctor_maint.embedded.nova.server import Server


class Relocation:
    """Holds the capacity that a move needs, as Nova does in Placement.

    During a move the migration is the consumer of what the server held before, and the server is the consumer of what
    it needs on the destination.
    """

    def __init__(self, registry: Registry, *, operations: Operations, capacity: Capacity) -> None:
        self._registry = registry
        self._operations = operations
        self._capacity = capacity

    def request(self, server: Server, flavor: Flavor, host: str | None, *, forced: bool = False) -> RequestSpec:
        """Return what a server that moves needs of its next compute."""
        return RequestSpec(
            server.id,
            Resources.of(flavor),
            host=host,
            forced=forced,
            zone=server.zone if server.pinned else None,
            excluded=() if server.host is None else (server.host,),
            group_id=server.group_id,
        )

    def check_target(self, server: Server, host: str) -> None:
        """Raise unless ``host`` may be named as the destination.

        Raises:
            Invalid: There is no such compute, or the server is on it.
        """
        if not self._registry.has_compute(host):
            raise Invalid(f"Compute host {host} could not be found.")
        if host == server.host:
            raise Invalid(f"Unable to migrate instance ({server.id}) to current host ({host}).")

    def hand_over(self, server: Server, migration: Migration, dest: Compute) -> None:
        """Hand what the server holds to the migration, and allocate what the server needs on ``dest``."""
        migration.dest = dest.host
        server.migration = migration
        for allocation in [held for held in server.allocations if held.consumer_id == server.id]:
            self._capacity.release(server, host=allocation.host, consumer_id=server.id)
            self._capacity.claim(server, allocation.host, allocation.resources, migration.uuid)
        self._capacity.claim(server, dest.host, Resources.of(migration.new_flavor))

    def take_back(self, server: Server, migration: Migration) -> None:
        """Hand what the migration holds back to the server."""
        for allocation in [held for held in server.allocations if held.consumer_id == migration.uuid]:
            self._capacity.release(server, consumer_id=migration.uuid)
            self._capacity.claim(server, allocation.host, allocation.resources)

    def abandon(self, server: Server, migration: Migration, status: str = "error") -> None:
        """End a move that did not succeed: the server holds only what it held before."""
        self._capacity.release(server, host=migration.dest, consumer_id=server.id)
        self.take_back(server, migration)
        self._operations.set_status(migration, status)
        server.migration = None
