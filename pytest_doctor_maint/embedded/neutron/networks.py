"""Networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Attribute, Kind, Record, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import bad_request, conflict

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron

MTU = 1500
#: Owners of ports that go away with their network or subnet.
EPHEMERAL_OWNERS = ("network:dhcp",)

NETWORK = Kind(
    "network",
    "networks",
    "Network",
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
            checks.one_of("flat", "vlan", "vxlan", "gre", "geneve", "local"), set_admin=True, see_admin=True, put=False
        ),
        "provider:physical_network": Attribute(
            checks.or_none(checks.text()), set_admin=True, see_admin=True, put=False
        ),
        "provider:segmentation_id": Attribute(
            checks.or_none(checks.integer(1)), set_admin=True, see_admin=True, put=False
        ),
        "mtu": Attribute(checks.integer(0, MTU), default=MTU),
        "port_security_enabled": Attribute(checks.boolean, default=True),
        "availability_zone_hints": Attribute(checks.list_of(checks.text()), default=[], put=False),
        "availability_zones": Attribute(),
        "ipv4_address_scope": Attribute(),
        "ipv6_address_scope": Attribute(),
    },
)


class Networks(Collection):
    """All networks."""

    kind = NETWORK
    quota = "network"

    def __init__(self, neutron: Neutron) -> None:
        super().__init__(neutron)
        self._segments = 0

    def build(self, record: Record, caller: Caller) -> Record:
        self.neutron.agents.check_zones(record["availability_zone_hints"])
        if record["project_id"]:
            self.neutron.security_groups.default_of(record["project_id"])
        shared, external = record.pop("shared"), record["router:external"]
        self._segments += 1
        record.setdefault("provider:network_type", "flat" if record["router:external"] else "vxlan")
        flat = record["provider:network_type"] in ("flat", "local")
        record.setdefault("provider:physical_network", "public" if record["provider:network_type"] == "flat" else None)
        record.setdefault("provider:segmentation_id", None if flat else self._segments)
        record |= {
            "status": "ACTIVE",
            "subnets": [],
            "availability_zones": self.neutron.agents.zones(),
            "ipv4_address_scope": None,
            "ipv6_address_scope": None,
        }
        self.add(record)
        if shared:
            self.neutron.rbac_policies.share(record, "access_as_shared")
        if external:
            self.neutron.rbac_policies.share(record, "access_as_external")
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        for subnet in self.subnets_of(record):
            self.check_mtu(changed.get("mtu", MTU), subnet["ip_version"])
        if changed.get("router:external") is False and record["router:external"]:
            used = [
                port["id"]
                for port in self.neutron.ports.by("network_id", record["id"])
                if port["device_owner"] in ("network:router_gateway", "network:floatingip")
            ]
            if used:
                raise conflict(
                    "ExternalNetworkInUse",
                    f"External network {record['id']} cannot be updated to be made non-external, since it has existing "
                    "gateway ports.",
                )
        shared = changed.pop("shared", None)
        if shared is True:
            self.neutron.rbac_policies.share(record, "access_as_shared")
        elif shared is False:
            self.neutron.rbac_policies.unshare(record, "access_as_shared")
        if changed.get("router:external") is True:
            self.neutron.rbac_policies.share(record, "access_as_external")
        elif changed.get("router:external") is False:
            self.neutron.rbac_policies.unshare(record, "access_as_external")
        return self.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        ports = self.neutron.ports.by("network_id", record["id"])
        # Floating IPs that lead nowhere go with their network.
        floatingips = [port["device_id"] for port in ports if port["device_owner"] == "network:floatingip"]
        idle = [one for one in floatingips if self.neutron.floatingips[one]["port_id"] is None]
        ports = [port for port in ports if port["device_id"] not in idle]
        if any(port["device_owner"] not in EPHEMERAL_OWNERS for port in ports):
            raise conflict(
                "NetworkInUse",
                f"Unable to complete operation on network {record['id']}. There are one or more ports still in use on "
                f"the network, id for these ports is {', '.join(port['id'] for port in ports)}.",
            )
        for floating_ip_id in idle:
            self.neutron.floatingips.delete(self.neutron.floatingips[floating_ip_id], caller)
        for port in ports:
            self.neutron.ports.remove(port)
        for subnet_id in list(record["subnets"]):
            self.neutron.subnets.remove(self.neutron.subnets[subnet_id])
        self.neutron.rbac_policies.forget(record["id"])
        self.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        grants = self.neutron.rbac_policies.grants
        return (
            self.owned(record, caller)
            or grants(record["id"], caller.project_id, "access_as_external")
            or self.shared_with(record, caller.project_id)
        )

    def shared_with(self, record: Record, project_id: str) -> bool:
        """Whether the network is shared with the project, alone or with all."""
        return self.neutron.rbac_policies.grants(record["id"], project_id, "access_as_shared")

    def usable(self, record: Record, caller: Caller) -> bool:
        """Whether the caller may make ports on it."""
        return self.visible(record, caller)

    def view(self, record: Record, caller: Caller) -> Record:
        shown = super().view(record, caller)
        shown["shared"] = self.shared_with(record, caller.project_id)
        return shown

    def for_project(self, project_id: str) -> list[Record]:
        """The networks that a server of the project can be put on without naming one: its own, and those shared."""
        return [record for record in self if record["project_id"] == project_id or self.shared_with(record, project_id)]

    def check_mtu(self, mtu: int, version: int) -> None:
        """Whether the MTU is enough for a subnet of this IP version.

        Raises:
            NeutronError: 409, it is not.
        """
        least = 68 if version == 4 else 1280
        if mtu < least:
            raise conflict("NetworkMTUSubnetConflict", f"The MTU {mtu} is below {least}, the least for IPv{version}.")

    def external(self, network_id: str, caller: Caller, wrong: str) -> Record:
        """The external network with this id.

        Args:
            network_id: The id.
            caller: Who asks.
            wrong: What is wrong with a network that is not external.

        Raises:
            NeutronError: 404, there is none; 400, it is not external.
        """
        record = self.find(network_id, caller)
        if not record["router:external"]:
            raise bad_request(wrong)
        return record

    def subnets_of(self, record: Record, version: int | None = None) -> Sequence[Record]:
        """The network's subnets, in the order of their creation."""
        found = [self.neutron.subnets[subnet_id] for subnet_id in record["subnets"]]
        return [subnet for subnet in found if version in (None, subnet["ip_version"])]
