"""What the admin tool asks of OpenStack, and does to it, through openstacksdk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from openstack.exceptions import BadRequestException, NotFoundException

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.openstack.calls import call

if TYPE_CHECKING:
    from openstack.connection import Connection


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
        services = self._compute_services()
        self._services = {service["host"]: service["id"] for service in services}
        return {service["host"]: service["state"] for service in services}

    def in_use(self) -> list[str]:
        """The computes that are up and enabled, by host name."""
        return [
            service["host"]
            for service in self._compute_services()
            if service["state"] == "up" and service["status"] == "enabled"
        ]

    def controllers(self) -> list[str]:
        """The hosts that have services of Nova's but are no computes, each once."""
        services = call(self._connection.compute, "GET", "/os-services")["services"]
        computes = {service["host"] for service in services if service["binary"] == "nova-compute"}
        return [host for host in dict.fromkeys(service["host"] for service in services) if host not in computes]

    def owner(self, server_id: str) -> str | None:
        """The project of a server; None when there is no such server."""
        try:
            return str(
                call(self._connection.compute, "GET", f"/servers/{quote(server_id, safe='')}")["server"]["tenant_id"]
            )
        except (NotFoundException, BadRequestException):
            return None

    def _compute_services(self, **filters: str) -> list[dict[str, Any]]:
        answer = call(self._connection.compute, "GET", "/os-services", binary="nova-compute", **filters)
        services: list[dict[str, Any]] = answer["services"]
        return services

    def capacity(self) -> dict[str, int]:
        """How many VCPUs each compute has, by host name."""
        answer = call(self._connection.compute, "GET", "/os-hypervisors/detail")
        return {item["service"]["host"]: int(item["vcpus"]) for item in answer["hypervisors"]}

    def is_up(self, host: str) -> bool:
        """Whether the compute's service reports."""
        return any(service["state"] == "up" for service in self._compute_services(host=host))

    def disable(self, host: str, reason: str) -> None:
        """Let nothing more be scheduled to ``host``."""
        self._update(host, {"status": "disabled", "disabled_reason": reason})

    def enable(self, host: str) -> None:
        """Let ``host`` be used again."""
        self._update(host, {"status": "enabled"})

    def _update(self, host: str, body: dict[str, str]) -> None:
        call(self._connection.compute, "PUT", f"/os-services/{self._service(host)}", body)

    def _service(self, host: str) -> str:
        if host not in self._services:
            self.computes()
        return self._services[host]

    def instances(self, hosts: Iterable[str]) -> list[Instance]:
        """The instances of all projects on ``hosts``, ordered by host, then id."""
        return [instance for host in hosts for instance in self._instances_on(host)]

    def _instances_on(self, host: str) -> list[Instance]:
        servers = call(self._connection.compute, "GET", "/servers/detail", all_tenants=1, host=host)["servers"]
        return sorted(
            (Instance(server["id"], server["tenant_id"], host, int(server["flavor"]["vcpus"])) for server in servers),
            key=lambda instance: instance.instance_id,
        )

    def used(self, host: str) -> int:
        """How many VCPUs of ``host`` are taken, by Placement's books, which are right at once."""
        placement = self._connection.placement
        if host not in self._providers:
            found = call(placement, "GET", "/resource_providers", name=host)["resource_providers"]
            self._providers[host] = found[0]["uuid"]
        usages = call(placement, "GET", f"/resource_providers/{self._providers[host]}/usages")["usages"]
        return int(usages.get("VCPU", 0))

    def apart(self) -> list[frozenset[str]]:
        """The members of each anti-affinity group, of all projects."""
        groups = call(self._connection.compute, "GET", "/os-server-groups", all_projects="True")["server_groups"]
        return [frozenset(group["members"]) for group in groups if group["policy"] == "anti-affinity"]
