"""The application's network: a subnet behind a router, and one floating IP in front of the active instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.openstack.calls import call

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
        self.network_id = self._create("network", name=f"{self._name}_net")
        self._subnet_id = self._create(
            "subnet", name=f"{self._name}_subnet", network_id=self.network_id, ip_version=4, cidr=CIDR
        )
        self._router_id = self._create(
            "router", name=f"{self._name}_router", external_gateway_info={"network_id": external_network_id}
        )
        self._neutron("PUT", f"/routers/{self._router_id}/add_router_interface", {"subnet_id": self._subnet_id})

    def create_floating_ip(self, external_network_id: str, server_id: str) -> None:
        """Create the floating IP, with ``server_id`` behind it."""
        made = self._neutron(
            "POST",
            "/floatingips",
            {"floatingip": {"floating_network_id": external_network_id, "port_id": self.port_of(server_id)}},
        )["floatingip"]
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
            interface = {"subnet_id": self._subnet_id}
            self._neutron("PUT", f"/routers/{self._router_id}/remove_router_interface", interface)
            self._neutron("DELETE", f"/routers/{self._router_id}")
            self._router_id = ""
        if self.network_id:
            # Neutron deletes the subnet with its network.
            self._neutron("DELETE", f"/networks/{self.network_id}")
            self.network_id = self._subnet_id = ""

    def _create(self, kind: str, **attributes: Any) -> str:
        made_id: str = self._neutron("POST", f"/{kind}s", {kind: attributes})[kind]["id"]
        return made_id

    def _neutron(self, method: str, path: str, body: Any = None) -> Any:
        return call(self._connection.network, method, path, body)
