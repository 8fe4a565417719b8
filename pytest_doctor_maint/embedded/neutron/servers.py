"""The ports of Nova's servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.auto_topology import AutoTopologies
from pytest_doctor_maint.embedded.neutron.collection import INTERNAL
from pytest_doctor_maint.embedded.neutron.errors import AllocationError, NeutronError
from pytest_doctor_maint.embedded.neutron.network_access import NetworkAccess
from pytest_doctor_maint.embedded.neutron.ports import Ports
from pytest_doctor_maint.embedded.neutron.savepoint import Restore, keep
from pytest_doctor_maint.embedded.neutron.security_groups import SecurityGroups
from pytest_doctor_maint.embedded.neutron.table import Tables

DEVICE_OWNER = "compute:nova"

Requested = str | Sequence[Mapping[str, Any]] | None
"""The networks of a create request of the Compute API: "auto", "none", or a list of objects with ``uuid``, ``port``,
``fixed_ip`` and ``tag``. None is a request that names none, below microversion 2.37."""


@dataclass(frozen=True, slots=True)
class _NewPort:
    """A port that is to be created for a server."""

    network: Record
    fixed_ip: str | None = None


class ServerPorts:
    """Creates ports for servers, attaches them and detaches them.

    Args:
        tables: All tables.
        networks: The rules for networks.
        ports: All ports.
        security_groups: All security groups.
        auto_topologies: Creates a project's network if a server asks for any.
    """

    def __init__(
        self,
        tables: Tables,
        *,
        networks: NetworkAccess,
        ports: Ports,
        security_groups: SecurityGroups,
        auto_topologies: AutoTopologies,
    ) -> None:
        self._tables = tables
        self._networks = networks
        self._ports = ports
        self._security_groups = security_groups
        self._auto_topologies = auto_topologies
        # Ports that were created for a server are deleted with it; those that the project has created stay.
        self._created: dict[str, None] = {}

    def of(self, server_id: str) -> list[Record]:
        """Return the server's ports, in the order of their attachment."""
        return [port for port in self._ports.by("device_id", server_id) if port["device_owner"].startswith("compute:")]

    def keep(self) -> Restore:
        """Return a function that puts back which ports were created for servers."""
        return keep(self._created)

    def allocate(
        self,
        server_id: str,
        project_id: str,
        requested: Requested,
        *,
        security_groups: Sequence[str] = (),
        admin: bool = False,
    ) -> None:
        """Give a new server its ports. After an error some are there: see :meth:`Neutron.all_or_nothing`.

        Args:
            server_id: The server.
            project_id: The server's project.
            requested: The networks.
            security_groups: Names or ids of the groups of the ports that are created; none: the project's ``default``.
            admin: True if external networks and resources of other projects may be used.

        Raises:
            AllocationError: 400, 403 or 409, as the Compute API answers.
        """
        groups = self._groups(security_groups, project_id)
        plan = self._plan(project_id, requested, admin)
        new = sum(isinstance(item, _NewPort) for item in plan)
        if new:
            try:
                self._ports.check_quota(project_id, new)
            except NeutronError as error:
                raise AllocationError(403, "PortLimitExceeded", "Maximum number of ports exceeded") from error
        try:
            for item in plan:
                self._attach(server_id, project_id, item, groups)
        except NeutronError as error:
            if isinstance(error, AllocationError):
                raise
            raise AllocationError(400, error.kind, error.message) from error

    def attach(self, server_id: str, project_id: str, requested: Mapping[str, Any], *, admin: bool = False) -> Record:
        """Attach one more port to a server (``os-interface``), and return the port.

        Args:
            server_id: The server.
            project_id: The server's project.
            requested: ``port``, or ``uuid`` (a network's) with or without ``fixed_ip``; empty: the project's only
                network.
            admin: True if external networks and resources of other projects may be used.

        Raises:
            AllocationError: 400, 403 or 409, as the Compute API answers.
        """
        before = {port["id"] for port in self.of(server_id)}
        if not requested and not self._networks.for_project(project_id):
            raise AllocationError(400, "InterfaceAttachFailed", "No network is available to the project.")
        self.allocate(server_id, project_id, [requested] if requested else None, admin=admin)
        port = next(port for port in self.of(server_id) if port["id"] not in before)
        if siblings := [other for other in self.of(server_id) if other["id"] in before]:
            self.bind([port], siblings[0]["binding:host_id"])
        return port

    def detach(self, port: Record) -> None:
        """Detach a port from its server. A port that was created for the server is deleted."""
        if port["id"] in self._created:
            del self._created[port["id"]]
            self._ports.remove(port)
            return
        free = {"device_id": "", "device_owner": "", "binding:host_id": "", "binding:profile": {}}
        self._ports.change(port, free, INTERNAL)

    def release(self, server_id: str) -> None:
        """Detach the ports of a server that is deleted."""
        for port in self.of(server_id):
            self.detach(port)

    def bind(self, ports: Sequence[Record], host: str) -> None:
        """Bind ports to the host that their server runs on; an empty name unbinds them."""
        for port in ports:
            if port["binding:host_id"] != host:
                self._ports.change(port, {"binding:host_id": host}, INTERNAL)

    def addresses(self, server_id: str) -> dict[str, list[dict[str, Any]]]:
        """Return the server's addresses in the form of the Compute API's ``addresses``."""
        found: dict[str, list[dict[str, Any]]] = {}
        for port in self.of(server_id):
            entries = found.setdefault(self._tables.networks[port["network_id"]]["name"], [])
            floating_ips = self._tables.floatingips.by("port_id", port["id"])
            for item in port["fixed_ips"]:
                entries.append(_entry(item["ip_address"], "fixed", port))
                entries += [
                    _entry(floating_ip["floating_ip_address"], "floating", port)
                    for floating_ip in floating_ips
                    if floating_ip["fixed_ip_address"] == item["ip_address"]
                ]
        return found

    # -- rules -------------------------------------------------------------------------------------------------------

    def _groups(self, names: Sequence[str], project_id: str) -> list[str] | None:
        if not names:
            return None
        try:
            return self._security_groups.named(names, project_id)
        except NeutronError as error:
            raise AllocationError(error.status, error.kind, error.message) from error

    def _plan(self, project_id: str, requested: Requested, admin: bool) -> list[Record | _NewPort]:
        """Return what to attach: existing ports, and ports to be created."""
        if requested == "none":
            return []
        if requested is None or isinstance(requested, str) or not requested:
            available = self._available(project_id, auto=requested == "auto")
            return [_NewPort(self._usable(network, admin, project_id)) for network in available]
        plan: list[Record | _NewPort] = []
        for item in requested:
            if item.get("port"):
                plan.append(self._free_port(str(item["port"]), project_id, admin, plan))
                continue
            network_id = item.get("uuid")
            network = self._tables.networks.get(network_id) if network_id is not None else None
            if network is None or not self._is_known(network, admin, project_id):
                raise AllocationError(400, "NetworkNotFound", f"Network {network_id} could not be found.")
            plan.append(_NewPort(self._usable(network, admin, project_id), item.get("fixed_ip")))
        return plan

    def _available(self, project_id: str, *, auto: bool) -> list[Record]:
        """Return the network of a server that names no network; with ``auto``, create it if it does not exist."""
        available = self._networks.for_project(project_id)
        if len(available) > 1:
            raise AllocationError(
                409,
                "NetworkAmbiguous",
                "Multiple possible networks found, use a Network ID to be more specific.",
            )
        if available or not auto:
            return available
        try:
            return [self._auto_topologies.network_of(project_id)]
        except NeutronError as error:
            raise AllocationError(
                400,
                "UnableToAutoAllocateNetwork",
                f"Unable to automatically allocate a network for project {project_id}",
            ) from error

    def _is_known(self, network: Record, admin: bool, project_id: str) -> bool:
        known = network["project_id"] == project_id or network["router:external"] or admin
        return known or self._networks.shared_with(network, project_id)

    def _usable(self, network: Record, admin: bool, project_id: str) -> Record:
        if network["router:external"] and not admin and not self._networks.shared_with(network, project_id):
            raise AllocationError(
                403,
                "ExternalNetworkAttachForbidden",
                f"It is not allowed to create an interface on external network {network['id']}",
            )
        if not network["subnets"]:
            raise AllocationError(
                400,
                "NetworkRequiresSubnet",
                f"Network {network['id']} requires a subnet in order to boot instances on.",
            )
        return network

    def _free_port(self, port_id: str, project_id: str, admin: bool, plan: Sequence[Record | _NewPort]) -> Record:
        port = self._tables.ports.get(port_id)
        if port is None or not (admin or port["project_id"] == project_id):
            raise AllocationError(400, "PortNotFound", f"Port id {port_id} could not be found.")
        if port["device_id"] or any(item is port for item in plan):
            raise AllocationError(409, "PortInUse", f"Port {port_id} is still in use.")
        return port

    def _attach(self, server_id: str, project_id: str, item: Record | _NewPort, groups: list[str] | None) -> Record:
        if not isinstance(item, _NewPort):
            return self._ports.change(item, {"device_id": server_id, "device_owner": DEVICE_OWNER}, INTERNAL)
        port = self._ports.make_for_device(
            item.network,
            project_id=project_id,
            device_owner=DEVICE_OWNER,
            device_id=server_id,
            fixed_ips=[{"ip_address": item.fixed_ip}] if item.fixed_ip else None,
            security_groups=groups if item.network["port_security_enabled"] else None,
        )
        self._created[port["id"]] = None
        return port


def _entry(address: str, kind: str, port: Record) -> dict[str, Any]:
    return {
        "addr": address,
        "version": 6 if ":" in address else 4,
        "OS-EXT-IPS:type": kind,
        "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
    }
