"""The network that a project gets when it asks for just any: behind a router, on the default external network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron

NAME = "auto_allocated"


class AutoTopologies:
    """The automatically allocated topologies, at most one for each project."""

    def __init__(self, neutron: Neutron) -> None:
        self._neutron = neutron
        # By project: the network and the router.
        self._made: dict[str, tuple[str, str]] = {}

    def check(self) -> tuple[Record, list[Record]]:
        """The default external network and the default subnet pools, of which a topology is made.

        Raises:
            NeutronError: 409, the cloud lacks one of them.
        """
        external = [network for network in self._neutron.networks if network["is_default"]]
        if not external:
            raise conflict("AutoAllocationFailure", "Deployment error: No default router:external network.")
        pools = [pool for pool in self._neutron.subnetpools if pool["is_default"]]
        if not pools:
            raise conflict("AutoAllocationFailure", "Deployment error: No default subnetpools defined.")
        return external[0], pools

    def network_of(self, project_id: str) -> Record:
        """The project's network; it is made, with all that belongs to it, when there is none.

        Raises:
            NeutronError: 409, the cloud has nothing to make it of, or a quota is full; nothing was changed.
        """
        neutron = self._neutron
        if project_id in self._made and self._made[project_id][0] in neutron.networks:
            return neutron.networks[self._made[project_id][0]]
        external, pools = self.check()
        network = neutron.create("network", project_id, name=f"{NAME}_network")
        router: Record | None = None
        try:
            subnets = [self._subnet(project_id, network, pool) for pool in pools]
            gateway = {"network_id": external["id"]}
            router = neutron.create("router", project_id, name=f"{NAME}_router", external_gateway_info=gateway)
            for subnet in subnets:
                neutron.routers.add_interface(router, {"subnet_id": subnet["id"]}, neutron.internal)
        except NeutronError:
            self._remove(network["id"], router["id"] if router else "")
            raise
        self._made[project_id] = (network["id"], router["id"])
        return network

    def _subnet(self, project_id: str, network: Record, pool: Record) -> Record:
        return self._neutron.create(
            "subnet",
            project_id,
            name=f"{NAME}_subnet_v{pool['ip_version']}",
            network_id=network["id"],
            ip_version=pool["ip_version"],
            subnetpool_id=pool["id"],
        )

    def delete(self, project_id: str) -> None:
        """Take a project's topology away, if it has one.

        Raises:
            NeutronError: 409, something of it is in use.
        """
        if project_id not in self._made:
            return
        network_id, router_id = self._made[project_id]
        ports = self._neutron.ports.by("network_id", network_id)
        if any(not port["device_owner"].startswith("network:") for port in ports):
            raise conflict(
                "NetworkInUse",
                f"Unable to complete operation on network {network_id}. There are one or more ports still in use on "
                "the network.",
            )
        self._remove(network_id, router_id)
        del self._made[project_id]

    def _remove(self, network_id: str, router_id: str) -> None:
        neutron = self._neutron
        if router_id in neutron.routers:
            router = neutron.routers[router_id]
            for port in neutron.routers.interfaces(router):
                neutron.routers.remove_interface(router, {"port_id": port["id"]}, neutron.internal)
            neutron.routers.delete(router, neutron.internal)
        if network_id in neutron.networks:
            neutron.networks.delete(neutron.networks[network_id], neutron.internal)
