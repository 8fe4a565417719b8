"""What Placement knows, read off Nova's models at the moment it is asked: computes are its resource providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.compute import Claim, Compute
    from pytest_doctor_maint.embedded.nova.models import Nova

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
"""Placement's standard resource classes; computes here have the first three."""
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
    """How much of a resource class a provider has. Nothing is reserved, and nothing is given out twice."""

    total: int

    def shown(self) -> dict[str, float]:
        """As the API gives it."""
        return {
            "total": self.total,
            "reserved": 0,
            "min_unit": 1,
            "max_unit": self.total,
            "step_size": 1,
            "allocation_ratio": 1.0,
        }


def providers(nova: Nova) -> list[Compute]:
    """All resource providers, in the order of the cloud's settings."""
    return [compute for compute in nova.computes.values() if not compute.deleted]


def inventories(compute: Compute) -> dict[str, Inventory]:
    """What a provider has, by resource class; a class of which it has nothing is left out."""
    totals = {"VCPU": compute.vcpus, "MEMORY_MB": compute.memory_mb, "DISK_GB": compute.disk_gb}
    return {name: Inventory(total) for name, total in totals.items() if total > 0}


def usages(compute: Compute) -> dict[str, int]:
    """What is taken of a provider, by resource class."""
    used = {"VCPU": compute.vcpus_used, "MEMORY_MB": compute.memory_mb_used, "DISK_GB": compute.disk_gb_used}
    return {name: used[name] for name in inventories(compute)}


def traits(compute: Compute) -> list[str]:
    """A provider's traits, by name."""
    held = TRAITS if compute.enabled and not compute.forced_down else (*TRAITS, DISABLED)
    return sorted(held)


def aggregates(nova: Nova, compute: Compute) -> list[str]:
    """The uuids of the host aggregates that a provider's compute is in."""
    return [aggregate.uuid for aggregate in nova.aggregates if compute.host in aggregate.hosts]


def amounts(claim: Claim) -> dict[str, int]:
    """What a consumer holds by one claim; nothing of a class is left out."""
    held = {"VCPU": claim.resources.vcpus, "MEMORY_MB": claim.resources.memory_mb, "DISK_GB": claim.resources.disk_gb}
    return {name: amount for name, amount in held.items() if amount > 0}


def allocations(nova: Nova, consumer_id: str) -> list[tuple[Compute, Claim]]:
    """What a consumer holds, and of which provider."""
    return [(compute, compute.claims[consumer_id]) for compute in providers(nova) if consumer_id in compute.claims]


def has_room(compute: Compute, wanted: Mapping[str, int]) -> bool:
    """Whether a provider has so much of each class that nobody holds."""
    held, taken = inventories(compute), usages(compute)
    return all(name in held and taken[name] + amount <= held[name].total for name, amount in wanted.items())
