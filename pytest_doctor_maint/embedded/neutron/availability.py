"""The number of free and allocated addresses of networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.ipam import Addresses, ends


def ip_availability(network: Record, subnets: Sequence[Record], addresses: Mapping[str, Addresses]) -> Record:
    """Return the numbers of all and of allocated addresses of a network and of each of its subnets.

    Args:
        network: The network.
        subnets: Its subnets.
        addresses: The addresses of each subnet by its id.
    """
    shown = []
    for subnet in subnets:
        spans = [ends(pool) for pool in subnet["allocation_pools"]]
        shown.append(
            {
                "subnet_id": subnet["id"],
                "subnet_name": subnet["name"],
                "cidr": subnet["cidr"],
                "ip_version": subnet["ip_version"],
                "total_ips": sum(last - first + 1 for first, last in spans),
                "used_ips": len(addresses[subnet["id"]].taken),
            }
        )
    return {
        "network_id": network["id"],
        "network_name": network["name"],
        "tenant_id": network["project_id"],
        "project_id": network["project_id"],
        "total_ips": sum(subnet["total_ips"] for subnet in shown),
        "used_ips": sum(subnet["used_ips"] for subnet in shown),
        "subnet_ip_availability": shown,
    }
