"""What the admin tool asks of OpenStack, and does to it, through openstacksdk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pytest_doctor_maint.admin_tool.placement import Instance

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Reads from here on name the flavor's VCPUs in the server itself, and take a host for a cold migration; up to here
#: os-hypervisors tells how many VCPUs a compute has (it is silent from 2.88 on).
COMPUTE_VERSION = "2.87"


class CloudView:
    """The computes and instances, as an admin sees them. All errors are openstacksdk's.

    Args:
        connection: A connection with the admin role.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._services: dict[str, str] = {}
        self._providers: dict[str, str] = {}

    def computes(self) -> dict[str, str]:
        """Every compute's state (``up`` or ``down``) by host name."""
        services = list(self._connection.compute.services(binary="nova-compute", microversion=COMPUTE_VERSION))
        self._services = {service.host: service.id for service in services}
        return {service.host: service.state for service in services}

    def capacity(self) -> dict[str, int]:
        """How many VCPUs each compute has, by host name."""
        return {
            hypervisor.service_details["host"]: int(hypervisor.vcpus)
            for hypervisor in self._connection.compute.hypervisors(details=True, microversion=COMPUTE_VERSION)
        }

    def is_up(self, host: str) -> bool:
        """Whether the compute's service reports."""
        services = self._connection.compute.services(binary="nova-compute", host=host, microversion=COMPUTE_VERSION)
        return any(service.state == "up" for service in services)

    def disable(self, host: str, reason: str) -> None:
        """Let nothing more be scheduled to ``host``."""
        self._connection.compute.disable_service(self._service(host), disabled_reason=reason)

    def enable(self, host: str) -> None:
        """Let ``host`` be used again."""
        self._connection.compute.enable_service(self._service(host))

    def _service(self, host: str) -> str:
        if host not in self._services:
            self.computes()
        return self._services[host]

    def instances(self, hosts: Iterable[str]) -> list[Instance]:
        """The instances of all projects on ``hosts``, ordered by host, then id."""
        return [instance for host in hosts for instance in self._instances_on(host)]

    def _instances_on(self, host: str) -> list[Instance]:
        servers = self._connection.compute.servers(all_projects=True, host=host, microversion=COMPUTE_VERSION)
        return sorted(
            (
                Instance(server.id, server.project_id, server.compute_host, int(server.flavor["vcpus"]))
                for server in servers
            ),
            key=lambda instance: instance.instance_id,
        )

    def used(self, host: str) -> int:
        """How many VCPUs of ``host`` are taken, by Placement's books, which are right at once."""
        placement = self._connection.placement
        if host not in self._providers:
            self._providers[host] = next(iter(placement.resource_providers(name=host))).id
        response = placement.get(f"/resource_providers/{self._providers[host]}/usages")
        response.raise_for_status()
        return int(response.json()["usages"].get("VCPU", 0))

    def apart(self) -> list[frozenset[str]]:
        """The members of each anti-affinity group, of all projects."""
        groups = self._connection.compute.server_groups(all_projects=True, microversion=COMPUTE_VERSION)
        return [frozenset(group.member_ids) for group in groups if group.policy == "anti-affinity"]
