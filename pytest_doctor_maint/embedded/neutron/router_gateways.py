"""External gateways of routers."""

from __future__ import annotations

import ipaddress

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.collection import INTERNAL
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, bad_request, conflict, not_allowed
from pytest_doctor_maint.embedded.neutron.fixed_ips import FIXED_IPS
from pytest_doctor_maint.embedded.neutron.network_access import NetworkAccess
from pytest_doctor_maint.embedded.neutron.ports import Ports
from pytest_doctor_maint.embedded.neutron.prefixes import overlap
from pytest_doctor_maint.embedded.neutron.router_interfaces import RouterInterfaces
from pytest_doctor_maint.embedded.neutron.table import Tables

#: The owner of the port of a router's gateway. Its device is the router.
GATEWAY = "network:router_gateway"

_GATEWAY = checks.fields(
    {
        "network_id": checks.uuid,
        "enable_snat": checks.boolean,
        "external_fixed_ips": FIXED_IPS,
    },
    required=("network_id",),
)


def gateway_info(value: object) -> Record | None:
    """Check the attribute ``external_gateway_info``. An empty object removes the gateway, as None does.

    Raises:
        ValueError: ``value`` is not a gateway.
    """
    found: Record | None = _GATEWAY(value) if value else None
    return found


class RouterGateways:
    """Sets and removes the gateways of routers.

    Args:
        tables: All tables.
        networks: The rules for networks.
        ports: All ports.
        interfaces: The routers' interfaces.
    """

    def __init__(self, tables: Tables, *, networks: NetworkAccess, ports: Ports, interfaces: RouterInterfaces) -> None:
        self._subnets = tables.subnets
        self._floatingips = tables.floatingips
        self._networks = networks
        self._ports = ports
        self._interfaces = interfaces

    def check_rights(self, wanted: Record, caller: Caller, rule: str) -> None:
        """Check that the caller may set these fields of a gateway.

        Raises:
            NeutronError: 403, only admins may set one of them.
        """
        for name in ("enable_snat", "external_fixed_ips"):
            if name in wanted and not caller.is_admin:
                raise not_allowed(f"{rule}:external_gateway_info:{name}")

    def set(self, router: Record, wanted: Record, caller: Caller) -> None:
        """Give a router a gateway. If it cannot have the gateway, it keeps the present one.

        Raises:
            NeutronError: 400, 404 or 409, the router cannot have this gateway.
        """
        network_id = wanted["network_id"]
        network = self._networks.find_external(network_id, caller, f"Network {network_id} is not an external network")
        now = router["external_gateway_info"]
        addresses = wanted.get("external_fixed_ips") or None
        if now and now["network_id"] == network_id:
            # On the same network, what is not named stays.
            port = self._port(router)
            if addresses is not None:
                have = {(item["subnet_id"], item["ip_address"]) for item in port["fixed_ips"]}
                if not all((item.get("subnet_id"), item.get("ip_address")) in have for item in addresses):
                    self._ports.change(port, {"fixed_ips": addresses}, INTERNAL)
        else:
            self._check_overlap(router, network)
            port = self._ports.make_for_device(
                network, device_owner=GATEWAY, device_id=router["id"], fixed_ips=addresses
            )
            if now:
                self._replace(router, port)
        router["external_gateway_info"] = {
            "network_id": network_id,
            "enable_snat": wanted.get("enable_snat", now["enable_snat"] if now else True),
            "external_fixed_ips": [dict(item) for item in port["fixed_ips"]],
        }

    def clear(self, router: Record) -> None:
        """Remove a router's gateway, if it has one.

        Raises:
            NeutronError: 409, a floating IP needs it.
        """
        if router["external_gateway_info"]:
            self._check_unused(router)
            self._ports.remove(self._port(router))
            router["external_gateway_info"] = None

    def _replace(self, router: Record, new: Record) -> None:
        """Remove the old gateway's port or, if floating IPs need it, the new one's."""
        try:
            self._check_unused(router)
        except NeutronError:
            self._ports.remove(new)
            raise
        for old in self._ports.by("device_id", router["id"]):
            if old["device_owner"] == GATEWAY and old["id"] != new["id"]:
                self._ports.remove(old)

    def _port(self, router: Record) -> Record:
        ports = self._ports.by("device_id", router["id"])
        return next(port for port in ports if port["device_owner"] == GATEWAY)

    def _check_unused(self, router: Record) -> None:
        if self._floatingips.by("router_id", router["id"]):
            raise conflict(
                "RouterExternalGatewayInUseByFloatingIp",
                f"Gateway cannot be updated for router {router['id']}, since a gateway to external network "
                f"{router['external_gateway_info']['network_id']} is required by one or more floating IPs.",
            )

    def _check_overlap(self, router: Record, network: Record) -> None:
        inner = [
            (item["subnet_id"], ipaddress.ip_network(self._subnets[item["subnet_id"]]["cidr"]))
            for port in self._interfaces.of(router)
            for item in port["fixed_ips"]
        ]
        for subnet in self._networks.subnets_of(network):
            block = ipaddress.ip_network(subnet["cidr"])
            if any(subnet_id != subnet["id"] and overlap(block, other) for subnet_id, other in inner):
                raise bad_request(f"Cidr {subnet['cidr']} of subnet {subnet['id']} overlaps with an inner subnet")
