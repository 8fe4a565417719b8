"""Interfaces of routers: the ports that connect them to their inner networks."""

from __future__ import annotations

import ipaddress

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import bad_request, conflict, not_found
from pytest_doctor_maint.embedded.neutron.ports import Ports
from pytest_doctor_maint.embedded.neutron.prefixes import overlap
from pytest_doctor_maint.embedded.neutron.subnets import Subnets
from pytest_doctor_maint.embedded.neutron.table import Tables

#: The owner of a router's interface. Its device is the router.
INTERFACE = "network:router_interface"


class RouterInterfaces:
    """Adds interfaces to routers and removes them.

    Args:
        tables: All tables.
        ports: All ports.
        subnets: All subnets.
    """

    def __init__(self, tables: Tables, *, ports: Ports, subnets: Subnets) -> None:
        self._tables = tables
        self._ports = ports
        self._subnets = subnets

    def of(self, router: Record) -> list[Record]:
        """Return a router's interfaces."""
        return [port for port in self._ports.by("device_id", router["id"]) if port["device_owner"] == INTERFACE]

    def router_between(self, subnet_id: str, network_id: str) -> str | None:
        """Return the id of a router with an interface on the subnet and a gateway on the external network, if any."""
        for router in self._tables.routers:
            gateway = router["external_gateway_info"]
            if gateway and gateway["network_id"] == network_id:
                ports = self.of(router)
                if any(item["subnet_id"] == subnet_id for port in ports for item in port["fixed_ips"]):
                    return str(router["id"])
        return None

    def add(self, router: Record, body: Record, caller: Caller) -> Record:
        """Connect a router to a subnet, or by a port; return the API's answer.

        Raises:
            NeutronError: 400, the router cannot be connected so; 404, the subnet or port does not exist; 409, the port
                or address is taken.
        """
        subnet_id, port_id = _named(body)
        if port_id and subnet_id:
            raise bad_request("Cannot specify both subnet-id and port-id")
        if port_id:
            port = self._add_by_port(router, self._ports.find_own(port_id, caller, "update"))
            subnet_id = port["fixed_ips"][0]["subnet_id"]
        else:
            port = self._add_by_subnet(router, self._subnets.find(subnet_id, caller))
        self._tables.routers.touch(router)
        return _answer(router, port, subnet_id)

    def remove(self, router: Record, body: Record, caller: Caller) -> Record:
        """Disconnect a router from a subnet or port; return the API's answer.

        Raises:
            NeutronError: 404, the router has no such interface; 409, a floating IP or route needs it.
        """
        subnet_id, port_id = _named(body)
        port = self._interface(router, subnet_id, port_id, caller)
        gone = [ip["subnet_id"] for ip in port["fixed_ips"] if not subnet_id or ip["subnet_id"] == subnet_id or port_id]
        for one in gone:
            self._check_unused(router, one)
        answer = _answer(router, port, subnet_id or gone[0])
        if len(gone) < len(port["fixed_ips"]):
            for one in gone:
                self._ports.drop_address(port, one)
        else:
            self._ports.remove(port)
        self._tables.routers.touch(router)
        return answer

    def _interface(self, router: Record, subnet_id: str, port_id: str, caller: Caller) -> Record:
        """Return the interface with this port or on this subnet (or both)."""
        ports = self.of(router)
        if port_id:
            ports = [port for port in ports if port["id"] == port_id]
            if not ports:
                raise not_found(
                    "RouterInterfaceNotFound",
                    f"Router {router['id']} does not have an interface with id {port_id}",
                )
        if subnet_id:
            with_subnet = [port for port in ports if any(ip["subnet_id"] == subnet_id for ip in port["fixed_ips"])]
            if port_id and not with_subnet:
                raise conflict(
                    "SubnetMismatchForPort", f"Subnet on port {port_id} does not match the requested subnet {subnet_id}"
                )
            ports = with_subnet
            if not ports:
                self._subnets.find(subnet_id, caller)
                raise not_found(
                    "RouterInterfaceNotFoundForSubnet",
                    f"Router {router['id']} has no interface on subnet {subnet_id}",
                )
        return ports[0]

    def _add_by_port(self, router: Record, port: Record) -> Record:
        if port["device_id"]:
            raise conflict(
                "PortInUse",
                f"Unable to complete operation on port {port['id']} for network {port['network_id']}. Port already has "
                f"an attached device {port['device_id']}.",
            )
        if not port["fixed_ips"]:
            raise bad_request("Router port must have at least one fixed IP")
        if sum(":" not in item["ip_address"] for item in port["fixed_ips"]) > 1:
            raise bad_request("Cannot have multiple IPv4 subnets on router port")
        for item in port["fixed_ips"]:
            self._check_connectable(router, self._subnets[item["subnet_id"]])
        changed = {
            "device_id": router["id"],
            "device_owner": INTERFACE,
            "status": "ACTIVE",
            "security_groups": [],
            "port_security_enabled": False,
        }
        return self._tables.ports.put(port, changed)

    def _add_by_subnet(self, router: Record, subnet: Record) -> Record:
        if subnet["gateway_ip"] is None:
            raise bad_request("Subnet for router interface must have a gateway IP")
        self._check_connectable(router, subnet)
        fixed_ip = {"subnet_id": subnet["id"], "ip_address": subnet["gateway_ip"]}
        if subnet["ip_version"] == 6:
            # The IPv6 subnets of a network share an interface.
            for port in self.of(router):
                same = port["network_id"] == subnet["network_id"]
                if same and all(":" in item["ip_address"] for item in port["fixed_ips"]):
                    self._ports.add_address(port, fixed_ip)
                    return port
        return self._ports.make_for_device(
            self._tables.networks[subnet["network_id"]],
            project_id=router["project_id"],
            device_owner=INTERFACE,
            device_id=router["id"],
            fixed_ips=[fixed_ip],
        )

    def _check_connectable(self, router: Record, subnet: Record) -> None:
        block = ipaddress.ip_network(subnet["cidr"])
        for port in self._ports.by("device_id", router["id"]):
            for item in port["fixed_ips"]:
                if item["subnet_id"] == subnet["id"]:
                    raise bad_request(f"Router already has a port on subnet {subnet['id']}")
                other = self._subnets[item["subnet_id"]]
                theirs = ipaddress.ip_network(other["cidr"])
                if overlap(block, theirs):
                    raise bad_request(
                        f"Cidr {block} of subnet {subnet['id']} overlaps with cidr {theirs} of subnet {other['id']}"
                    )

    def _check_unused(self, router: Record, subnet_id: str) -> None:
        for floating_ip in self._tables.floatingips.by("router_id", router["id"]):
            port = self._ports[floating_ip["port_id"]]
            for item in port["fixed_ips"]:
                if item["subnet_id"] == subnet_id and item["ip_address"] == floating_ip["fixed_ip_address"]:
                    raise conflict(
                        "RouterInterfaceInUseByFloatingIP",
                        f"Router interface for subnet {subnet_id} on router {router['id']} cannot be deleted, as it is "
                        "required by one or more floating IPs.",
                    )
        block = ipaddress.ip_network(self._subnets[subnet_id]["cidr"])
        if any(ipaddress.ip_address(route["nexthop"]) in block for route in router["routes"]):
            raise conflict(
                "RouterInterfaceInUseByRoute",
                f"Router interface for subnet {subnet_id} on router {router['id']} cannot be deleted, as it is "
                "required by one or more routes.",
            )


def _named(body: Record) -> tuple[str, str]:
    """Return the ids of the subnet and the port in a body; empty for the one that is not given."""
    for name in body:
        if name not in ("subnet_id", "port_id"):
            raise bad_request(f"Invalid interface info: {name}")
    subnet_id, port_id = body.get("subnet_id"), body.get("port_id")
    for value in (subnet_id, port_id):
        if value is not None:
            try:
                checks.uuid(value)
            except ValueError as error:
                raise bad_request(str(error)) from error
    if not subnet_id and not port_id:
        raise bad_request("Either subnet_id or port_id must be specified")
    return subnet_id or "", port_id or ""


def _answer(router: Record, port: Record, subnet_id: str) -> Record:
    return {
        "id": router["id"],
        "tenant_id": port["project_id"],
        "project_id": port["project_id"],
        "port_id": port["id"],
        "network_id": port["network_id"],
        "subnet_id": subnet_id,
        "subnet_ids": [subnet_id],
    }
