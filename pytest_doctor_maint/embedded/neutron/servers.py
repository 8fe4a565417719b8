"""What Nova asks of Neutron: ports for its servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import AllocationError, NeutronError

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron

DEVICE_OWNER = "compute:nova"
Requested = str | Sequence[Mapping[str, Any]] | None


class Servers:
    """The ports of Nova's servers."""

    def __init__(self, neutron: Neutron) -> None:
        self._neutron = neutron
        # Ports that were made for a server and go with it; those that the project had made stay.
        self._made: set[str] = set()

    def ports(self, server_id: str) -> list[Record]:
        """The server's ports, in the order of their attachment."""
        return [
            port
            for port in self._neutron.ports.by("device_id", server_id)
            if port["device_owner"].startswith("compute:")
        ]

    def allocate(
        self,
        server_id: str,
        project_id: str,
        requested: Requested,
        name: str,
        *,
        security_groups: Sequence[str] = (),
        admin: bool = False,
    ) -> None:
        """Give a new server its ports; either all of them or none.

        Raises:
            AllocationError: 400, 403 or 409, as the Compute API answers.
        """
        groups = self._groups(security_groups, project_id)
        plan = self._plan(project_id, requested, admin)
        new = sum("port" not in item for item in plan)
        if new:
            try:
                self._neutron.ports.check_quota(project_id, new)
            except NeutronError as error:
                raise AllocationError(403, "PortLimitExceeded", "Maximum number of ports exceeded") from error
        done: list[Record] = []
        try:
            for item in plan:
                done.append(self._attach(server_id, project_id, item, groups))
        except NeutronError as error:
            for port in reversed(done):
                self.detach(port)
            if isinstance(error, AllocationError):
                raise
            raise AllocationError(400, error.kind, error.message) from error

    def attach(self, server_id: str, project_id: str, requested: Mapping[str, Any], *, admin: bool = False) -> Record:
        """Attach one more port to a server (``os-interface``); gives the port.

        Args:
            server_id: The server.
            project_id: Its project.
            requested: ``port``, or ``uuid`` (a network's), with ``fixed_ip`` if one is wished for; empty: the one
                network that the project has.
            admin: Whether an external network may be used.

        Raises:
            AllocationError: 400, 403 or 409, as the Compute API answers.
        """
        before = {port["id"] for port in self.ports(server_id)}
        wanted: Requested = [requested] if requested else None
        if not requested and not self._neutron.networks.for_project(project_id):
            raise AllocationError(400, "InterfaceAttachFailed", "No network is available to the project.")
        self.allocate(server_id, project_id, wanted, "", admin=admin)
        port = next(port for port in self.ports(server_id) if port["id"] not in before)
        if siblings := [other for other in self.ports(server_id) if other["id"] in before]:
            self.bind([port], siblings[0]["binding:host_id"])
        return port

    def detach(self, port: Record) -> None:
        """Take a port from its server: one that was made for it is deleted, another is free again."""
        ports = self._neutron.ports
        if port["id"] in self._made:
            self._made.discard(port["id"])
            ports.remove(port)
            return
        free = {"device_id": "", "device_owner": "", "binding:host_id": "", "binding:profile": {}}
        ports.change(port, free, self._neutron.internal)

    def release(self, server_id: str) -> None:
        """The server is gone."""
        for port in self.ports(server_id):
            self.detach(port)

    def bind(self, ports: Sequence[Record], host: str) -> None:
        """The ports' server runs on this host (none: "")."""
        for port in ports:
            if port["binding:host_id"] != host:
                self._neutron.ports.change(port, {"binding:host_id": host}, self._neutron.internal)

    def addresses(self, server_id: str) -> dict[str, list[dict[str, Any]]]:
        """The server's addresses in the form of Nova's ``addresses``."""
        found: dict[str, list[dict[str, Any]]] = {}
        for port in self.ports(server_id):
            entries = found.setdefault(self._neutron.networks[port["network_id"]]["name"], [])
            floating = self._neutron.floatingips.of_port(port["id"])
            for item in port["fixed_ips"]:
                entries.append(self._entry(item["ip_address"], "fixed", port))
                entries += [
                    self._entry(record["floating_ip_address"], "floating", port)
                    for record in floating
                    if record["fixed_ip_address"] == item["ip_address"]
                ]
        return found

    def _entry(self, address: str, kind: str, port: Record) -> dict[str, Any]:
        return {
            "addr": address,
            "version": 6 if ":" in address else 4,
            "OS-EXT-IPS:type": kind,
            "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
        }

    # -- the rules ---------------------------------------------------------------------------------------------------

    def _groups(self, names: Sequence[str], project_id: str) -> list[str] | None:
        if not names:
            return None
        try:
            return self._neutron.security_groups.named(names, project_id)
        except NeutronError as error:
            raise AllocationError(error.status, error.kind, error.message) from error

    def _plan(self, project_id: str, requested: Requested, admin: bool) -> list[Mapping[str, Any]]:
        """What to attach, each with its ``network`` or ``port``; checks what can be checked beforehand."""
        networks = self._neutron.networks
        if requested == "none":
            return []
        if requested is None or isinstance(requested, str) or not requested:
            available = networks.for_project(project_id)
            if len(available) > 1:
                raise AllocationError(
                    409,
                    "NetworkAmbiguous",
                    "Multiple possible networks found, use a Network ID to be more specific.",
                )
            if not available and requested == "auto":
                try:
                    available = [self._neutron.auto_topologies.network_of(project_id)]
                except NeutronError as error:
                    raise AllocationError(
                        400,
                        "UnableToAutoAllocateNetwork",
                        f"Unable to automatically allocate a network for project {project_id}",
                    ) from error
            return [{"network": self._usable(network, admin, project_id)} for network in available]
        plan: list[Mapping[str, Any]] = []
        for item in requested:
            if item.get("port"):
                plan.append({"port": self._free_port(str(item["port"]), project_id, admin, plan)})
                continue
            network_id = item.get("uuid")
            if network_id is None or network_id not in networks:
                raise AllocationError(400, "NetworkNotFound", f"Network {network_id} could not be found.")
            network = networks[network_id]
            known = network["project_id"] == project_id or network["router:external"] or admin
            if not known and not networks.shared_with(network, project_id):
                raise AllocationError(400, "NetworkNotFound", f"Network {network_id} could not be found.")
            plan.append({"network": self._usable(network, admin, project_id), "fixed_ip": item.get("fixed_ip")})
        return plan

    def _usable(self, network: Record, admin: bool, project_id: str) -> Record:
        if network["router:external"] and not admin and not self._neutron.networks.shared_with(network, project_id):
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

    def _free_port(self, port_id: str, project_id: str, admin: bool, plan: Sequence[Mapping[str, Any]]) -> Record:
        ports = self._neutron.ports
        if port_id not in ports or not (admin or ports[port_id]["project_id"] == project_id):
            raise AllocationError(400, "PortNotFound", f"Port id {port_id} could not be found.")
        port = ports[port_id]
        if port["device_id"] or any(item.get("port") is port for item in plan):
            raise AllocationError(409, "PortInUse", f"Port {port_id} is still in use.")
        return port

    def _attach(self, server_id: str, project_id: str, item: Mapping[str, Any], groups: list[str] | None) -> Record:
        neutron = self._neutron
        if port := item.get("port"):
            return neutron.ports.change(port, {"device_id": server_id, "device_owner": DEVICE_OWNER}, neutron.internal)
        fixed_ip = item.get("fixed_ip")
        made = neutron.make_port(
            item["network"],
            project_id=project_id,
            device_owner=DEVICE_OWNER,
            device_id=server_id,
            fixed_ips=[{"ip_address": fixed_ip}] if fixed_ip else None,
            security_groups=groups if item["network"]["port_security_enabled"] else None,
        )
        self._made.add(made["id"])
        return made
