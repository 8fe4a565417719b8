"""Networks."""

from __future__ import annotations

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Attribute, Record, ResourceKind, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import conflict, invalid_input
from pytest_doctor_maint.embedded.neutron.floatingips import FloatingIps
from pytest_doctor_maint.embedded.neutron.network_access import NetworkAccess
from pytest_doctor_maint.embedded.neutron.ports import EPHEMERAL_OWNERS, Ports
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.savepoint import Restore
from pytest_doctor_maint.embedded.neutron.security_groups import SecurityGroups
from pytest_doctor_maint.embedded.neutron.sharing import EXTERNAL, SHARED, Sharing
from pytest_doctor_maint.embedded.neutron.subnet_rules import check_mtu
from pytest_doctor_maint.embedded.neutron.subnets import Subnets
from pytest_doctor_maint.embedded.neutron.table import Tables
from pytest_doctor_maint.embedded.neutron.zones import ZONES, check_zones

#: The largest and default MTU.
MTU = 1500

NETWORK = ResourceKind(
    "network",
    "networks",
    "Network",
    "NetworkNotFound",
    {
        **standard(),
        "name": Attribute(checks.text(), default=""),
        "admin_state_up": Attribute(checks.boolean, default=True),
        "status": Attribute(),
        "subnets": Attribute(),
        "shared": Attribute(checks.boolean, default=False, set_admin=True),
        "router:external": Attribute(checks.boolean, default=False, set_admin=True),
        "is_default": Attribute(checks.boolean, default=False, set_admin=True),
        "provider:network_type": Attribute(
            checks.one_of("flat", "vlan", "vxlan", "gre", "geneve", "local"), set_admin=True, see_admin=True
        ),
        "provider:physical_network": Attribute(checks.or_none(checks.text()), set_admin=True, see_admin=True),
        "provider:segmentation_id": Attribute(checks.or_none(checks.integer(1)), set_admin=True, see_admin=True),
        "mtu": Attribute(checks.integer(0, MTU), default=MTU),
        "port_security_enabled": Attribute(checks.boolean, default=True),
        "availability_zone_hints": Attribute(checks.list_of(checks.text()), default=[], put=False),
        "availability_zones": Attribute(),
        "ipv4_address_scope": Attribute(),
        "ipv6_address_scope": Attribute(),
    },
)


class Networks(Collection):
    """All networks.

    Args:
        tables: All tables.
        quotas: The limits of all projects.
        access: The rules for seeing and using networks.
        sharing: The access that policies give.
        security_groups: All security groups.
        ports: All ports.
        subnets: All subnets.
        floatingips: All floating IPs.
    """

    def __init__(
        self,
        tables: Tables,
        quotas: Quotas,
        *,
        access: NetworkAccess,
        sharing: Sharing,
        security_groups: SecurityGroups,
        ports: Ports,
        subnets: Subnets,
        floatingips: FloatingIps,
    ) -> None:
        super().__init__(tables.networks, quotas)
        self._access = access
        self._sharing = sharing
        self._security_groups = security_groups
        self._ports = ports
        self._subnets = subnets
        self._floatingips = floatingips
        self._segments = 0

    def build(self, record: Record, caller: Caller) -> Record:
        check_zones(record["availability_zone_hints"])
        if record["project_id"]:
            self._security_groups.default_of(record["project_id"])
        shared, external = record.pop("shared"), record["router:external"]
        self._segments += 1
        record.setdefault("provider:network_type", "flat" if external else "vxlan")
        flat = record["provider:network_type"] in ("flat", "local")
        record.setdefault("provider:physical_network", "public" if record["provider:network_type"] == "flat" else None)
        record.setdefault("provider:segmentation_id", None if flat else self._segments)
        record |= {
            "status": "ACTIVE",
            "subnets": [],
            "availability_zones": list(ZONES),
            "ipv4_address_scope": None,
            "ipv6_address_scope": None,
        }
        self.table.add(record)
        if shared:
            self._sharing.share(record, SHARED)
        if external:
            self._sharing.share(record, EXTERNAL)
        return record

    def keep(self) -> Restore:
        """Return a function that puts back which segments have been used."""
        segments = self._segments

        def restore() -> None:
            self._segments = segments

        return restore

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if provider := [name for name in changed if name.startswith("provider:")]:
            raise invalid_input(f"Plugin does not support updating the following provider attributes: {provider}")
        for subnet in self._access.subnets_of(record):
            check_mtu(changed.get("mtu", MTU), subnet["ip_version"])
        external = changed.get("router:external")
        if external is False and record["router:external"] and self._has_external_ports(record):
            raise conflict(
                "ExternalNetworkInUse",
                f"External network {record['id']} cannot be updated to be made non-external, since it has existing "
                "gateway ports.",
            )
        for action, granted in ((SHARED, changed.pop("shared", None)), (EXTERNAL, external)):
            if granted is True:
                self._sharing.share(record, action)
            elif granted is False:
                self._sharing.unshare(record, action)
        return self.table.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        ports = self._ports.by("network_id", record["id"])
        # Floating IPs that lead nowhere are deleted with their network.
        floatingips = [port["device_id"] for port in ports if port["device_owner"] == "network:floatingip"]
        idle = [one for one in floatingips if self._floatingips[one]["port_id"] is None]
        ports = [port for port in ports if port["device_id"] not in idle]
        if any(port["device_owner"] not in EPHEMERAL_OWNERS for port in ports):
            raise conflict(
                "NetworkInUse",
                f"Unable to complete operation on network {record['id']}. There are one or more ports still in use on "
                f"the network, id for these ports is {', '.join(port['id'] for port in ports)}.",
            )
        for floating_ip_id in idle:
            self._floatingips.delete(self._floatingips[floating_ip_id], caller)
        for port in ports:
            self._ports.remove(port)
        for subnet_id in list(record["subnets"]):
            self._subnets.remove(self._subnets[subnet_id])
        self._sharing.forget(record["id"])
        self.table.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        return self._access.visible(record, caller)

    def view(self, record: Record, caller: Caller) -> Record:
        shown = super().view(record, caller)
        shown["shared"] = self._access.shared_with(record, caller.project_id)
        return shown

    def _has_external_ports(self, record: Record) -> bool:
        owners = ("network:router_gateway", "network:floatingip")
        return any(port["device_owner"] in owners for port in self._ports.by("network_id", record["id"]))
