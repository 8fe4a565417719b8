"""Computes: what they have, who holds it, and whether they are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.flavors import Flavor
    from pytest_doctor_maint.embedded.nova.server import Server


@dataclass(frozen=True, slots=True)
class Resources:
    """What a server takes of a compute: VCPUs, MiB of memory, GiB of disk."""

    vcpus: int
    memory_mb: int
    disk_gb: int

    @classmethod
    def of(cls, flavor: Flavor) -> Resources:
        """What a server of that flavor takes; swap counts in whole GiB."""
        return cls(flavor.vcpus, flavor.ram, flavor.disk + flavor.ephemeral + -(-flavor.swap // 1024))


@dataclass(frozen=True, slots=True)
class Claim:
    """Capacity that somebody holds.

    Attributes:
        consumer_id: Who, as Placement says it: the server, or a migration for what its server held before.
        server_id: The server that it is for.
        host: On which compute.
        resources: How much.
    """

    consumer_id: str
    server_id: str
    host: str
    resources: Resources


@dataclass(slots=True, eq=False)
class Compute:
    """A compute with its nova-compute service and its hypervisor. All allocation ratios are 1.0.

    Attributes:
        host: The service's host, which is the hypervisor's host name too.
        number: Ids of service and hypervisor below microversion 2.53.
        uuid: The hypervisor's id from 2.53 on, and its resource provider's.
        service_uuid: The service's id from 2.53 on.
        status: ``enabled`` or ``disabled``.
        powered: Whether it runs.
        heard: Whether its service reported lately.
        deleted: Whether Nova was told to forget it.
        outages: How often it lost its power; work begun before the last time is lost.
        last_seen: When it reported last, if it is without power.
        claims: What is held of it, by consumer.
        servers: The servers whose host it is.
        mailbox: What was asked of it while it was without power.
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
    claims: dict[str, Claim] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    mailbox: list[Callable[[], None]] = field(default_factory=list)

    @property
    def state(self) -> str:
        """``up`` or ``down``, as the service list says."""
        return "up" if self.heard and not self.forced_down else "down"

    @property
    def enabled(self) -> bool:
        """Whether the scheduler may use it."""
        return self.status == "enabled"

    @property
    def free_vcpus(self) -> int:
        """VCPUs that nobody holds."""
        return self.vcpus - self.vcpus_used

    @property
    def free_memory_mb(self) -> int:
        """MiB that nobody holds."""
        return self.memory_mb - self.memory_mb_used

    @property
    def free_disk_gb(self) -> int:
        """GiB that nobody holds."""
        return self.disk_gb - self.disk_gb_used

    @property
    def held(self) -> list[str]:
        """Ids of the servers that hold capacity here, each once, in the order of their claims."""
        return list(dict.fromkeys(claim.server_id for claim in self.claims.values()))

    def fits(self, wanted: Resources) -> bool:
        """Whether so much is free."""
        return (
            wanted.vcpus <= self.free_vcpus
            and wanted.memory_mb <= self.free_memory_mb
            and wanted.disk_gb <= self.free_disk_gb
        )

    def take(self, claim: Claim) -> None:
        """Somebody holds so much from now on."""
        self.claims[claim.consumer_id] = claim
        self._count(claim.resources, 1)

    def give_back(self, consumer_id: str) -> None:
        """The consumer holds nothing here any more (and may not have held anything)."""
        claim = self.claims.pop(consumer_id, None)
        if claim is not None:
            self._count(claim.resources, -1)

    def _count(self, resources: Resources, sign: int) -> None:
        self.vcpus_used += sign * resources.vcpus
        self.memory_mb_used += sign * resources.memory_mb
        self.disk_gb_used += sign * resources.disk_gb


@dataclass(frozen=True, slots=True)
class Controller:
    """A service of Nova's that is no compute; it is always there.

    Attributes:
        binary: ``nova-scheduler`` or ``nova-conductor``.
        number: Its id below microversion 2.53.
        uuid: Its id from 2.53 on.
    """

    binary: str
    number: int
    uuid: str
