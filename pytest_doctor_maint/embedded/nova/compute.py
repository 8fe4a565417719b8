"""Computes: their capacity, the allocations of it, and the state of their nova-compute service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pytest_doctor_maint.embedded.nova.resources import Allocation, Resources
from pytest_doctor_maint.embedded.nova.server import Server


@dataclass(slots=True, eq=False)
class Compute:
    """A compute with its nova-compute service and its hypervisor. All allocation ratios are 1.0.

    Attributes:
        host: The service's host, which is also the hypervisor's host name.
        number: The id of service and hypervisor below microversion 2.53.
        uuid: The hypervisor's id from 2.53 on, and its resource provider's.
        service_uuid: The service's id from 2.53 on.
        status: ``enabled`` or ``disabled``.
        powered: True while the machine runs.
        heard: True while the service's reports are recent enough.
        deleted: True after the service was deleted from Nova.
        outages: How often the compute lost its power; work that began before the last outage is lost.
        last_seen: The time of the last report, while the compute is without power.
        allocations: The capacity that is held, by consumer.
        servers: The servers whose host this compute is.
        mailbox: Work that was requested while the compute was without power.
        interrupted: The tasks of its servers when it lost its power last, by server.
    """

    host: str
    vcpus: int
    memory_mb: int
    disk_gb: int
    number: int
    uuid: str
    service_uuid: str
    created_at: datetime
    status: str = "enabled"
    disabled_reason: str | None = None
    forced_down: bool = False
    powered: bool = True
    heard: bool = True
    deleted: bool = False
    outages: int = 0
    last_seen: datetime | None = None
    vcpus_used: int = 0
    memory_mb_used: int = 0
    disk_gb_used: int = 0
    allocations: dict[str, Allocation] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    mailbox: list[Callable[[], None]] = field(default_factory=list)
    interrupted: dict[str, str | None] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """``up`` or ``down``, as the service list shows it."""
        return "up" if self.heard and not self.forced_down else "down"

    @property
    def enabled(self) -> bool:
        """True if the scheduler may use the compute."""
        return self.status == "enabled"

    @property
    def free_vcpus(self) -> int:
        """VCPUs that are not allocated."""
        return self.vcpus - self.vcpus_used

    @property
    def free_memory_mb(self) -> int:
        """MiB of memory that are not allocated."""
        return self.memory_mb - self.memory_mb_used

    @property
    def free_disk_gb(self) -> int:
        """GiB of disk that are not allocated."""
        return self.disk_gb - self.disk_gb_used

    @property
    def used(self) -> Resources:
        """The capacity that is allocated."""
        return Resources(self.vcpus_used, self.memory_mb_used, self.disk_gb_used)

    def fits(self, wanted: Resources) -> bool:
        """Return True if ``wanted`` is free."""
        return (
            wanted.vcpus <= self.free_vcpus
            and wanted.memory_mb <= self.free_memory_mb
            and wanted.disk_gb <= self.free_disk_gb
        )

    def allocate(self, allocation: Allocation) -> None:
        """Add an allocation."""
        self.allocations[allocation.consumer_id] = allocation
        self._count(allocation.resources, 1)

    def deallocate(self, consumer_id: str) -> None:
        """Remove the allocation of a consumer; a consumer without one is ignored."""
        allocation = self.allocations.pop(consumer_id, None)
        if allocation is not None:
            self._count(allocation.resources, -1)

    def _count(self, resources: Resources, sign: int) -> None:
        self.vcpus_used += sign * resources.vcpus
        self.memory_mb_used += sign * resources.memory_mb
        self.disk_gb_used += sign * resources.disk_gb


@dataclass(frozen=True, slots=True)
class Controller:
    """A service of Nova that is not a compute; it is always up.

    Attributes:
        binary: ``nova-scheduler`` or ``nova-conductor``.
        number: The id below microversion 2.53.
        uuid: The id from 2.53 on.
    """

    binary: str
    number: int
    uuid: str
