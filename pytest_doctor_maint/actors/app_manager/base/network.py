"""The application's network: a subnet behind a router, and one floating IP in front of the active instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.openstack.calls import call, change, create

if TYPE_CHECKING:
    from openstack.connection import Connection

CIDR = "10.20.0.0/20"


class Network:
    """The application's resources in Neutron, created and deleted as the project.

    Args:
        connection: A connection of the project's user.
        name: The beginning of the resources' names.

    Attributes:
        network_id: The network of the instances; empty before :meth:`create`.
        floating_ip_id: The floating IP; empty before :meth:`create_floating_ip`.
        address: The floating IP's address.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._subnet_id = ""
        self._router_id = ""
        self.network_id = ""
        self.floating_ip_id = ""
        self.address = ""

    def create(self, external_network_id: str) -> None:
        """Create the network, its subnet and the router to the external network.

        Raises:
            openstack.exceptions.HttpException: Neutron refused.
        """
        self.network_id = self._create_named("network", "net")
        self._subnet_id = self._create_named("subnet", "subnet", network_id=self.network_id, ip_version=4, cidr=CIDR)
        self._router_id = self._create_named(
            "router", "router", external_gateway_info={"network_id": external_network_id}
        )
        self._change_interface("add", is_taken=self._has_interface)

    def create_floating_ip(self, external_network_id: str, server_id: str) -> None:
        """Create the floating IP, with ``server_id`` behind it."""
        port_id = self.port_of(server_id)
        wanted = {"floating_network_id": external_network_id, "port_id": port_id}
        made = self._create("floatingip", wanted, port_id=port_id)
        self.floating_ip_id, self.address = made["id"], made["floating_ip_address"]

    def move_floating_ip(self, server_id: str) -> None:
        """Move the floating IP to ``server_id``; the move is complete on return."""
        body = {"floatingip": {"port_id": self.port_of(server_id)}}
        self._neutron("PUT", f"/floatingips/{self.floating_ip_id}", body)

    def port_of(self, server_id: str) -> str:
        """Return the id of a server's port; the server has one port."""
        ports = call(self._connection.network, "GET", "/ports", device_id=server_id)["ports"]
        port_id: str = ports[0]["id"]
        return port_id

    def remove(self) -> None:
        """Delete the resources that exist. The servers must be deleted before."""
        if self.floating_ip_id:
            self._neutron("DELETE", f"/floatingips/{self.floating_ip_id}")
            self.floating_ip_id = self.address = ""
        if self._router_id:
            self._change_interface("remove", is_taken=lambda: not self._has_interface())
            self._neutron("DELETE", f"/routers/{self._router_id}")
            self._router_id = ""
        if self.network_id:
            # Neutron deletes the subnet with its network.
            self._neutron("DELETE", f"/networks/{self.network_id}")
            self.network_id = self._subnet_id = ""

    def _create_named(self, kind: str, ending: str, **attributes: Any) -> str:
        name = f"{self._name}_{ending}"
        return str(self._create(kind, {"name": name, **attributes}, name=name)["id"])

    def _create(self, kind: str, attributes: Mapping[str, Any], **query: str) -> Mapping[str, Any]:
        """Create a resource, or take the one that an earlier request has made and ``query`` finds, and return it."""

        def find() -> Any:
            found = self._neutron("GET", f"/{kind}s", **query)[f"{kind}s"]
            return {kind: found[0]} if found else None

        body = {kind: dict(attributes)}
        made: Mapping[str, Any] = create(self._connection.network, f"/{kind}s", body, find=find)[kind]
        return made

    def _change_interface(self, verb: str, *, is_taken: Callable[[], bool]) -> None:
        path, body = f"/routers/{self._router_id}/{verb}_router_interface", {"subnet_id": self._subnet_id}
        change(self._connection.network, "PUT", path, body, is_taken=is_taken)

    def _has_interface(self) -> bool:
        ports = self._neutron("GET", "/ports", device_id=self._router_id, network_id=self.network_id)["ports"]
        return bool(ports)

    def _neutron(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        return call(self._connection.network, method, path, body, **query)
