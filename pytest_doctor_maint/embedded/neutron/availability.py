"""How many addresses of a network are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.ipam import ends

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron


def ip_availability(neutron: Neutron, network: Record) -> Record:
    """The network's addresses and those taken, as a whole and for each subnet."""
    subnets = []
    for subnet in neutron.networks.subnets_of(network):
        spans = [ends(pool) for pool in subnet["allocation_pools"]]
        subnets.append(
            {
                "subnet_id": subnet["id"],
                "subnet_name": subnet["name"],
                "cidr": subnet["cidr"],
                "ip_version": subnet["ip_version"],
                "total_ips": sum(last - first + 1 for first, last in spans),
                "used_ips": len(neutron.subnets.addresses[subnet["id"]].taken),
            }
        )
    return {
        "network_id": network["id"],
        "network_name": network["name"],
        "tenant_id": network["project_id"],
        "project_id": network["project_id"],
        "total_ips": sum(subnet["total_ips"] for subnet in subnets),
        "used_ips": sum(subnet["used_ips"] for subnet in subnets),
        "subnet_ip_availability": subnets,
    }
