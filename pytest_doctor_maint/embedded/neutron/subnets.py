"""Subnets."""

from __future__ import annotations

import ipaddress
from collections.abc import MutableMapping, Sequence

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Record, ResourceKind, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection, owns
from pytest_doctor_maint.embedded.neutron.errors import bad_request, conflict, invalid_input, not_allowed
from pytest_doctor_maint.embedded.neutron.ipam import (
    IPV6_MODES,
    SELF_ADDRESSED,
    Addresses,
    Network,
    default_gateway,
    default_pools,
)
from pytest_doctor_maint.embedded.neutron.network_access import NetworkAccess
from pytest_doctor_maint.embedded.neutron.ports import EPHEMERAL_OWNERS, Ports
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.sharing import EVERYONE, SHARED, Sharing
from pytest_doctor_maint.embedded.neutron.subnet_rules import (
    check_gateway,
    check_lists,
    check_modes,
    check_mtu,
    check_pools,
)
from pytest_doctor_maint.embedded.neutron.subnetpools import SubnetPools
from pytest_doctor_maint.embedded.neutron.table import Tables

_MODE = checks.or_none(checks.one_of(*IPV6_MODES))
_RANGE = checks.fields({"start": checks.ip, "end": checks.ip}, required=("start", "end"))
_ROUTE = checks.fields({"destination": checks.cidr, "nexthop": checks.ip}, required=("destination", "nexthop"))

SUBNET = ResourceKind(
    "subnet",
    "subnets",
    "Subnet",
    "SubnetNotFound",
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
        "service_types": Attribute(checks.list_of(checks.text()), default=[], set_admin=True),
    },
    indexed=("network_id",),
)


class Subnets(Collection):
    """All subnets.

    Args:
        tables: All tables.
        quotas: The limits of all projects.
        networks: The rules for networks.
        sharing: The access that policies give.
        subnetpools: All subnet pools.
        ports: All ports.
        addresses: The addresses of each subnet by its id. Subnets are added and removed here.
    """

    def __init__(
        self,
        tables: Tables,
        quotas: Quotas,
        *,
        networks: NetworkAccess,
        sharing: Sharing,
        subnetpools: SubnetPools,
        ports: Ports,
        addresses: MutableMapping[str, Addresses],
    ) -> None:
        super().__init__(tables.subnets, quotas)
        self._networks_table = tables.networks
        self._networks = networks
        self._sharing = sharing
        self._subnetpools = subnetpools
        self._ports = ports
        self._addresses = addresses

    def authorize(self, wanted: Record, caller: Caller, action: str) -> None:
        if action == "create" and not owns(self._networks.find(wanted["network_id"], caller), caller):
            raise not_allowed("create_subnet")

    def build(self, record: Record, caller: Caller) -> Record:
        network = self._networks.find(record["network_id"], caller)
        record["ip_version"] = int(record["ip_version"])
        check_modes(record)
        block = self._range(record, caller)
        check_mtu(network["mtu"], block.version)
        for other in self._networks.subnets_of(network, block.version):
            if block.overlaps(ipaddress.ip_network(other["cidr"])):
                raise invalid_input(
                    f"Requested subnet with cidr: {block} for network: {network['id']} overlaps with another subnet"
                )
        if "gateway_ip" not in record:
            record["gateway_ip"] = default_gateway(block)
        check_gateway(block, record["gateway_ip"])
        if "allocation_pools" in record:
            check_pools(block, record["allocation_pools"], record["gateway_ip"])
        else:
            record["allocation_pools"] = default_pools(block, record["gateway_ip"])
        check_lists(record)
        self.table.add(record)
        self._addresses[record["id"]] = Addresses(block, record["allocation_pools"])
        self._networks_table.put(network, {"subnets": [*network["subnets"], record["id"]]})
        if record["ipv6_address_mode"] in SELF_ADDRESSED:
            self._ports.self_address(record)
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        block = ipaddress.ip_network(record["cidr"])
        gateway = changed.get("gateway_ip", record["gateway_ip"])
        if gateway != record["gateway_ip"]:
            holder = self._addresses[record["id"]].taken.get(record["gateway_ip"] or "")
            if holder and self._ports[holder]["device_owner"].startswith("network:router"):
                raise conflict(
                    "GatewayIpInUse",
                    f"Current gateway ip {record['gateway_ip']} already in use by port {holder}. Unable to update.",
                )
            check_gateway(block, gateway)
        if "allocation_pools" in changed or "gateway_ip" in changed:
            check_pools(block, changed.get("allocation_pools") or record["allocation_pools"], gateway)
        if changed.get("enable_dhcp") is False and (record["ipv6_ra_mode"] or record["ipv6_address_mode"]):
            raise invalid_input("enable_dhcp cannot be false while ipv6_ra_mode or ipv6_address_mode is set")
        check_lists(changed)
        if "allocation_pools" in changed:
            self._addresses[record["id"]].set_pools(changed["allocation_pools"])
        return self.table.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        users = [self._ports[port_id] for port_id in self._addresses[record["id"]].taken.values()]
        # Ports with a computed address lose it with the subnet, other than those of routers.
        computed = record["ipv6_address_mode"] in SELF_ADDRESSED
        held = [port for port in users if port["device_owner"] not in EPHEMERAL_OWNERS]
        if any(not computed or port["device_owner"].startswith("network:router") for port in held):
            raise conflict(
                "SubnetInUse",
                f"Unable to complete operation on subnet {record['id']}: One or more ports have an IP allocation from "
                "this subnet.",
            )
        for port in users:
            if port in held:
                self._ports.drop_address(port, record["id"])
            else:
                self._ports.remove(port)
        self.remove(record)

    def remove(self, record: Record) -> None:
        """Delete a subnet, whatever uses it."""
        network = self._networks_table[record["network_id"]]
        left = [subnet_id for subnet_id in network["subnets"] if subnet_id != record["id"]]
        self._networks_table.put(network, {"subnets": left})
        del self._addresses[record["id"]]
        self.table.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        if self.owned(record, caller):
            return True
        # The subnets of an external network are visible only if the network is shared as well.
        network = self._networks_table[record["network_id"]]
        return network["project_id"] == caller.project_id or self._networks.shared_with(network, caller.project_id)

    def matches(self, record: Record, name: str, values: Sequence[str]) -> bool | None:
        if name == "shared":
            # Subnets have no attribute "shared" any more, but can still be filtered by it.
            shared = self._sharing.grants(record["network_id"], EVERYONE, SHARED)
            return any((value.lower() in ("true", "1")) == shared for value in values)
        return None

    def _range(self, record: Record, caller: Caller) -> Network:
        """Set a new subnet's ``cidr``, and return it."""
        default = record.pop("use_default_subnetpool")
        if default and record["subnetpool_id"] is None and record.get("cidr") is None:
            record["subnetpool_id"] = self._subnetpools.default_for(record["ip_version"])["id"]
        prefixlen = record.pop("prefixlen")
        if record["subnetpool_id"] is not None:
            record["cidr"] = self._subnetpools.allocate(record, prefixlen, caller)
        elif record.get("cidr") is None:
            raise bad_request("Bad subnets request: a subnetpool must be specified in the absence of a cidr")
        block = ipaddress.ip_network(record["cidr"])
        if block.version != record["ip_version"]:
            raise invalid_input(
                f"ip_version {record['ip_version']} does not match the cidr {record['cidr']} of IPv{block.version}"
            )
        if block.prefixlen == 0:
            raise invalid_input(f"0 is not allowed as CIDR prefix length: {record['cidr']}")
        return block
