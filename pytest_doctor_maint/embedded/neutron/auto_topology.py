"""Automatically allocated topologies: a project's network behind a router on the default external network."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.collection import INTERNAL
from pytest_doctor_maint.embedded.neutron.errors import conflict
from pytest_doctor_maint.embedded.neutron.networks import Networks
from pytest_doctor_maint.embedded.neutron.ports import Ports
from pytest_doctor_maint.embedded.neutron.router_interfaces import RouterInterfaces
from pytest_doctor_maint.embedded.neutron.routers import Routers
from pytest_doctor_maint.embedded.neutron.savepoint import Restore, keep
from pytest_doctor_maint.embedded.neutron.subnetpools import SubnetPools
from pytest_doctor_maint.embedded.neutron.subnets import Subnets

NAME = "auto_allocated"


class AutoTopologies:
    """The automatically allocated topologies, at most one for each project.

    Args:
        networks: All networks.
        subnetpools: All subnet pools.
        subnets: All subnets.
        ports: All ports.
        routers: All routers.
        interfaces: The routers' interfaces.
    """

    def __init__(
        self,
        *,
        networks: Networks,
        subnetpools: SubnetPools,
        subnets: Subnets,
        ports: Ports,
        routers: Routers,
        interfaces: RouterInterfaces,
    ) -> None:
        self._networks = networks
        self._subnetpools = subnetpools
        self._subnets = subnets
        self._ports = ports
        self._routers = routers
        self._interfaces = interfaces
        # By project: the ids of the network and of the router.
        self._made: dict[str, tuple[str, str]] = {}

    def requirements(self) -> tuple[Record, list[Record]]:
        """Return the default external network and the default subnet pools, which a topology is made of.

        Raises:
            NeutronError: 409, the cloud does not have them.
        """
        external = [network for network in self._networks if network["is_default"]]
        if not external:
            raise conflict("AutoAllocationFailure", "Deployment error: No default router:external network.")
        pools = [pool for pool in self._subnetpools if pool["is_default"]]
        if not pools:
            raise conflict("AutoAllocationFailure", "Deployment error: No default subnetpools defined.")
        return external[0], pools

    def network_of(self, project_id: str) -> Record:
        """Return the project's network. If the project has no such network, create the whole topology.

        Raises:
            NeutronError: 409, the cloud does not have what is required, or a quota is exceeded.
        """
        if project_id in self._made and self._made[project_id][0] in self._networks:
            return self._networks[self._made[project_id][0]]
        external, pools = self.requirements()
        owned = {"project_id": project_id}
        network = self._networks.create({**owned, "name": f"{NAME}_network"}, INTERNAL)
        subnets = [
            self._subnets.create(
                {
                    **owned,
                    "name": f"{NAME}_subnet_v{pool['ip_version']}",
                    "network_id": network["id"],
                    "ip_version": pool["ip_version"],
                    "subnetpool_id": pool["id"],
                },
                INTERNAL,
            )
            for pool in pools
        ]
        gateway = {"network_id": external["id"]}
        router = self._routers.create({**owned, "name": f"{NAME}_router", "external_gateway_info": gateway}, INTERNAL)
        for subnet in subnets:
            self._interfaces.add(router, {"subnet_id": subnet["id"]}, INTERNAL)
        self._made[project_id] = (network["id"], router["id"])
        return network

    def keep(self) -> Restore:
        """Return a function that puts back which topologies there are."""
        return keep(self._made)

    def delete(self, project_id: str) -> None:
        """Delete a project's topology, if it has one.

        Raises:
            NeutronError: 409, a part of it is in use.
        """
        if project_id not in self._made:
            return
        network_id, router_id = self._made[project_id]
        ports = self._ports.by("network_id", network_id)
        if any(not port["device_owner"].startswith("network:") for port in ports):
            raise conflict(
                "NetworkInUse",
                f"Unable to complete operation on network {network_id}. There are one or more ports still in use on "
                "the network.",
            )
        self._remove(network_id, router_id)
        del self._made[project_id]

    def _remove(self, network_id: str, router_id: str) -> None:
        if router_id in self._routers:
            router = self._routers[router_id]
            for port in self._interfaces.of(router):
                self._interfaces.remove(router, {"port_id": port["id"]}, INTERNAL)
            self._routers.delete(router, INTERNAL)
        if network_id in self._networks:
            self._networks.delete(self._networks[network_id], INTERNAL)
