"""Rules for the attributes of a subnet."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Mapping, Sequence

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, bad_request, conflict, invalid_input
from pytest_doctor_maint.embedded.neutron.ipam import Network, ends

#: The largest number of items of an attribute, and the error if there are more.
_MOST = {"dns_nameservers": (5, "DNSNameServersExhausted"), "host_routes": (20, "HostRoutesExhausted")}


def check_modes(subnet: Record) -> None:
    """Check the IPv6 modes of a subnet.

    Raises:
        NeutronError: 400, the modes contradict each other or other attributes.
    """
    modes = [mode for mode in (subnet["ipv6_ra_mode"], subnet["ipv6_address_mode"]) if mode]
    if not modes:
        return
    if subnet["ip_version"] != 6:
        raise invalid_input("ipv6_ra_mode and ipv6_address_mode are for subnets with ip_version 6")
    if not subnet["enable_dhcp"]:
        raise bad_request("ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False")
    if len(set(modes)) > 1:
        raise invalid_input(
            f"ipv6_ra_mode set to '{subnet['ipv6_ra_mode']}' with ipv6_address_mode set to "
            f"'{subnet['ipv6_address_mode']}' is not valid. If both attributes are set, they must be the same value"
        )


def check_gateway(block: Network, gateway: str | None) -> None:
    """Check the gateway's address on a subnet.

    Raises:
        NeutronError: 400, the subnet cannot have this gateway.
    """
    if gateway is None:
        return
    address = ipaddress.ip_address(gateway)
    if address.version != block.version:
        raise invalid_input(f"gateway_ip '{gateway}' does not match the ip_version '{block.version}'")
    edges = (block.network_address, block.broadcast_address)
    if block.version == 4 and block.prefixlen < 31 and address in edges:
        raise invalid_input("Gateway is not valid on subnet")


def check_pools(block: Network, pools: Sequence[Mapping[str, str]], gateway: str | None) -> None:
    """Check the allocation pools of a subnet.

    Raises:
        NeutronError: 400, a pool is not in the subnet; 409, pools overlap, or one has the gateway's address.
    """
    spans = []
    for pool in pools:
        name = f"{pool['start']}-{pool['end']}"
        first, last = ipaddress.ip_address(pool["start"]), ipaddress.ip_address(pool["end"])
        if first.version != block.version or last.version != block.version or int(first) > int(last):
            raise NeutronError(400, "InvalidAllocationPool", f"The allocation pool {name} is not valid.")
        edges = (block.network_address, block.broadcast_address) if block.version == 4 and block.prefixlen < 31 else ()
        if first not in block or last not in block or first in edges or last in edges:
            raise NeutronError(
                400,
                "OutOfBoundsAllocationPool",
                f"The allocation pool {name} spans beyond the subnet cidr {block}.",
            )
        if gateway is not None and int(first) <= int(ipaddress.ip_address(gateway)) <= int(last):
            raise conflict(
                "GatewayConflictWithAllocationPools",
                f"Gateway ip {gateway} conflicts with allocation pool {name}.",
            )
        spans.append((*ends(pool), name))
    spans.sort()
    for (_, last_end, one), (start, _, two) in itertools.pairwise(spans):
        if start <= last_end:
            raise conflict(
                "OverlappingAllocationPools", f"Found overlapping allocation pools: {one} {two} for subnet {block}."
            )


def check_lists(subnet: Record) -> None:
    """Check the number of name servers and host routes, where ``subnet`` has them.

    Raises:
        NeutronError: 400, there are too many.
    """
    for name, (most, kind) in _MOST.items():
        if len(subnet.get(name, ())) > most:
            raise NeutronError(400, kind, f"A subnet has at most {most} {name}.")


def check_mtu(mtu: int, version: int) -> None:
    """Check that the MTU of a network is large enough for a subnet of this IP version.

    Raises:
        NeutronError: 409, it is too small.
    """
    least = 68 if version == 4 else 1280
    if mtu < least:
        raise conflict("NetworkMTUSubnetConflict", f"The MTU {mtu} is below {least}, the least for IPv{version}.")
