"""Ports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Kind, Record, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict, not_allowed
from pytest_doctor_maint.embedded.neutron.fixed_ips import FixedIps
from pytest_doctor_maint.embedded.neutron.ipam import eui64

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron

VNIC_TYPES = (
    "normal",
    "direct",
    "macvtap",
    "baremetal",
    "direct-physical",
    "virtio-forwarder",
    "smart-nic",
    "vdpa",
    "accelerator-direct",
    "accelerator-direct-physical",
    "remote-managed",
)
#: Ports of Neutron's own, which the port API does not delete.
ROUTER_OWNERS = ("network:router_interface", "network:router_gateway", "network:floatingip")

_FIXED_IP = checks.fields({"subnet_id": checks.uuid, "ip_address": checks.ip})
_PAIR = checks.fields({"ip_address": checks.ip_or_cidr, "mac_address": checks.mac}, required=("ip_address",))
_DHCP_OPTION = checks.fields(
    {
        "opt_name": checks.text(64, shortest=1),
        "opt_value": checks.or_none(checks.text()),
        "ip_version": checks.integer(4, 6),
    },
    required=("opt_name", "opt_value"),
)

PORT = Kind(
    "port",
    "ports",
    "Port",
    {
        **standard(),
        "name": Attribute(checks.text(), default=""),
        "network_id": Attribute(checks.uuid, default=REQUIRED, put=False),
        "admin_state_up": Attribute(checks.boolean, default=True),
        "mac_address": Attribute(checks.or_none(checks.mac)),
        "fixed_ips": Attribute(checks.list_of(_FIXED_IP)),
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
)


class Ports(Collection):
    """All ports."""

    kind = PORT
    quota = "port"
    indexed = ("device_id", "network_id")

    def __init__(self, neutron: Neutron) -> None:
        super().__init__(neutron)
        self._macs: set[tuple[str, str]] = set()
        self._fixed_ips = FixedIps(neutron)

    # -- requests ----------------------------------------------------------------------------------------------------

    def build(self, record: Record, caller: Caller) -> Record:
        network = self.neutron.networks.find(record["network_id"], caller)
        if not self.neutron.networks.owned(network, caller):
            self._check_guest(record, "create_port")
        return self.make(record, network, caller)

    def make(self, record: Record, network: Record, caller: Caller) -> Record:
        """Make a port of checked attributes; quotas and rights are the caller's business."""
        internal = record["device_owner"].startswith("network:")
        record.setdefault("port_security_enabled", network["port_security_enabled"] and not internal)
        groups = record.get("security_groups")
        if groups is None:
            default = record["port_security_enabled"] and record["project_id"]
            groups = [self.neutron.security_groups.default_of(record["project_id"])["id"]] if default else []
        else:
            self.neutron.security_groups.check_usable(groups, caller)
        record["security_groups"] = groups
        mac = self._mac(network, record.get("mac_address"))
        record["mac_address"] = mac
        self._check_security(record, given_pairs=bool(record["allowed_address_pairs"]))
        record["allowed_address_pairs"] = self._pairs(record["allowed_address_pairs"], mac)
        record["extra_dhcp_opts"] = self._dhcp_options([], record["extra_dhcp_opts"])
        record["fixed_ips"] = self._fixed_ips.assign(network, record.get("fixed_ips"), mac, record["device_owner"], ())
        self._bind(record)
        self.add(record)
        self._macs.add((network["id"], mac))
        self._fixed_ips.take(record)
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        network = self.neutron.networks[record["network_id"]]
        if not self.neutron.networks.owned(network, caller):
            self._check_guest(changed, "update_port")
        merged = {**record, **changed}
        mac = merged["mac_address"] or record["mac_address"]
        changed_mac = mac != record["mac_address"]
        if changed_mac:
            if not caller.is_admin:
                raise not_allowed("update_port:mac_address")
            if (network["id"], mac) in self._macs:
                raise self._mac_in_use(network, mac)
        if "mac_address" in changed:
            changed["mac_address"] = merged["mac_address"] = mac
        if "security_groups" in changed:
            self.neutron.security_groups.check_usable(changed["security_groups"], caller)
        self._check_security(merged, given_pairs=bool(merged["allowed_address_pairs"]))
        if "allowed_address_pairs" in changed:
            changed["allowed_address_pairs"] = self._pairs(changed["allowed_address_pairs"], mac)
        if "extra_dhcp_opts" in changed:
            changed["extra_dhcp_opts"] = self._dhcp_options(record["extra_dhcp_opts"], changed["extra_dhcp_opts"])
        if "fixed_ips" in changed:
            changed["fixed_ips"] = self._fixed_ips.assign(
                network, changed["fixed_ips"], mac, merged["device_owner"], record["fixed_ips"]
            )
        if changed_mac:
            self._macs.discard((network["id"], record["mac_address"]))
            self._macs.add((network["id"], mac))
        before = record["fixed_ips"]
        bound = {**record, **changed}
        self._bind(bound)
        changed |= {name: bound[name] for name in bound if name.startswith("binding:") or name == "status"}
        self.put(record, changed)
        if before != record["fixed_ips"]:
            self._fixed_ips.give_back(before)
            self._fixed_ips.take(record)
        self.neutron.floatingips.port_changed(record)
        return record

    def delete(self, record: Record, caller: Caller) -> None:
        if record["device_owner"] in ROUTER_OWNERS:
            raise conflict(
                "ServicePortInUse",
                f"Port {record['id']} cannot be deleted directly via the port API: has device owner "
                f"{record['device_owner']}.",
            )
        self.remove(record)

    def remove(self, record: Record) -> None:
        """Delete a port, whatever it is used for."""
        self.neutron.floatingips.port_gone(record)
        self._fixed_ips.give_back(record["fixed_ips"])
        self._macs.discard((record["network_id"], record["mac_address"]))
        self.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        if self.owned(record, caller):
            return True
        return bool(caller.project_id) and (
            self.neutron.networks[record["network_id"]]["project_id"] == caller.project_id
        )

    def owned(self, record: Record, caller: Caller) -> bool:
        # A network's owner may delete what others have on it; Neutron lets him change it as well.
        return super().owned(record, caller) or (
            bool(caller.project_id) and self.neutron.networks[record["network_id"]]["project_id"] == caller.project_id
        )

    def matches(self, record: Record, name: str, values: Sequence[str]) -> bool | None:
        if name == "fixed_ips":
            wanted: dict[str, list[str]] = {}
            for value in values:
                key, _, part = value.partition("=")
                wanted.setdefault(key, []).append(part)
            return all(self._has_address(record, key, parts) for key, parts in wanted.items())
        if name == "security_groups":
            return any(group in record["security_groups"] for group in values)
        return None

    def _has_address(self, record: Record, key: str, values: Sequence[str]) -> bool:
        if key == "ip_address_substr":
            return any(part in item["ip_address"] for item in record["fixed_ips"] for part in values)
        return any(item.get(key) in values for item in record["fixed_ips"])

    # -- for the rest of Neutron -------------------------------------------------------------------------------------

    def self_address(self, subnet: Record) -> None:
        """Let the ports of a network give themselves addresses on a new IPv6 subnet."""
        addresses = self.neutron.subnets.addresses[subnet["id"]]
        for port in self.by("network_id", subnet["network_id"]):
            if port["device_owner"] not in ROUTER_OWNERS:
                address = eui64(addresses.network, port["mac_address"])
                addresses.take(address, port["id"])
                fixed_ips = [*port["fixed_ips"], {"subnet_id": subnet["id"], "ip_address": address}]
                self.put(port, {"fixed_ips": fixed_ips})

    def add_address(self, port: Record, fixed_ip: dict[str, str]) -> None:
        """Give a port one more address.

        Raises:
            NeutronError: 400 or 409, it cannot have it.
        """
        network = self.neutron.networks[port["network_id"]]
        wanted = [*port["fixed_ips"], fixed_ip]
        fixed_ips = self._fixed_ips.assign(
            network, wanted, port["mac_address"], port["device_owner"], port["fixed_ips"]
        )
        self.put(port, {"fixed_ips": fixed_ips})
        self._fixed_ips.take(port)

    def drop_address(self, port: Record, subnet_id: str) -> None:
        """Take a port's addresses on one subnet away."""
        self._fixed_ips.give_back([item for item in port["fixed_ips"] if item["subnet_id"] == subnet_id])
        self.put(port, {"fixed_ips": [item for item in port["fixed_ips"] if item["subnet_id"] != subnet_id]})

    # -- the rules ---------------------------------------------------------------------------------------------------

    def _check_guest(self, given: Record, rule: str) -> None:
        """Whether somebody who does not own the network may ask for this."""
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

    def _check_security(self, record: Record, *, given_pairs: bool) -> None:
        if record["port_security_enabled"]:
            return
        if record["security_groups"]:
            raise conflict(
                "PortSecurityPortHasSecurityGroup",
                "Port has security group associated. Cannot disable port security or IP address until security group "
                "is removed.",
            )
        if given_pairs:
            raise conflict(
                "AddressPairAndPortSecurityRequired",
                "Port Security must be enabled in order to have allowed address pairs on a port.",
            )

    def _mac(self, network: Record, wanted: str | None) -> str:
        if wanted is not None:
            if (network["id"], wanted) in self._macs:
                raise self._mac_in_use(network, wanted)
            return wanted
        while True:
            drawn = self.neutron.core.ids.stream("mac").getrandbits(24)
            mac = f"fa:16:3e:{drawn >> 16:02x}:{drawn >> 8 & 255:02x}:{drawn & 255:02x}"
            if (network["id"], mac) not in self._macs:
                return mac

    def _mac_in_use(self, network: Record, mac: str) -> NeutronError:
        return conflict(
            "MacAddressInUse",
            f"Unable to complete operation for network {network['id']}. The mac address {mac} is in use.",
        )

    def _pairs(self, pairs: list[dict[str, Any]], mac: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for pair in pairs:
            full = {"mac_address": pair.get("mac_address", mac), "ip_address": pair["ip_address"]}
            if full in found:
                raise NeutronError(
                    400,
                    "DuplicateAddressPairInRequest",
                    f"Request contains duplicate address pair: mac_address {full['mac_address']} ip_address "
                    f"{full['ip_address']}.",
                )
            found.append(full)
        return found

    def _dhcp_options(self, have: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
        options = {(item["opt_name"], item["ip_version"]): item for item in have}
        for item in wanted:
            key = (item["opt_name"], item.get("ip_version", 4))
            if item["opt_value"] is None:
                options.pop(key, None)
            else:
                options[key] = {"opt_name": key[0], "opt_value": item["opt_value"], "ip_version": key[1]}
        return list(options.values())

    def _bind(self, record: Record) -> None:
        """Work out what follows from the port's host: how it is plugged, and its status."""
        host = record["binding:host_id"] = record["binding:host_id"] or ""
        record["binding:profile"] = record["binding:profile"] or {}
        owner = record["device_owner"]
        record["binding:vif_type"] = "ovs" if host else "unbound"
        record["binding:vif_details"] = (
            {"port_filter": True, "connectivity": "l2", "bridge_name": "br-int", "datapath_type": "system"}
            if host
            else {}
        )
        if owner == "network:floatingip":
            record["status"] = "N/A"
        else:
            # Without layer 3 agents a router's ports are as active as the router is.
            active = record["admin_state_up"] and (bool(host) or owner in ROUTER_OWNERS)
            record["status"] = "ACTIVE" if active else "DOWN"
