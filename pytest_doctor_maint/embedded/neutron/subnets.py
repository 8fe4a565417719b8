"""Subnets."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Kind, Record, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, bad_request, conflict, invalid_input, not_allowed
from pytest_doctor_maint.embedded.neutron.ipam import Addresses, default_gateway, default_pools, ends
from pytest_doctor_maint.embedded.neutron.networks import EPHEMERAL_OWNERS
from pytest_doctor_maint.embedded.neutron.rbac import EVERYONE

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron

IPV6_MODES = ("slaac", "dhcpv6-stateful", "dhcpv6-stateless")
#: Modes in which a port makes its address of its MAC address.
SELF_ADDRESSED = ("slaac", "dhcpv6-stateless")

_MODE = checks.or_none(checks.one_of(*IPV6_MODES))
_RANGE = checks.fields({"start": checks.ip, "end": checks.ip}, required=("start", "end"))
_ROUTE = checks.fields({"destination": checks.cidr, "nexthop": checks.ip}, required=("destination", "nexthop"))

SUBNET = Kind(
    "subnet",
    "subnets",
    "Subnet",
    {
        **standard(),
        "name": Attribute(checks.text(), default=""),
        "network_id": Attribute(checks.uuid, default=REQUIRED, put=False),
        "ip_version": Attribute(checks.one_of(4, 6, "4", "6"), default=REQUIRED, put=False),
        "cidr": Attribute(checks.or_none(checks.cidr), put=False),
        "subnetpool_id": Attribute(checks.or_none(checks.text()), default=None, put=False),
        "prefixlen": Attribute(checks.or_none(checks.integer(0, 128)), default=None, put=False, shown=False),
        "use_default_subnetpool": Attribute(checks.boolean, default=False, put=False, shown=False),
        "gateway_ip": Attribute(checks.or_none(checks.ip)),
        "allocation_pools": Attribute(checks.list_of(_RANGE)),
        "dns_nameservers": Attribute(checks.list_of(checks.ip), default=[]),
        "host_routes": Attribute(checks.list_of(_ROUTE), default=[]),
        "enable_dhcp": Attribute(checks.boolean, default=True),
        "ipv6_ra_mode": Attribute(_MODE, default=None, put=False),
        "ipv6_address_mode": Attribute(_MODE, default=None, put=False),
        "service_types": Attribute(checks.list_of(checks.text()), default=[]),
    },
)


class Subnets(Collection):
    """All subnets.

    Attributes:
        addresses: The addresses of each subnet, by its id.
    """

    kind = SUBNET
    quota = "subnet"
    indexed = ("network_id",)

    def __init__(self, neutron: Neutron) -> None:
        super().__init__(neutron)
        self.addresses: dict[str, Addresses] = {}

    def build(self, record: Record, caller: Caller) -> Record:
        network = self.neutron.networks.find(record["network_id"], caller)
        if not self.neutron.networks.owned(network, caller):
            raise not_allowed("create_subnet")
        record["ip_version"] = int(record["ip_version"])
        self._check_modes(record)
        if record.pop("use_default_subnetpool") and record["subnetpool_id"] is None and record.get("cidr") is None:
            record["subnetpool_id"] = self.neutron.subnetpools.default_for(record["ip_version"])["id"]
        prefixlen = record.pop("prefixlen")
        if record["subnetpool_id"] is not None:
            record["cidr"] = self.neutron.subnetpools.cut(record, prefixlen, caller)
        elif record.get("cidr") is None:
            raise bad_request("Bad subnets request: a subnetpool must be specified in the absence of a cidr")
        block = ipaddress.ip_network(record["cidr"])
        if block.version != record["ip_version"]:
            raise invalid_input(
                f"ip_version {record['ip_version']} does not match the cidr {record['cidr']} of IPv{block.version}"
            )
        if block.prefixlen == 0:
            raise invalid_input(f"0 is not allowed as CIDR prefix length: {record['cidr']}")
        self.neutron.networks.check_mtu(network["mtu"], block.version)
        for other in self.neutron.networks.subnets_of(network, block.version):
            if block.overlaps(ipaddress.ip_network(other["cidr"])):
                raise invalid_input(
                    f"Requested subnet with cidr: {block} for network: {network['id']} overlaps with another subnet"
                )
        if "gateway_ip" not in record:
            record["gateway_ip"] = default_gateway(block)
        self._check_gateway(block, record["gateway_ip"])
        if "allocation_pools" in record:
            self._check_pools(block, record["allocation_pools"], record["gateway_ip"])
        else:
            record["allocation_pools"] = default_pools(block, record["gateway_ip"])
        self._check_lists(record)
        self.add(record)
        self.addresses[record["id"]] = Addresses(block, record["allocation_pools"])
        self.neutron.networks.put(network, {"subnets": [*network["subnets"], record["id"]]})
        if record["ipv6_address_mode"] in SELF_ADDRESSED:
            self.neutron.ports.self_address(record)
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        block = ipaddress.ip_network(record["cidr"])
        gateway = changed.get("gateway_ip", record["gateway_ip"])
        if gateway != record["gateway_ip"]:
            holder = self.addresses[record["id"]].taken.get(record["gateway_ip"] or "")
            if holder and self.neutron.ports[holder]["device_owner"].startswith("network:router"):
                raise conflict(
                    "GatewayIpInUse",
                    f"Current gateway ip {record['gateway_ip']} already in use by port {holder}. Unable to update.",
                )
            self._check_gateway(block, gateway)
        if "allocation_pools" in changed or "gateway_ip" in changed:
            self._check_pools(block, changed.get("allocation_pools") or record["allocation_pools"], gateway)
        if changed.get("enable_dhcp") is False and (record["ipv6_ra_mode"] or record["ipv6_address_mode"]):
            raise invalid_input("enable_dhcp cannot be false while ipv6_ra_mode or ipv6_address_mode is set")
        self._check_lists(changed)
        if "allocation_pools" in changed:
            self.addresses[record["id"]].set_pools(changed["allocation_pools"])
        return self.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        users = [self.neutron.ports[port_id] for port_id in self.addresses[record["id"]].taken.values()]
        # Ports that gave themselves their address lose it with the subnet; those of routers hold theirs.
        free = record["ipv6_address_mode"] in SELF_ADDRESSED
        held = [port for port in users if port["device_owner"] not in EPHEMERAL_OWNERS]
        if any(not free or port["device_owner"].startswith("network:router") for port in held):
            raise conflict(
                "SubnetInUse",
                f"Unable to complete operation on subnet {record['id']}: One or more ports have an IP allocation from "
                "this subnet.",
            )
        for port in users:
            if port in held:
                self.neutron.ports.drop_address(port, record["id"])
            else:
                self.neutron.ports.remove(port)
        self.remove(record)

    def remove(self, record: Record) -> None:
        """Delete a subnet without asking who uses it."""
        network = self.neutron.networks[record["network_id"]]
        left = [subnet_id for subnet_id in network["subnets"] if subnet_id != record["id"]]
        self.neutron.networks.put(network, {"subnets": left})
        del self.addresses[record["id"]]
        self.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        if self.owned(record, caller):
            return True
        # What an external network is made of is nobody's business, unless it is shared as well.
        network = self.neutron.networks[record["network_id"]]
        return network["project_id"] == caller.project_id or self.neutron.networks.shared_with(
            network, caller.project_id
        )

    def matches(self, record: Record, name: str, values: Sequence[str]) -> bool | None:
        if name == "shared":
            # Not an attribute, but what subnets have been filtered by since they had it.
            shared = self.neutron.rbac_policies.grants(record["network_id"], EVERYONE, "access_as_shared")
            return any((value.lower() in ("true", "1")) == shared for value in values)
        return None

    # -- the rules ---------------------------------------------------------------------------------------------------

    def _check_modes(self, record: Record) -> None:
        modes = [mode for mode in (record["ipv6_ra_mode"], record["ipv6_address_mode"]) if mode]
        if not modes:
            return
        if record["ip_version"] != 6:
            raise invalid_input("ipv6_ra_mode and ipv6_address_mode are for subnets with ip_version 6")
        if not record["enable_dhcp"]:
            raise bad_request("ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False")
        if len(set(modes)) > 1:
            raise invalid_input(
                f"ipv6_ra_mode set to '{record['ipv6_ra_mode']}' with ipv6_address_mode set to "
                f"'{record['ipv6_address_mode']}' is not valid. If both attributes are set, they must be the same value"
            )

    def _check_gateway(self, block: Any, gateway: str | None) -> None:
        if gateway is None:
            return
        address = ipaddress.ip_address(gateway)
        if address.version != block.version:
            raise invalid_input(f"gateway_ip '{gateway}' does not match the ip_version '{block.version}'")
        edges = (block.network_address, block.broadcast_address)
        if block.version == 4 and block.prefixlen < 31 and address in edges:
            raise invalid_input("Gateway is not valid on subnet")

    def _check_pools(self, block: Any, pools: list[dict[str, str]], gateway: str | None) -> None:
        spans = []
        for pool in pools:
            name = f"{pool['start']}-{pool['end']}"
            first, last = ipaddress.ip_address(pool["start"]), ipaddress.ip_address(pool["end"])
            if first.version != block.version or last.version != block.version or int(first) > int(last):
                raise NeutronError(400, "InvalidAllocationPool", f"The allocation pool {name} is not valid.")
            inner = (
                {block.network_address, block.broadcast_address} if block.version == 4 and block.prefixlen < 31 else ()
            )
            if first not in block or last not in block or first in inner or last in inner:
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

    def _check_lists(self, record: Record) -> None:
        for name, most in (("dns_nameservers", 5), ("host_routes", 20)):
            if len(record.get(name, ())) > most:
                kind = "DNSNameServersExhausted" if name == "dns_nameservers" else "HostRoutesExhausted"
                raise NeutronError(400, kind, f"A subnet has at most {most} {name}.")
