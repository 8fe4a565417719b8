"""Routers, their interfaces and gateways."""

from __future__ import annotations

import ipaddress
from typing import Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Attribute, Kind, Record, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import bad_request, conflict, not_allowed, not_found

INTERFACE = "network:router_interface"
GATEWAY = "network:router_gateway"

_EXTERNAL_IP = checks.fields({"subnet_id": checks.uuid, "ip_address": checks.ip})
_GATEWAY = checks.fields(
    {
        "network_id": checks.uuid,
        "enable_snat": checks.boolean,
        "external_fixed_ips": checks.list_of(_EXTERNAL_IP),
    },
    required=("network_id",),
)
ROUTES = checks.list_of(
    checks.fields({"destination": checks.cidr, "nexthop": checks.ip}, required=("destination", "nexthop"))
)


def _gateway(value: Any) -> Any:
    # An empty object takes the gateway away, as None does.
    return _GATEWAY(value) if value else None


ROUTER = Kind(
    "router",
    "routers",
    "Router",
    {
        **standard(),
        "name": Attribute(checks.text(), default=""),
        "admin_state_up": Attribute(checks.boolean, default=True),
        "status": Attribute(),
        "external_gateway_info": Attribute(_gateway, default=None),
        "routes": Attribute(ROUTES, default=[], post=False),
        "availability_zone_hints": Attribute(checks.list_of(checks.text()), default=[], put=False),
        "availability_zones": Attribute(),
    },
)


class Routers(Collection):
    """All routers. An interface or gateway is a port whose device is the router."""

    kind = ROUTER
    quota = "router"

    def build(self, record: Record, caller: Caller) -> Record:
        self.neutron.agents.check_zones(record["availability_zone_hints"])
        wanted = record["external_gateway_info"]
        record |= {"external_gateway_info": None, "status": "ACTIVE", "availability_zones": self.neutron.agents.zones()}
        if wanted:
            self._check_gateway_rights(wanted, caller, "create_router")
        self.add(record)
        if wanted:
            try:
                self._set_gateway(record, wanted, caller)
            except Exception:
                # A router that cannot have the gateway it was made with is not made.
                self.drop(record)
                raise
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if "routes" in changed:
            self._check_routes(record, changed["routes"])
        if "external_gateway_info" in changed:
            wanted = changed.pop("external_gateway_info")
            if wanted:
                self._check_gateway_rights(wanted, caller, "update_router")
                self._set_gateway(record, wanted, caller)
            else:
                self._clear_gateway(record)
        return self.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        if self.interfaces(record):
            raise conflict("RouterInUse", f"Router {record['id']} still has ports")
        self._clear_gateway(record)
        self.drop(record)

    # -- interfaces --------------------------------------------------------------------------------------------------

    def interfaces(self, record: Record) -> list[Record]:
        """The ports that connect the router to its inner networks."""
        return [port for port in self.neutron.ports.by("device_id", record["id"]) if port["device_owner"] == INTERFACE]

    def between(self, subnet_id: str, network_id: str) -> str | None:
        """The id of a router with an interface on the subnet and its gateway on the external network."""
        for record in self:
            gateway = record["external_gateway_info"]
            if gateway and gateway["network_id"] == network_id:
                ports = self.interfaces(record)
                if any(item["subnet_id"] == subnet_id for port in ports for item in port["fixed_ips"]):
                    return str(record["id"])
        return None

    def add_interface(self, record: Record, body: Record, caller: Caller) -> Record:
        """Connect the router to a subnet, or by a port; gives what the API answers.

        Raises:
            NeutronError: 400, it cannot be connected so; 404, no such subnet or port; 409, port or address are taken.
        """
        subnet_id, port_id = self._named(body)
        if port_id and subnet_id:
            raise bad_request("Cannot specify both subnet-id and port-id")
        if port_id:
            port = self._add_by_port(record, self.neutron.ports.find_own(port_id, caller, "update"))
        else:
            assert subnet_id  # noqa: S101 - _named has seen to it
            port = self._add_by_subnet(record, self.neutron.subnets.find(subnet_id, caller))
            subnet_id = str(subnet_id)
        self.touch(record)
        return self._answer(record, port, subnet_id or port["fixed_ips"][0]["subnet_id"])

    def remove_interface(self, record: Record, body: Record, caller: Caller) -> Record:
        """Disconnect the router from a subnet or port; gives what the API answers.

        Raises:
            NeutronError: 404, there is no such interface; 409, a floating IP or route needs it.
        """
        subnet_id, port_id = self._named(body)
        ports = self.interfaces(record)
        if port_id:
            ports = [port for port in ports if port["id"] == port_id]
            if not ports:
                raise not_found(
                    "RouterInterfaceNotFound",
                    f"Router {record['id']} does not have an interface with id {port_id}",
                )
        if subnet_id:
            with_subnet = [port for port in ports if any(ip["subnet_id"] == subnet_id for ip in port["fixed_ips"])]
            if port_id and not with_subnet:
                raise conflict(
                    "SubnetMismatchForPort", f"Subnet on port {port_id} does not match the requested subnet {subnet_id}"
                )
            ports = with_subnet
            if not ports:
                self.neutron.subnets.find(subnet_id, caller)
                raise not_found(
                    "RouterInterfaceNotFoundForSubnet",
                    f"Router {record['id']} has no interface on subnet {subnet_id}",
                )
        port = ports[0]
        gone = [ip["subnet_id"] for ip in port["fixed_ips"] if not subnet_id or ip["subnet_id"] == subnet_id or port_id]
        for one in gone:
            self._check_unused(record, one)
        answer = self._answer(record, port, subnet_id or gone[0])
        if len(gone) < len(port["fixed_ips"]):
            for one in gone:
                self.neutron.ports.drop_address(port, one)
        else:
            self.neutron.ports.remove(port)
        self.touch(record)
        return answer

    def _named(self, body: Record) -> tuple[str | None, str | None]:
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
        return subnet_id, port_id

    def _answer(self, record: Record, port: Record, subnet_id: str) -> Record:
        return {
            "id": record["id"],
            "tenant_id": port["project_id"],
            "project_id": port["project_id"],
            "port_id": port["id"],
            "network_id": port["network_id"],
            "subnet_id": subnet_id,
            "subnet_ids": [subnet_id],
        }

    def _add_by_port(self, record: Record, port: Record) -> Record:
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
            self._check_connectable(record, self.neutron.subnets[item["subnet_id"]])
        changed = {
            "device_id": record["id"],
            "device_owner": INTERFACE,
            "status": "ACTIVE",
            "security_groups": [],
            "port_security_enabled": False,
        }
        return self.neutron.ports.put(port, changed)

    def _add_by_subnet(self, record: Record, subnet: Record) -> Record:
        if subnet["gateway_ip"] is None:
            raise bad_request("Subnet for router interface must have a gateway IP")
        self._check_connectable(record, subnet)
        fixed_ip = {"subnet_id": subnet["id"], "ip_address": subnet["gateway_ip"]}
        if subnet["ip_version"] == 6:
            # The IPv6 subnets of one network share an interface.
            for port in self.interfaces(record):
                same = port["network_id"] == subnet["network_id"]
                if same and all(":" in item["ip_address"] for item in port["fixed_ips"]):
                    self.neutron.ports.add_address(port, fixed_ip)
                    return port
        return self.neutron.make_port(
            self.neutron.networks[subnet["network_id"]],
            project_id=record["project_id"],
            device_owner=INTERFACE,
            device_id=record["id"],
            fixed_ips=[fixed_ip],
        )

    def _check_connectable(self, record: Record, subnet: Record) -> None:
        block = ipaddress.ip_network(subnet["cidr"])
        for port in self.neutron.ports.by("device_id", record["id"]):
            for item in port["fixed_ips"]:
                if item["subnet_id"] == subnet["id"]:
                    raise bad_request(f"Router already has a port on subnet {subnet['id']}")
                other = self.neutron.subnets[item["subnet_id"]]
                theirs = ipaddress.ip_network(other["cidr"])
                if block.version == theirs.version and block.overlaps(theirs):
                    raise bad_request(
                        f"Cidr {block} of subnet {subnet['id']} overlaps with cidr {theirs} of subnet {other['id']}"
                    )

    def _check_unused(self, record: Record, subnet_id: str) -> None:
        for floating_ip in self.neutron.floatingips.by("router_id", record["id"]):
            port = self.neutron.ports[floating_ip["port_id"]]
            for item in port["fixed_ips"]:
                if item["subnet_id"] == subnet_id and item["ip_address"] == floating_ip["fixed_ip_address"]:
                    raise conflict(
                        "RouterInterfaceInUseByFloatingIP",
                        f"Router interface for subnet {subnet_id} on router {record['id']} cannot be deleted, as it is "
                        "required by one or more floating IPs.",
                    )
        block = ipaddress.ip_network(self.neutron.subnets[subnet_id]["cidr"])
        if any(ipaddress.ip_address(route["nexthop"]) in block for route in record["routes"]):
            raise conflict(
                "RouterInterfaceInUseByRoute",
                f"Router interface for subnet {subnet_id} on router {record['id']} cannot be deleted, as it is "
                "required by one or more routes.",
            )

    # -- the gateway -------------------------------------------------------------------------------------------------

    def _check_gateway_rights(self, wanted: Record, caller: Caller, rule: str) -> None:
        for name in ("enable_snat", "external_fixed_ips"):
            if name in wanted and not caller.is_admin:
                raise not_allowed(f"{rule}:external_gateway_info:{name}")

    def _set_gateway(self, record: Record, wanted: Record, caller: Caller) -> None:
        network_id = wanted["network_id"]
        network = self.neutron.networks.external(network_id, caller, f"Network {network_id} is not an external network")
        now = record["external_gateway_info"]
        addresses = wanted.get("external_fixed_ips") or None
        if now and now["network_id"] == network_id:
            # The same network: what is not named stays.
            port = self._gateway_port(record)
            if addresses is not None:
                have = {(item["subnet_id"], item["ip_address"]) for item in port["fixed_ips"]}
                if not all((item.get("subnet_id"), item.get("ip_address")) in have for item in addresses):
                    self.neutron.ports.change(port, {"fixed_ips": addresses}, self.neutron.internal)
        else:
            self._check_gateway_overlap(record, network)
            # The new one first: when it cannot be had, the old one stays.
            port = self.neutron.make_port(network, device_owner=GATEWAY, device_id=record["id"], fixed_ips=addresses)
            if now:
                try:
                    self._check_gateway_unused(record)
                except Exception:
                    self.neutron.ports.remove(port)
                    raise
                for old in self.neutron.ports.by("device_id", record["id"]):
                    if old["device_owner"] == GATEWAY and old["id"] != port["id"]:
                        self.neutron.ports.remove(old)
        record["external_gateway_info"] = {
            "network_id": network_id,
            "enable_snat": wanted.get("enable_snat", now["enable_snat"] if now else True),
            "external_fixed_ips": [dict(item) for item in port["fixed_ips"]],
        }

    def _clear_gateway(self, record: Record) -> None:
        if record["external_gateway_info"]:
            self._check_gateway_unused(record)
            self.neutron.ports.remove(self._gateway_port(record))
            record["external_gateway_info"] = None

    def _gateway_port(self, record: Record) -> Record:
        ports = self.neutron.ports.by("device_id", record["id"])
        return next(port for port in ports if port["device_owner"] == GATEWAY)

    def _check_gateway_unused(self, record: Record) -> None:
        if self.neutron.floatingips.by("router_id", record["id"]):
            raise conflict(
                "RouterExternalGatewayInUseByFloatingIp",
                f"Gateway cannot be updated for router {record['id']}, since a gateway to external network "
                f"{record['external_gateway_info']['network_id']} is required by one or more floating IPs.",
            )

    def _check_gateway_overlap(self, record: Record, network: Record) -> None:
        for subnet in self.neutron.networks.subnets_of(network):
            if any(
                item["subnet_id"] != subnet["id"]
                and ipaddress.ip_network(self.neutron.subnets[item["subnet_id"]]["cidr"]).version
                == subnet["ip_version"]
                and ipaddress.ip_network(self.neutron.subnets[item["subnet_id"]]["cidr"]).overlaps(
                    ipaddress.ip_network(subnet["cidr"])
                )
                for port in self.interfaces(record)
                for item in port["fixed_ips"]
            ):
                raise bad_request(f"Cidr {subnet['cidr']} of subnet {subnet['id']} overlaps with an inner subnet")

    # -- routes ------------------------------------------------------------------------------------------------------

    def add_routes(self, record: Record, routes: list[dict[str, str]]) -> Record:
        """Add static routes; those that are there already stay.

        Raises:
            NeutronError: 400, a next hop is not on a connected subnet.
        """
        wanted = [*record["routes"], *(route for route in routes if route not in record["routes"])]
        self._check_routes(record, wanted)
        return self.put(record, {"routes": wanted})

    def remove_routes(self, record: Record, routes: list[dict[str, str]]) -> Record:
        """Remove static routes; those that are not there are no mistake."""
        return self.put(record, {"routes": [route for route in record["routes"] if route not in routes]})

    def _check_routes(self, record: Record, routes: list[dict[str, str]]) -> None:
        if len(routes) > 30:
            raise bad_request(
                f"Unable to complete operation for {record['id']}. The number of routes exceeds the maximum 30."
            )
        blocks, own = [], set()
        for port in self.neutron.ports.by("device_id", record["id"]):
            for item in port["fixed_ips"]:
                blocks.append(ipaddress.ip_network(self.neutron.subnets[item["subnet_id"]]["cidr"]))
                own.add(item["ip_address"])
        for route in routes:
            hop = ipaddress.ip_address(route["nexthop"])
            if not any(hop in block for block in blocks):
                raise bad_request(f"Invalid format for routes: {routes}, the nexthop is not connected with router")
            if route["nexthop"] in own:
                raise bad_request(f"Invalid format for routes: {routes}, the nexthop is used by router")
