"""Neutron's state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.keystone.models import Keystone
from pytest_doctor_maint.embedded.neutron.address_scopes import ADDRESS_SCOPE, AddressScopes
from pytest_doctor_maint.embedded.neutron.agents import AGENT, Agents
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.auto_topology import AutoTopologies
from pytest_doctor_maint.embedded.neutron.collection import INTERNAL, Collection
from pytest_doctor_maint.embedded.neutron.errors import AllocationError
from pytest_doctor_maint.embedded.neutron.fixed_ips import FixedIps
from pytest_doctor_maint.embedded.neutron.floating_ip_targets import FloatingIpTargets
from pytest_doctor_maint.embedded.neutron.floatingips import FLOATING_IP, FloatingIps
from pytest_doctor_maint.embedded.neutron.ipam import Addresses
from pytest_doctor_maint.embedded.neutron.macs import MacAddresses
from pytest_doctor_maint.embedded.neutron.network_access import NetworkAccess
from pytest_doctor_maint.embedded.neutron.networks import NETWORK, Networks
from pytest_doctor_maint.embedded.neutron.ports import PORT, Ports
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.rbac import RBAC_POLICY, RbacPolicies
from pytest_doctor_maint.embedded.neutron.router_gateways import RouterGateways
from pytest_doctor_maint.embedded.neutron.router_interfaces import RouterInterfaces
from pytest_doctor_maint.embedded.neutron.routers import ROUTER, Routers
from pytest_doctor_maint.embedded.neutron.savepoint import keep
from pytest_doctor_maint.embedded.neutron.security_group_rules import SECURITY_GROUP_RULE, SecurityGroupRules
from pytest_doctor_maint.embedded.neutron.security_groups import SECURITY_GROUP, SecurityGroups
from pytest_doctor_maint.embedded.neutron.servers import Requested, ServerPorts
from pytest_doctor_maint.embedded.neutron.sharing import Sharing
from pytest_doctor_maint.embedded.neutron.subnetpools import SUBNETPOOL, SubnetPools
from pytest_doctor_maint.embedded.neutron.subnets import SUBNET, Subnets
from pytest_doctor_maint.embedded.neutron.table import Table, Tables

PUBLIC_NETWORK = "public"
PUBLIC_CIDR = "172.24.4.0/24"
DEFAULT_POOL = "shared-default-subnetpool-v4"
DEFAULT_PREFIX = "10.240.0.0/12"


class Neutron:
    """Neutron's state: one collection for each kind of resource. Resources are dictionaries by the API's names.

    Its parts get the tables and the parts that they need by name; only this class knows all of them.

    Args:
        core: What all services share.
        keystone: Has the projects, and the admin project, which owns the resources that exist from the start.
        hosts: The names of the computes.

    Attributes:
        subnet_addresses: The addresses of each subnet by its id.
        public: The external network that exists from the start.
        internal: The caller that stands for the cloud's own services.
    """

    def __init__(self, core: Core, keystone: Keystone, *, hosts: Sequence[str] = ()) -> None:
        self.internal = INTERNAL
        self.subnet_addresses: dict[str, Addresses] = {}
        self._tables = tables = Tables(
            networks=Table(core, NETWORK),
            subnets=Table(core, SUBNET),
            ports=Table(core, PORT),
            routers=Table(core, ROUTER),
            floatingips=Table(core, FLOATING_IP),
            security_groups=Table(core, SECURITY_GROUP),
            security_group_rules=Table(core, SECURITY_GROUP_RULE),
            subnetpools=Table(core, SUBNETPOOL),
            address_scopes=Table(core, ADDRESS_SCOPE),
            rbac_policies=Table(core, RBAC_POLICY),
            agents=Table(core, AGENT),
        )
        self.quotas = quotas = Quotas(tables)
        sharing = Sharing(tables)
        self._macs = MacAddresses(core.ids)
        self.network_access = access = NetworkAccess(tables, sharing)
        self._targets = targets = FloatingIpTargets(tables, core.recorder)
        self.agents = Agents(tables, quotas, clock=core.clock)
        self.address_scopes = AddressScopes(tables, quotas, sharing=sharing)
        self.subnetpools = SubnetPools(tables, quotas, sharing=sharing, scopes=self.address_scopes)
        self.security_groups = SecurityGroups(tables, quotas, sharing=sharing, projects=keystone)
        self.security_group_rules = SecurityGroupRules(tables, quotas, groups=self.security_groups)
        self.ports = Ports(
            tables,
            quotas,
            networks=access,
            security_groups=self.security_groups,
            fixed_ips=FixedIps(tables, networks=access, addresses=self.subnet_addresses),
            macs=self._macs,
            targets=targets,
        )
        self.subnets = Subnets(
            tables,
            quotas,
            networks=access,
            sharing=sharing,
            subnetpools=self.subnetpools,
            ports=self.ports,
            addresses=self.subnet_addresses,
        )
        self.router_interfaces = interfaces = RouterInterfaces(tables, ports=self.ports, subnets=self.subnets)
        gateways = RouterGateways(tables, networks=access, ports=self.ports, interfaces=interfaces)
        self.routers = Routers(tables, quotas, gateways=gateways, interfaces=interfaces)
        self.floatingips = FloatingIps(
            tables, quotas, networks=access, ports=self.ports, interfaces=interfaces, targets=targets
        )
        self.networks = Networks(
            tables,
            quotas,
            access=access,
            sharing=sharing,
            security_groups=self.security_groups,
            ports=self.ports,
            subnets=self.subnets,
            floatingips=self.floatingips,
        )
        shareable = (self.networks, self.security_groups, self.subnetpools, self.address_scopes)
        self.rbac_policies = RbacPolicies(
            tables, quotas, sharing=sharing, shareable={each.kind.name: each for each in shareable}
        )
        self.auto_topologies = AutoTopologies(
            networks=self.networks,
            subnetpools=self.subnetpools,
            subnets=self.subnets,
            ports=self.ports,
            routers=self.routers,
            interfaces=interfaces,
        )
        self._servers = ServerPorts(
            tables,
            networks=access,
            ports=self.ports,
            security_groups=self.security_groups,
            auto_topologies=self.auto_topologies,
        )
        self.collections: Sequence[Collection] = (
            self.networks,
            self.subnets,
            self.ports,
            self.routers,
            self.floatingips,
            self.security_groups,
            self.security_group_rules,
            self.subnetpools,
            self.address_scopes,
            self.rbac_policies,
            self.agents,
        )
        self.agents.register(hosts)
        self.public = self._create_initial(keystone.admin_project_id)

    def _create_initial(self, owner: str) -> Record:
        """Create the public network and the default subnet pool; return the network."""
        public = self.create("network", owner, name=PUBLIC_NETWORK, **{"router:external": True, "is_default": True})
        self.create(
            "subnet",
            owner,
            name="public-subnet",
            network_id=public["id"],
            ip_version=4,
            cidr=PUBLIC_CIDR,
            enable_dhcp=False,
        )
        self.create(
            "subnetpool",
            owner,
            name=DEFAULT_POOL,
            prefixes=[DEFAULT_PREFIX],
            default_prefixlen=26,
            shared=True,
            is_default=True,
        )
        return public

    def create(self, resource: str, project_id: str, /, **attributes: object) -> Record:
        """Create a resource of a project as an admin does (``create("network", project_id, name="net")``).

        Raises:
            KeyError: There is no such kind of resource.
            NeutronError: As in the Networking API.
        """
        collections = {collection.kind.name: collection for collection in self.collections}
        return collections[resource].create({"project_id": project_id, **attributes}, self.internal)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Put everything back if what is done inside ends with an exception. Nothing inside may wait on the clock."""
        parts = (
            *self._tables, *self.subnet_addresses.values(), self._macs, self.networks, self.security_groups,
            self.auto_topologies, self._servers,
        )  # fmt: skip
        restores = [keep(self.subnet_addresses), *(part.keep() for part in parts)]
        with self._targets.held_back():
            try:
                yield
            except BaseException:
                for restore in restores:
                    restore()
                raise

    # -- for Nova ----------------------------------------------------------------------------------------------------

    def allocate(
        self,
        server_id: str,
        project_id: str,
        requested_networks: Requested,
        name: str,
        *,
        security_groups: Sequence[str] = (),
        admin: bool = False,
    ) -> None:
        """Give a new server its ports; see :meth:`ServerPorts.allocate`.

        Raises:
            AllocationError: 400, 403 or 409, as the Compute API answers; nothing has been changed.
        """
        with self.all_or_nothing():
            self._servers.allocate(
                server_id, project_id, requested_networks, security_groups=security_groups, admin=admin
            )

    def attach(self, server_id: str, project_id: str, requested: Mapping[str, Any], *, admin: bool = False) -> Record:
        """Attach one more port to a server, and return the port; see :meth:`ServerPorts.attach`.

        Raises:
            AllocationError: 400, 403 or 409, as the Compute API answers; nothing has been changed.
        """
        with self.all_or_nothing():
            return self._servers.attach(server_id, project_id, requested, admin=admin)

    def detach(self, server_id: str, port_id: str) -> None:
        """Detach a port from a server. A port that was created for the server is deleted.

        Raises:
            AllocationError: 404, the server has no such port.
        """
        for port in self.ports_of(server_id):
            if port["id"] == port_id:
                self._servers.detach(port)
                return
        raise AllocationError(404, "PortNotFound", f"Instance {server_id} does not have a port with id {port_id}")

    def release(self, server_id: str) -> None:
        """Detach the ports of a server that is deleted. Ports that were created for the server are deleted."""
        self._servers.release(server_id)

    def ports_of(self, server_id: str) -> list[Record]:
        """Return the server's ports, in the order of their attachment."""
        return self._servers.of(server_id)

    def addresses(self, server_id: str) -> dict[str, list[dict[str, Any]]]:
        """Return the server's fixed and floating addresses by network, as the Compute API shows them."""
        return self._servers.addresses(server_id)

    def bind_host(self, server_id: str, host: str | None) -> None:
        """Bind the server's ports to the host that it runs on; None unbinds them."""
        self._servers.bind(self.ports_of(server_id), host or "")

    def security_groups_of(self, server_id: str) -> list[Record]:
        """Return the security groups of the server's ports, each once."""
        ids = dict.fromkeys(group for port in self.ports_of(server_id) for group in port["security_groups"])
        return [self.security_groups[group] for group in ids]
