"""Neutron's state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.keystone.models import Keystone
from pytest_doctor_maint.embedded.neutron.agents import Agents
from pytest_doctor_maint.embedded.neutron.attributes import Record, creation
from pytest_doctor_maint.embedded.neutron.auto_topology import AutoTopologies
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import AllocationError
from pytest_doctor_maint.embedded.neutron.floatingips import FloatingIps
from pytest_doctor_maint.embedded.neutron.networks import Networks
from pytest_doctor_maint.embedded.neutron.ports import Ports
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.rbac import RbacPolicies
from pytest_doctor_maint.embedded.neutron.routers import Routers
from pytest_doctor_maint.embedded.neutron.security_groups import SecurityGroupRules, SecurityGroups
from pytest_doctor_maint.embedded.neutron.servers import Requested, Servers
from pytest_doctor_maint.embedded.neutron.subnetpools import AddressScopes, SubnetPools
from pytest_doctor_maint.embedded.neutron.subnets import Subnets

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.core import Core

PUBLIC_NETWORK = "public"
PUBLIC_CIDR = "172.24.4.0/24"
DEFAULT_POOL = "shared-default-subnetpool-v4"
DEFAULT_PREFIX = "10.240.0.0/12"


class Neutron:
    """Neutron's state: a collection for each kind of resource. Resources are records: attributes by the API's names.

    Attributes:
        public: The external network that is there from the start.
        internal: The caller that the cloud's own services are.
    """

    def __init__(self, core: Core, keystone: Keystone, *, hosts: Sequence[str] = ()) -> None:
        self.core = core
        self.keystone = keystone
        self.internal = Caller("", "neutron", "", "", frozenset({"admin"}))
        self.quotas = Quotas(self)
        self.agents = Agents(self)
        self.rbac_policies = RbacPolicies(self)
        self.networks = Networks(self)
        self.subnets = Subnets(self)
        self.address_scopes = AddressScopes(self)
        self.subnetpools = SubnetPools(self)
        self.security_groups = SecurityGroups(self)
        self.security_group_rules = SecurityGroupRules(self)
        self.ports = Ports(self)
        self.routers = Routers(self)
        self.floatingips = FloatingIps(self)
        self.auto_topologies = AutoTopologies(self)
        self._servers = Servers(self)
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
        owner = keystone.admin_project_id
        self.public = self.create(
            "network", owner, name=PUBLIC_NETWORK, **{"router:external": True, "is_default": True}
        )
        self.create(
            "subnet",
            owner,
            name="public-subnet",
            network_id=self.public["id"],
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

    def timestamp(self) -> str:
        """The time as the Networking API writes it (UTC, whole seconds)."""
        return self.core.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def collection_of(self, name: str) -> Collection:
        """The collection of the resources with this name (``network``).

        Raises:
            KeyError: There is none.
        """
        return {collection.kind.name: collection for collection in self.collections}[name]

    def create(self, resource: str, project_id: str, /, **body: Any) -> Record:
        """A new resource of a project (``create("network", project_id, name="net")``), as an admin would make it.

        Raises:
            NeutronError: As in the Networking API.
        """
        return self.collection_of(resource).create({"project_id": project_id, **body}, self.internal)

    def make_port(self, network: Record, *, project_id: str = "", **body: Any) -> Record:
        """A port of the cloud's own making: no quota is asked. What is None counts as not given.

        Raises:
            NeutronError: 400 or 409, it cannot have its addresses.
        """
        given = {key: value for key, value in body.items() if value is not None}
        record = creation(
            self.ports.kind, {"project_id": project_id, "network_id": network["id"], **given}, self.internal
        )
        return self.ports.make(record, network, self.internal)

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
        """Give a new server its ports; either all of them or none.

        Args:
            server_id: The server.
            project_id: Its project.
            requested_networks: As in Nova's create call: "auto", "none", or a list of {uuid, port, fixed_ip, tag}; None
                is what calls below microversion 2.37 mean by naming none.
            name: The server's name.
            security_groups: Names or ids of the groups that the ports made here get; none: the project's ``default``.
            admin: Whether external networks and other projects' resources may be used.

        Raises:
            AllocationError: ``status`` is 400, 403 or 409, as the Compute API answers; nothing was changed.
        """
        self._servers.allocate(
            server_id, project_id, requested_networks, name, security_groups=security_groups, admin=admin
        )

    def attach(self, server_id: str, project_id: str, requested: Mapping[str, Any], *, admin: bool = False) -> Record:
        """Attach one more port to a server and give it; see :meth:`Servers.attach`.

        Raises:
            AllocationError: 400, 403 or 409, as the Compute API answers.
        """
        return self._servers.attach(server_id, project_id, requested, admin=admin)

    def detach(self, server_id: str, port_id: str) -> None:
        """Take a port from a server: one that was made for it is deleted, another is free again.

        Raises:
            AllocationError: 404, the server has no such port.
        """
        for port in self.ports_of(server_id):
            if port["id"] == port_id:
                self._servers.detach(port)
                return
        raise AllocationError(404, "PortNotFound", f"Instance {server_id} does not have a port with id {port_id}")

    def release(self, server_id: str) -> None:
        """The server is gone: ports made for it are deleted, others are free again."""
        self._servers.release(server_id)

    def ports_of(self, server_id: str) -> list[Record]:
        """The server's ports, in the order of their attachment."""
        return self._servers.ports(server_id)

    def addresses(self, server_id: str) -> dict[str, list[dict[str, Any]]]:
        """The server's addresses in the form of Nova's ``addresses``: by network name, fixed and floating."""
        return self._servers.addresses(server_id)

    def bind_host(self, server_id: str, host: str | None) -> None:
        """The server runs on this host from now on (None: on none)."""
        self._servers.bind(self.ports_of(server_id), host or "")

    def security_groups_of(self, server_id: str) -> list[Record]:
        """The security groups that the server's ports are in, each once."""
        ids = dict.fromkeys(group for port in self.ports_of(server_id) for group in port["security_groups"])
        return [self.security_groups[group] for group in ids]
