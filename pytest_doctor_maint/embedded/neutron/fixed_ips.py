"""Which addresses a port gets."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict, invalid_input
from pytest_doctor_maint.embedded.neutron.ipam import eui64
from pytest_doctor_maint.embedded.neutron.subnets import SELF_ADDRESSED

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron


class FixedIps:
    """Finds addresses for ports on the subnets of their networks, and keeps account of them."""

    def __init__(self, neutron: Neutron) -> None:
        self._neutron = neutron

    def assign(
        self,
        network: Record,
        wanted: list[dict[str, str]] | None,
        mac: str,
        owner: str,
        own: Sequence[dict[str, str]],
    ) -> list[dict[str, str]]:
        """The addresses that a port gets.

        Args:
            network: The port's network.
            wanted: What was asked for; None: what everybody gets.
            mac: The port's MAC address.
            owner: Its device_owner.
            own: The addresses that it has already.

        Raises:
            NeutronError: 400, an address or subnet is not the network's; 409, an address is taken, or none is left.
        """
        subnets = self._neutron.networks.subnets_of(network)
        if wanted is None:
            return self._usual(network, subnets, mac, owner)
        found: list[dict[str, str]] = []
        for item in wanted:
            subnet = self._subnet_for(network, subnets, item)
            addresses = self._neutron.subnets.addresses[subnet["id"]]
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

    def _usual(self, network: Record, subnets: Sequence[Record], mac: str, owner: str) -> list[dict[str, str]]:
        usable = [subnet for subnet in subnets if not subnet["service_types"]]
        serving = [subnet for subnet in subnets if owner and owner in subnet["service_types"]]
        found: list[dict[str, str]] = []
        for version in (4, 6):
            family = [subnet for subnet in serving or usable if subnet["ip_version"] == version]
            pooled = [subnet for subnet in family if subnet["ipv6_address_mode"] not in SELF_ADDRESSED]
            for subnet in pooled:
                addresses = self._neutron.subnets.addresses[subnet["id"]]
                if address := addresses.next(subnet["gateway_ip"]):
                    found.append({"subnet_id": subnet["id"], "ip_address": address})
                    break
            else:
                if pooled:
                    raise self._exhausted(network)
            found += [
                {"subnet_id": s["id"], "ip_address": eui64(self._neutron.subnets.addresses[s["id"]].network, mac)}
                for s in family
                if s not in pooled and not owner.startswith("network:router")
            ]
        return found

    def _subnet_for(self, network: Record, subnets: Sequence[Record], item: dict[str, str]) -> Record:
        address = item.get("ip_address")
        if subnet_id := item.get("subnet_id"):
            if subnet_id not in self._neutron.subnets:
                raise self._neutron.subnets.missing(subnet_id)
            subnet = self._neutron.subnets[subnet_id]
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
        block = self._neutron.subnets.addresses[subnet["id"]].network
        parsed = ipaddress.ip_address(address)
        edges = block.version == 4 and block.prefixlen < 31
        return parsed in block and not (edges and parsed in (block.network_address, block.broadcast_address))

    def _exhausted(self, network: Record) -> NeutronError:
        return conflict("IpAddressGenerationFailure", f"No more IP addresses available on network {network['id']}.")

    def take(self, record: Record) -> None:
        """A port has its addresses from now on."""
        for item in record["fixed_ips"]:
            self._neutron.subnets.addresses[item["subnet_id"]].take(item["ip_address"], record["id"])

    def give_back(self, fixed_ips: Sequence[dict[str, str]]) -> None:
        """Nobody has these addresses any more."""
        for item in fixed_ips:
            self._neutron.subnets.addresses[item["subnet_id"]].release(item["ip_address"])
