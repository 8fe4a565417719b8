"""Amounts of a compute's capacity, and allocations of them."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_doctor_maint.embedded.nova.flavors import Flavor


@dataclass(frozen=True, slots=True)
class Resources:
    """An amount of VCPUs, of memory in MiB and of disk in GiB."""

    vcpus: int
    memory_mb: int
    disk_gb: int

    @classmethod
    def of(cls, flavor: Flavor) -> Resources:
        """Return what a server of ``flavor`` takes of its compute; swap counts in whole GiB."""
        return cls(flavor.vcpus, flavor.ram, flavor.disk + flavor.ephemeral + -(-flavor.swap // 1024))

    def __add__(self, other: Resources) -> Resources:
        return Resources(self.vcpus + other.vcpus, self.memory_mb + other.memory_mb, self.disk_gb + other.disk_gb)


@dataclass(frozen=True, slots=True)
class Allocation:
    """Capacity of one compute that is held for a server.

    Attributes:
        consumer_id: Placement's consumer: the server, or a migration for what its server held before the move.
        server_id: The server that the capacity is for.
        host: The compute.
        resources: The amount.
    """

    consumer_id: str
    server_id: str
    host: str
    resources: Resources
