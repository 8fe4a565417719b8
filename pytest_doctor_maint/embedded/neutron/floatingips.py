"""Floating IPs, and where each of them leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded import events
from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Kind, Record, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, bad_request, conflict, not_found

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron

FLOATING_IP = Kind(
    "floatingip",
    "floatingips",
    "Floating IP",
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
)


class FloatingIps(Collection):
    """All floating IPs. Each has a port of its own on the external network, which holds its address."""

    kind = FLOATING_IP
    quota = "floatingip"
    indexed = ("port_id", "floating_ip_address", "router_id")

    def __init__(self, neutron: Neutron) -> None:
        super().__init__(neutron)
        self._leads_to: dict[str, str] = {}

    def build(self, record: Record, caller: Caller) -> Record:
        network_id = record["floating_network_id"]
        network = self.neutron.networks.external(
            network_id, caller, f"Network {network_id} is not a valid external network"
        )
        subnet_id = record.pop("subnet_id")
        target = self._target(record, record, caller)
        fixed_ip: dict[str, str] = {}
        if subnet_id:
            fixed_ip["subnet_id"] = subnet_id
        if record["floating_ip_address"]:
            fixed_ip["ip_address"] = record["floating_ip_address"]
        if not any(subnet["ip_version"] == 4 for subnet in self.neutron.networks.subnets_of(network)):
            raise bad_request(f"Network {network_id} does not contain any IPv4 subnet")
        floating_ip_id = self.neutron.core.ids.uuid(self.kind.name)
        port = self.neutron.make_port(
            network,
            device_owner="network:floatingip",
            device_id=floating_ip_id,
            fixed_ips=[fixed_ip] if fixed_ip else None,
        )
        addresses = [item["ip_address"] for item in port["fixed_ips"] if ":" not in item["ip_address"]]
        record |= target
        record["floating_ip_address"] = addresses[0]
        record["status"] = "ACTIVE" if record["port_id"] else "DOWN"
        self.add(record, floating_ip_id)
        self._note(record)
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if "port_id" in changed or "fixed_ip_address" in changed:
            changed |= self._target(record, {**record, **changed}, caller, moved="port_id" in changed)
            changed["status"] = "ACTIVE" if changed["port_id"] else "DOWN"
        self.put(record, changed)
        self._note(record)
        return record

    def moves(self, record: Record, changed: Record, caller: Caller) -> bool:
        """Whether a change makes it lead elsewhere.

        Raises:
            NeutronError: 400, 404 or 409, it cannot lead there.
        """
        if "port_id" not in changed and "fixed_ip_address" not in changed:
            return False
        target = self._target(record, {**record, **changed}, caller, moved="port_id" in changed)
        return any(record[name] != target[name] for name in ("port_id", "fixed_ip_address"))

    def delete(self, record: Record, caller: Caller) -> None:
        for port in self.neutron.ports.by("device_id", record["id"]):
            self.neutron.ports.remove(port)
        self._note({**record, "port_id": None})
        self._leads_to.pop(record["id"], None)
        self.drop(record)

    def view(self, record: Record, caller: Caller) -> Record:
        shown = super().view(record, caller)
        shown["port_details"] = None
        if record["port_id"]:
            port = self.neutron.ports[record["port_id"]]
            names = ("name", "network_id", "mac_address", "admin_state_up", "status", "device_id", "device_owner")
            shown["port_details"] = {name: port[name] for name in names}
        return shown

    # -- when ports change -------------------------------------------------------------------------------------------

    def of_port(self, port_id: str) -> list[Record]:
        """The floating IPs that lead to a port."""
        return self.by("port_id", port_id)

    def port_changed(self, port: Record) -> None:
        """A port has other addresses or another device."""
        addresses = [item["ip_address"] for item in port["fixed_ips"]]
        for record in self.of_port(port["id"]):
            if record["fixed_ip_address"] in addresses:
                self._note(record)
            else:
                self._cut(record)

    def port_gone(self, port: Record) -> None:
        """A port is deleted: floating IPs that led there lead nowhere."""
        for record in self.of_port(port["id"]):
            self._cut(record)

    def _cut(self, record: Record) -> None:
        self.put(record, {"port_id": None, "fixed_ip_address": None, "router_id": None, "status": "DOWN"})
        self._note(record)

    def _note(self, record: Record) -> None:
        """Tell the history when the floating IP leads elsewhere."""
        server_id = ""
        if record["port_id"]:
            port = self.neutron.ports[record["port_id"]]
            if port["device_owner"].startswith("compute:"):
                server_id = port["device_id"]
        if self._leads_to.get(record["id"], "") == server_id:
            return
        self._leads_to[record["id"]] = server_id
        self.neutron.core.recorder.append(
            "neutron",
            events.FLOATING_IP,
            {
                "floating_ip_id": record["id"],
                "address": record["floating_ip_address"],
                "project_id": record["project_id"],
                "server_id": server_id or None,
            },
        )

    # -- the rules ---------------------------------------------------------------------------------------------------

    def _target(self, record: Record, wanted: Record, caller: Caller, *, moved: bool = True) -> Record:
        """The port, fixed address and router that belong together.

        Args:
            record: The floating IP.
            wanted: Has the ``port_id`` and ``fixed_ip_address`` asked for.
            caller: Who asks.
            moved: Whether the port was asked for; the address of another port is not kept.

        Raises:
            NeutronError: 400, the port has no such address, or several to choose from; 404, there is no such port, or
                no router between it and the external network; 409, another floating IP leads there.
        """
        if wanted["port_id"] is None:
            if wanted["fixed_ip_address"] is not None and wanted["fixed_ip_address"] != record.get("fixed_ip_address"):
                raise bad_request("fixed_ip_address cannot be specified without a port_id")
            return {"port_id": None, "fixed_ip_address": None, "router_id": None}
        port = self.neutron.ports.find(wanted["port_id"], caller)
        if port["project_id"] != wanted["project_id"] and not caller.is_admin:
            raise bad_request(
                f"Cannot process floating IP association with Port {port['id']}, since that port is owned by a "
                "different project"
            )
        named = wanted["fixed_ip_address"]
        if moved and named is not None and wanted["port_id"] != record.get("port_id"):
            # The old port's address says nothing about the new one.
            named = None if named == record.get("fixed_ip_address") and record.get("id") else named
        candidates = [item for item in port["fixed_ips"] if ":" not in item["ip_address"]]
        if named is not None:
            candidates = [item for item in candidates if item["ip_address"] == named]
            if not candidates:
                raise bad_request(f"Port {port['id']} does not have fixed ip {named}")
        if not candidates:
            raise bad_request(f"Cannot add floating IP to port {port['id']} that has no fixed IPv4 addresses")
        if len(candidates) > 1:
            raise bad_request(
                f"Port {port['id']} has multiple fixed IPv4 addresses. Must provide a specific IPv4 address when "
                "assigning a floating IP"
            )
        fixed_ip = candidates[0]
        router_id = self.neutron.routers.between(fixed_ip["subnet_id"], wanted["floating_network_id"])
        if router_id is None:
            raise not_found(
                "ExternalGatewayForFloatingIPNotFound",
                f"External network {wanted['floating_network_id']} is not reachable from subnet "
                f"{fixed_ip['subnet_id']}. Therefore, cannot associate Port {port['id']} with a Floating IP.",
            )
        for other in self.of_port(port["id"]):
            if other["id"] != record.get("id") and other["fixed_ip_address"] == fixed_ip["ip_address"]:
                raise self._taken(wanted, port, fixed_ip["ip_address"])
        return {"port_id": port["id"], "fixed_ip_address": fixed_ip["ip_address"], "router_id": router_id}

    def _taken(self, record: Record, port: Record, address: str) -> NeutronError:
        return conflict(
            "FloatingIPPortAlreadyAssociated",
            f"Cannot associate floating IP {record.get('floating_ip_address')} ({record.get('id')}) with port "
            f"{port['id']} using fixed IP {address}, as that fixed IP already has a floating IP on external network "
            f"{record['floating_network_id']}.",
        )
