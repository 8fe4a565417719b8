"""Fixed IP addresses of ports."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence

from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict, invalid_input
from pytest_doctor_maint.embedded.neutron.ipam import SELF_ADDRESSED, Addresses, eui64
from pytest_doctor_maint.embedded.neutron.network_access import NetworkAccess
from pytest_doctor_maint.embedded.neutron.table import Tables

FixedIp = dict[str, str]
"""A port's address: ``subnet_id`` and ``ip_address``. One of them may be missing in a request."""

#: The check of a list of addresses. A subnet may be named several times, for several addresses on it.
FIXED_IPS = checks.list_of(
    checks.fields({"subnet_id": checks.uuid, "ip_address": checks.ip}), key=lambda item: item.get("ip_address")
)


class FixedIps:
    """Chooses addresses of ports, and allocates and releases them.

    Args:
        tables: All tables.
        networks: The rules for networks.
        addresses: The addresses of each subnet by its id.
    """

    def __init__(self, tables: Tables, *, networks: NetworkAccess, addresses: Mapping[str, Addresses]) -> None:
        self._subnets = tables.subnets
        self._networks = networks
        self._addresses = addresses

    def choose(
        self, network: Record, wanted: Sequence[FixedIp] | None, mac: str, owner: str, own: Sequence[FixedIp]
    ) -> list[FixedIp]:
        """Return the addresses that a port gets. They are not allocated yet.

        Args:
            network: The port's network.
            wanted: The request; None: one address of each IP version.
            mac: The port's MAC address.
            owner: The port's ``device_owner``.
            own: The port's present addresses.

        Raises:
            NeutronError: 400, an address or subnet is not the network's; 409, an address is taken, or none is free.
        """
        subnets = self._networks.subnets_of(network)
        if wanted is None:
            return self._default(network, subnets, mac, owner)
        found: list[FixedIp] = []
        for item in wanted:
            subnet = self._subnet_for(network, subnets, item)
            addresses = self._addresses[subnet["id"]]
            mine = [have["ip_address"] for have in own if have["subnet_id"] == subnet["id"]]
            given = [have["ip_address"] for have in found]
            address = item.get("ip_address")
            if address is None:
                kept = [one for one in mine if one not in given]
                if subnet["ipv6_address_mode"] in SELF_ADDRESSED and not owner.startswith("network:router"):
                    address = eui64(addresses.network, mac)
                elif kept:
                    address = kept[0]
                else:
                    address = addresses.next(subnet["gateway_ip"], given)
                    if address is None:
                        raise self._exhausted(network)
            if address in given or (address in addresses.taken and address not in mine):
                raise conflict(
                    "IpAddressAlreadyAllocated", f"IP address {address} already allocated in subnet {subnet['id']}"
                )
            found.append({"subnet_id": subnet["id"], "ip_address": address})
        return found

    def take(self, port: Record) -> None:
        """Allocate a port's addresses."""
        for item in port["fixed_ips"]:
            self._addresses[item["subnet_id"]].take(item["ip_address"], port["id"])

    def release(self, fixed_ips: Sequence[FixedIp]) -> None:
        """Release these addresses."""
        for item in fixed_ips:
            self._addresses[item["subnet_id"]].release(item["ip_address"])

    def compute(self, port: Record, subnet: Record) -> FixedIp:
        """Return the address that a port computes for itself on a subnet whose mode is in SELF_ADDRESSED."""
        return {
            "subnet_id": subnet["id"],
            "ip_address": eui64(self._addresses[subnet["id"]].network, port["mac_address"]),
        }

    def _default(self, network: Record, subnets: Sequence[Record], mac: str, owner: str) -> list[FixedIp]:
        usable = [subnet for subnet in subnets if not subnet["service_types"]]
        serving = [subnet for subnet in subnets if owner and owner in subnet["service_types"]]
        found: list[FixedIp] = []
        for version in (4, 6):
            family = [subnet for subnet in serving or usable if subnet["ip_version"] == version]
            pooled = [subnet for subnet in family if subnet["ipv6_address_mode"] not in SELF_ADDRESSED]
            for subnet in pooled:
                if address := self._addresses[subnet["id"]].next(subnet["gateway_ip"]):
                    found.append({"subnet_id": subnet["id"], "ip_address": address})
                    break
            else:
                if pooled:
                    raise self._exhausted(network)
            found += [
                {"subnet_id": subnet["id"], "ip_address": eui64(self._addresses[subnet["id"]].network, mac)}
                for subnet in family
                if subnet not in pooled and not owner.startswith("network:router")
            ]
        return found

    def _subnet_for(self, network: Record, subnets: Sequence[Record], item: FixedIp) -> Record:
        address = item.get("ip_address")
        if subnet_id := item.get("subnet_id"):
            subnet = self._subnets.get(subnet_id)
            if subnet is None:
                raise self._subnets.kind.missing(subnet_id)
            if subnet["network_id"] != network["id"]:
                raise invalid_input(
                    f"Failed to create port on network {network['id']}, because fixed_ips included invalid subnet "
                    f"{subnet_id}"
                )
            if address is not None and not self._fits(subnet, address):
                raise NeutronError(
                    400,
                    "InvalidIpForSubnet",
                    f"IP address {address} is not a valid IP for the specified subnet.",
                )
            return subnet
        if address is None:
            raise invalid_input("IP allocation requires subnet_id or ip_address")
        for subnet in subnets:
            if self._fits(subnet, address):
                return subnet
        raise NeutronError(
            400,
            "InvalidIpForNetwork",
            f"IP address {address} is not a valid IP for any of the subnets on the specified network.",
        )

    def _fits(self, subnet: Record, address: str) -> bool:
        block = self._addresses[subnet["id"]].network
        parsed = ipaddress.ip_address(address)
        edges = block.version == 4 and block.prefixlen < 31
        return parsed in block and not (edges and parsed in (block.network_address, block.broadcast_address))

    def _exhausted(self, network: Record) -> NeutronError:
        return conflict("IpAddressGenerationFailure", f"No more IP addresses available on network {network['id']}.")
