"""Resource providers: Nova's computes. Placement keeps no state; each request reads Nova's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.nova.resources import Allocation, Resources

RESOURCE_CLASSES = (
    "VCPU",
    "MEMORY_MB",
    "DISK_GB",
    "PCI_DEVICE",
    "SRIOV_NET_VF",
    "NUMA_SOCKET",
    "NUMA_CORE",
    "NUMA_THREAD",
    "NUMA_MEMORY_MB",
    "IPV4_ADDRESS",
    "VGPU",
    "VGPU_DISPLAY_HEAD",
    "NET_BW_EGR_KILOBIT_PER_SEC",
    "NET_BW_IGR_KILOBIT_PER_SEC",
    "PCPU",
    "MEM_ENCRYPTION_CONTEXT",
    "FPGA",
    "PGPU",
    "NET_PACKET_RATE_KILOPACKET_PER_SEC",
    "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC",
    "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC",
)
"""Placement's standard resource classes; the computes of this cloud have the first three."""
TRAITS = (
    "COMPUTE_ACCELERATORS",
    "COMPUTE_NET_ATTACH_INTERFACE",
    "COMPUTE_NODE",
    "COMPUTE_RESCUE_BFV",
    "COMPUTE_TRUSTED_CERTS",
    "HW_CPU_X86_64_V2",
)
"""The traits of every compute."""
DISABLED = "COMPUTE_STATUS_DISABLED"
"""The trait of a compute whose service is disabled or forced down."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """How much of a resource class a provider has. Nothing is reserved, and the allocation ratio is 1.0."""

    total: int

    def as_json(self) -> dict[str, float]:
        """Return the inventory as the API shows it."""
        return {
            "total": self.total,
            "reserved": 0,
            "min_unit": 1,
            "max_unit": self.total,
            "step_size": 1,
            "allocation_ratio": 1.0,
        }


def providers(nova: Nova) -> list[Compute]:
    """Return all resource providers, in the order of the cloud's settings."""
    return nova.known_computes()


def inventories(compute: Compute) -> dict[str, Inventory]:
    """Return a provider's inventories by resource class; classes of which it has nothing are left out."""
    totals = _by_class(Resources(compute.vcpus, compute.memory_mb, compute.disk_gb))
    return {name: Inventory(total) for name, total in totals.items() if total > 0}


def usages(compute: Compute) -> dict[str, int]:
    """Return what is used of a provider, by resource class."""
    used = _by_class(compute.used)
    return {name: used[name] for name in inventories(compute)}


def traits(compute: Compute) -> list[str]:
    """Return a provider's traits, sorted by name."""
    held = TRAITS if compute.enabled and not compute.forced_down else (*TRAITS, DISABLED)
    return sorted(held)


def aggregates(nova: Nova, compute: Compute) -> list[str]:
    """Return the uuids of the host aggregates of a provider's compute."""
    return [aggregate.uuid for aggregate in nova.aggregates if compute.host in aggregate.hosts]


def amounts(allocation: Allocation) -> dict[str, int]:
    """Return the amounts of an allocation by resource class; classes without an amount are left out."""
    return {name: amount for name, amount in _by_class(allocation.resources).items() if amount > 0}


def allocations(nova: Nova, consumer_id: str) -> list[tuple[Compute, Allocation]]:
    """Return the allocations of a consumer, each with its provider."""
    return [
        (compute, compute.allocations[consumer_id]) for compute in providers(nova) if consumer_id in compute.allocations
    ]


def has_room(compute: Compute, wanted: Mapping[str, int]) -> bool:
    """Return True if a provider has the wanted amount of each resource class free."""
    held, taken = inventories(compute), usages(compute)
    return all(name in held and taken[name] + amount <= held[name].total for name, amount in wanted.items())


def _by_class(resources: Resources) -> dict[str, int]:
    return {"VCPU": resources.vcpus, "MEMORY_MB": resources.memory_mb, "DISK_GB": resources.disk_gb}
