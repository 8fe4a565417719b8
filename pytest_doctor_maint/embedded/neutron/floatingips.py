"""Floating IPs."""

from __future__ import annotations

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Record, ResourceKind, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import bad_request, conflict, not_found
from pytest_doctor_maint.embedded.neutron.floating_ip_targets import FloatingIpTargets
from pytest_doctor_maint.embedded.neutron.network_access import NetworkAccess
from pytest_doctor_maint.embedded.neutron.ports import Ports
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.router_interfaces import RouterInterfaces
from pytest_doctor_maint.embedded.neutron.table import Tables

FLOATING_IP = ResourceKind(
    "floatingip",
    "floatingips",
    "Floating IP",
    "FloatingIPNotFound",
    {
        **standard(),
        "floating_network_id": Attribute(checks.uuid, default=REQUIRED, put=False),
        "floating_ip_address": Attribute(checks.or_none(checks.ip), default=None, put=False, set_admin=True),
        "subnet_id": Attribute(checks.or_none(checks.uuid), default=None, put=False, shown=False),
        "port_id": Attribute(checks.or_none(checks.uuid), default=None),
        "fixed_ip_address": Attribute(checks.or_none(checks.ip), default=None),
        "router_id": Attribute(),
        "status": Attribute(),
        "port_details": Attribute(),
    },
    indexed=("port_id", "floating_ip_address", "router_id"),
)
_PORT_DETAILS = ("name", "network_id", "mac_address", "admin_state_up", "status", "device_id", "device_owner")


class FloatingIps(Collection):
    """All floating IPs. Each has a port on the external network, which holds its address.

    Args:
        tables: All tables.
        quotas: The limits of all projects.
        networks: The rules for networks.
        ports: All ports.
        interfaces: The routers' interfaces.
        targets: Records which servers the floating IPs lead to.
    """

    def __init__(
        self,
        tables: Tables,
        quotas: Quotas,
        *,
        networks: NetworkAccess,
        ports: Ports,
        interfaces: RouterInterfaces,
        targets: FloatingIpTargets,
    ) -> None:
        super().__init__(tables.floatingips, quotas)
        self._networks = networks
        self._ports = ports
        self._interfaces = interfaces
        self._targets = targets

    def build(self, record: Record, caller: Caller) -> Record:
        network_id = record["floating_network_id"]
        network = self._networks.find_external(
            network_id, caller, f"Network {network_id} is not a valid external network"
        )
        subnet_id = record.pop("subnet_id")
        target = self._target(record, record, caller)
        fixed_ip: dict[str, str] = {}
        if subnet_id:
            fixed_ip["subnet_id"] = subnet_id
        if record["floating_ip_address"]:
            fixed_ip["ip_address"] = record["floating_ip_address"]
        if not self._networks.subnets_of(network, 4):
            raise bad_request(f"Network {network_id} does not contain any IPv4 subnet")
        floating_ip_id = self.table.new_id()
        port = self._ports.make_for_device(
            network,
            device_owner="network:floatingip",
            device_id=floating_ip_id,
            fixed_ips=[fixed_ip] if fixed_ip else None,
        )
        addresses = [item["ip_address"] for item in port["fixed_ips"] if ":" not in item["ip_address"]]
        record |= target
        record["floating_ip_address"] = addresses[0]
        record["status"] = "ACTIVE" if record["port_id"] else "DOWN"
        self.table.add(record, floating_ip_id)
        self._targets.record(record)
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if "port_id" in changed or "fixed_ip_address" in changed:
            changed |= self._target(record, {**record, **changed}, caller, moved="port_id" in changed)
            changed["status"] = "ACTIVE" if changed["port_id"] else "DOWN"
        self.table.put(record, changed)
        self._targets.record(record)
        return record

    def moves(self, record: Record, changed: Record, caller: Caller) -> bool:
        """Return True if the floating IP leads elsewhere after a change.

        Raises:
            NeutronError: 400, 404 or 409, it cannot lead there.
        """
        if "port_id" not in changed and "fixed_ip_address" not in changed:
            return False
        target = self._target(record, {**record, **changed}, caller, moved="port_id" in changed)
        return any(record[name] != target[name] for name in ("port_id", "fixed_ip_address"))

    def delete(self, record: Record, caller: Caller) -> None:
        for port in self._ports.by("device_id", record["id"]):
            self._ports.remove(port)
        self._targets.forget(record)
        self.table.drop(record)

    def view(self, record: Record, caller: Caller) -> Record:
        shown = super().view(record, caller)
        shown["port_details"] = None
        if record["port_id"]:
            port = self._ports[record["port_id"]]
            shown["port_details"] = {name: port[name] for name in _PORT_DETAILS}
        return shown

    def _target(self, record: Record, wanted: Record, caller: Caller, *, moved: bool = True) -> Record:
        """Return the port, the fixed address and the router of a floating IP.

        Args:
            record: The floating IP.
            wanted: Has the requested ``port_id`` and ``fixed_ip_address``.
            caller: The caller.
            moved: True if a port is requested. The address of another port is not kept then.

        Raises:
            NeutronError: 400, the port does not have the address, or has several; 404, the port does not exist, or no
                router connects it to the external network; 409, another floating IP leads to the address.
        """
        if wanted["port_id"] is None:
            if wanted["fixed_ip_address"] is not None and wanted["fixed_ip_address"] != record.get("fixed_ip_address"):
                raise bad_request("fixed_ip_address cannot be specified without a port_id")
            return {"port_id": None, "fixed_ip_address": None, "router_id": None}
        port = self._ports.find(wanted["port_id"], caller)
        if port["project_id"] != wanted["project_id"] and not caller.is_admin:
            raise bad_request(
                f"Cannot process floating IP association with Port {port['id']}, since that port is owned by a "
                "different project"
            )
        address = wanted["fixed_ip_address"]
        if moved and address is not None and wanted["port_id"] != record.get("port_id"):
            # The address is not a request for the new port if it is the one at the old port.
            address = None if address == record.get("fixed_ip_address") and record.get("id") else address
        fixed_ip = _fixed_ip_of(port, address)
        router_id = self._interfaces.router_between(fixed_ip["subnet_id"], wanted["floating_network_id"])
        if router_id is None:
            raise not_found(
                "ExternalGatewayForFloatingIPNotFound",
                f"External network {wanted['floating_network_id']} is not reachable from subnet "
                f"{fixed_ip['subnet_id']}. Therefore, cannot associate Port {port['id']} with a Floating IP.",
            )
        for other in self.by("port_id", port["id"]):
            if other["id"] != record.get("id") and other["fixed_ip_address"] == fixed_ip["ip_address"]:
                raise conflict(
                    "FloatingIPPortAlreadyAssociated",
                    f"Cannot associate floating IP {wanted.get('floating_ip_address')} ({wanted.get('id')}) with port "
                    f"{port['id']} using fixed IP {fixed_ip['ip_address']}, as that fixed IP already has a floating IP "
                    f"on external network {wanted['floating_network_id']}.",
                )
        return {"port_id": port["id"], "fixed_ip_address": fixed_ip["ip_address"], "router_id": router_id}


def _fixed_ip_of(port: Record, address: str | None) -> dict[str, str]:
    """Return the port's fixed IPv4 address that a floating IP is associated with.

    Raises:
        NeutronError: 400, the port does not have ``address``, or has no address or several.
    """
    candidates: list[dict[str, str]] = [item for item in port["fixed_ips"] if ":" not in item["ip_address"]]
    if address is not None:
        candidates = [item for item in candidates if item["ip_address"] == address]
        if not candidates:
            raise bad_request(f"Port {port['id']} does not have fixed ip {address}")
    if not candidates:
        raise bad_request(f"Cannot add floating IP to port {port['id']} that has no fixed IPv4 addresses")
    if len(candidates) > 1:
        raise bad_request(
            f"Port {port['id']} has multiple fixed IPv4 addresses. Must provide a specific IPv4 address when "
            "assigning a floating IP"
        )
    return candidates[0]
