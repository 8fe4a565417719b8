"""Ports."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Record, ResourceKind, standard
from pytest_doctor_maint.embedded.neutron.binding import ROUTER_OWNERS, VNIC_TYPES, bind
from pytest_doctor_maint.embedded.neutron.bodies import creation
from pytest_doctor_maint.embedded.neutron.collection import INTERNAL, Collection, owns
from pytest_doctor_maint.embedded.neutron.errors import conflict, not_allowed
from pytest_doctor_maint.embedded.neutron.fixed_ips import FIXED_IPS, FixedIp, FixedIps
from pytest_doctor_maint.embedded.neutron.floating_ip_targets import FloatingIpTargets
from pytest_doctor_maint.embedded.neutron.macs import MacAddresses
from pytest_doctor_maint.embedded.neutron.network_access import NetworkAccess
from pytest_doctor_maint.embedded.neutron.port_extensions import (
    check_port_security,
    complete_pairs,
    merge_dhcp_options,
)
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.security_groups import SecurityGroups
from pytest_doctor_maint.embedded.neutron.table import Tables

#: The owners of ports that are deleted with their network or subnet.
EPHEMERAL_OWNERS = ("network:dhcp",)

_PAIR = checks.fields({"ip_address": checks.ip_or_cidr, "mac_address": checks.mac}, required=("ip_address",))
_DHCP_OPTION = checks.fields(
    {
        "opt_name": checks.text(64, shortest=1),
        "opt_value": checks.or_none(checks.text()),
        "ip_version": checks.integer(4, 6),
    },
    required=("opt_name", "opt_value"),
)

PORT = ResourceKind(
    "port",
    "ports",
    "Port",
    "PortNotFound",
    {
        **standard(),
        "name": Attribute(checks.text(), default=""),
        "network_id": Attribute(checks.uuid, default=REQUIRED, put=False),
        "admin_state_up": Attribute(checks.boolean, default=True),
        "mac_address": Attribute(checks.or_none(checks.mac)),
        "fixed_ips": Attribute(FIXED_IPS),
        "device_id": Attribute(checks.text(), default=""),
        "device_owner": Attribute(checks.text(), default=""),
        "status": Attribute(),
        "security_groups": Attribute(checks.list_of(checks.uuid)),
        "allowed_address_pairs": Attribute(checks.list_of(_PAIR), default=[]),
        "extra_dhcp_opts": Attribute(checks.list_of(_DHCP_OPTION), default=[]),
        "port_security_enabled": Attribute(checks.boolean),
        "binding:host_id": Attribute(checks.or_none(checks.text()), default="", set_admin=True, see_admin=True),
        "binding:profile": Attribute(checks.or_none(checks.mapping), default={}, set_admin=True, see_admin=True),
        "binding:vnic_type": Attribute(checks.one_of(*VNIC_TYPES), default="normal"),
        "binding:vif_type": Attribute(see_admin=True),
        "binding:vif_details": Attribute(see_admin=True),
    },
    indexed=("device_id", "network_id"),
)


class Ports(Collection):
    """All ports.

    Args:
        tables: All tables.
        quotas: The limits of all projects.
        networks: The rules for networks.
        security_groups: All security groups.
        fixed_ips: Chooses and allocates addresses.
        macs: The MAC addresses in use.
        targets: Follows the changes of ports that floating IPs lead to.
    """

    def __init__(
        self,
        tables: Tables,
        quotas: Quotas,
        *,
        networks: NetworkAccess,
        security_groups: SecurityGroups,
        fixed_ips: FixedIps,
        macs: MacAddresses,
        targets: FloatingIpTargets,
    ) -> None:
        super().__init__(tables.ports, quotas)
        self._networks_table = tables.networks
        self._networks = networks
        self._security_groups = security_groups
        self._fixed_ips = fixed_ips
        self._macs = macs
        self._targets = targets

    # -- requests ----------------------------------------------------------------------------------------------------

    def authorize(self, wanted: Record, caller: Caller, action: str) -> None:
        if action == "create" and not owns(self._networks.find(wanted["network_id"], caller), caller):
            _check_guest(wanted, "create_port")

    def build(self, record: Record, caller: Caller) -> Record:
        return self._make(record, self._networks.find(record["network_id"], caller), caller)

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        network = self._network_of(record)
        if not owns(network, caller):
            _check_guest(changed, "update_port")
        merged = {**record, **changed}
        mac = merged["mac_address"] or record["mac_address"]
        changed_mac = mac != record["mac_address"]
        if changed_mac:
            if not caller.is_admin:
                raise not_allowed("update_port:mac_address")
            self._macs.check_free(network["id"], mac)
        if "mac_address" in changed:
            changed["mac_address"] = merged["mac_address"] = mac
        if "security_groups" in changed:
            self._security_groups.check_usable(changed["security_groups"], caller)
        check_port_security(merged)
        if "allowed_address_pairs" in changed:
            changed["allowed_address_pairs"] = complete_pairs(changed["allowed_address_pairs"], mac)
        if "extra_dhcp_opts" in changed:
            changed["extra_dhcp_opts"] = merge_dhcp_options(record["extra_dhcp_opts"], changed["extra_dhcp_opts"])
        if "fixed_ips" in changed:
            changed["fixed_ips"] = self._fixed_ips.choose(
                network, changed["fixed_ips"], mac, merged["device_owner"], record["fixed_ips"]
            )
        if changed_mac:
            self._macs.release(network["id"], record["mac_address"])
            self._macs.take(network["id"], mac)
        before = record["fixed_ips"]
        bound = {**record, **changed}
        bind(bound)
        changed |= {name: bound[name] for name in bound if name.startswith("binding:") or name == "status"}
        self.table.put(record, changed)
        if before != record["fixed_ips"]:
            self._fixed_ips.release(before)
            self._fixed_ips.take(record)
        self._targets.port_changed(record)
        return record

    def delete(self, record: Record, caller: Caller) -> None:
        if record["device_owner"] in ROUTER_OWNERS:
            raise conflict(
                "ServicePortInUse",
                f"Port {record['id']} cannot be deleted directly via the port API: has device owner "
                f"{record['device_owner']}.",
            )
        self.remove(record)

    def owned(self, record: Record, caller: Caller) -> bool:
        # As in Neutron, a network's owner may change and delete the ports of other projects on the network.
        return super().owned(record, caller) or (
            bool(caller.project_id) and self._network_of(record)["project_id"] == caller.project_id
        )

    def matches(self, record: Record, name: str, values: Sequence[str]) -> bool | None:
        if name == "fixed_ips":
            wanted: dict[str, list[str]] = {}
            for value in values:
                key, _, part = value.partition("=")
                wanted.setdefault(key, []).append(part)
            return all(_has_address(record, key, parts) for key, parts in wanted.items())
        if name == "security_groups":
            return any(group in record["security_groups"] for group in values)
        return None

    # -- for other parts of Neutron ----------------------------------------------------------------------------------

    def make_for_device(
        self,
        network: Record,
        *,
        device_owner: str,
        device_id: str,
        project_id: str = "",
        fixed_ips: Sequence[FixedIp] | None = None,
        security_groups: Sequence[str] | None = None,
    ) -> Record:
        """Create a port for a device of the cloud. No quota applies.

        Args:
            network: The network.
            device_owner: The type of the device.
            device_id: The device.
            project_id: The project that owns the port; empty for Neutron itself.
            fixed_ips: The port's addresses; None: one of each IP version.
            security_groups: The ids of the port's security groups; None: the project's group ``default``.

        Raises:
            NeutronError: 400 or 409, the port cannot have its addresses.
        """
        body: Record = {
            "project_id": project_id,
            "network_id": network["id"],
            "device_owner": device_owner,
            "device_id": device_id,
        }
        if fixed_ips is not None:
            body["fixed_ips"] = list(fixed_ips)
        if security_groups is not None:
            body["security_groups"] = list(security_groups)
        return self._make(creation(self.kind, body, INTERNAL), network, INTERNAL)

    def remove(self, record: Record) -> None:
        """Delete a port, whatever uses it."""
        self._targets.port_removed(record)
        self._fixed_ips.release(record["fixed_ips"])
        self._macs.release(record["network_id"], record["mac_address"])
        self.table.drop(record)

    def self_address(self, subnet: Record) -> None:
        """Give the ports of a network their addresses on a new subnet whose mode is in SELF_ADDRESSED."""
        for port in self.by("network_id", subnet["network_id"]):
            if port["device_owner"] not in ROUTER_OWNERS:
                self.table.put(port, {"fixed_ips": [*port["fixed_ips"], self._fixed_ips.compute(port, subnet)]})
                self._fixed_ips.take(port)

    def add_address(self, port: Record, fixed_ip: FixedIp) -> None:
        """Give a port one more address.

        Raises:
            NeutronError: 400 or 409, the port cannot have it.
        """
        wanted = [*port["fixed_ips"], fixed_ip]
        fixed_ips = self._fixed_ips.choose(
            self._network_of(port), wanted, port["mac_address"], port["device_owner"], port["fixed_ips"]
        )
        self.table.put(port, {"fixed_ips": fixed_ips})
        self._fixed_ips.take(port)

    def drop_address(self, port: Record, subnet_id: str) -> None:
        """Remove a port's addresses on one subnet."""
        self._fixed_ips.release([item for item in port["fixed_ips"] if item["subnet_id"] == subnet_id])
        self.table.put(port, {"fixed_ips": [item for item in port["fixed_ips"] if item["subnet_id"] != subnet_id]})

    def _make(self, record: Record, network: Record, caller: Caller) -> Record:
        """Create a port of checked attributes."""
        internal = record["device_owner"].startswith("network:")
        record.setdefault("port_security_enabled", network["port_security_enabled"] and not internal)
        groups = record.get("security_groups")
        if groups is None:
            default = record["port_security_enabled"] and record["project_id"]
            groups = [self._security_groups.default_of(record["project_id"])["id"]] if default else []
        else:
            self._security_groups.check_usable(groups, caller)
        record["security_groups"] = groups
        mac = record.get("mac_address")
        if mac is None:
            mac = self._macs.new(network["id"])
        self._macs.check_free(network["id"], mac)
        record["mac_address"] = mac
        check_port_security(record)
        record["allowed_address_pairs"] = complete_pairs(record["allowed_address_pairs"], mac)
        record["extra_dhcp_opts"] = merge_dhcp_options([], record["extra_dhcp_opts"])
        record["fixed_ips"] = self._fixed_ips.choose(network, record.get("fixed_ips"), mac, record["device_owner"], ())
        bind(record)
        self.table.add(record)
        self._macs.take(network["id"], mac)
        self._fixed_ips.take(record)
        return record

    def _network_of(self, port: Record) -> Record:
        return self._networks_table[port["network_id"]]


def _check_guest(given: Record, rule: str) -> None:
    """Raise an error if only the network's owner may set what is given."""
    if given.get("mac_address") is not None:
        raise not_allowed(f"{rule}:mac_address")
    if any("ip_address" in item for item in given.get("fixed_ips") or ()):
        raise not_allowed(f"{rule}:fixed_ips:ip_address")
    if given.get("device_owner", "").startswith("network:"):
        raise not_allowed(f"{rule}:device_owner")
    if given.get("allowed_address_pairs"):
        raise not_allowed(f"{rule}:allowed_address_pairs")
    if "port_security_enabled" in given:
        raise not_allowed(f"{rule}:port_security_enabled")


def _has_address(port: Record, key: str, values: Sequence[str]) -> bool:
    if key == "ip_address_substr":
        return any(part in item["ip_address"] for item in port["fixed_ips"] for part in values)
    return any(item.get(key) in values for item in port["fixed_ips"])
