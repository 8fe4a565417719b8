"""The requests of an admin tool to OpenStack, through openstacksdk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from openstack.exceptions import BadRequestException, NotFoundException

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.openstack.calls import call, service

if TYPE_CHECKING:
    from keystoneauth1.adapter import Adapter
    from openstack.connection import Connection


class CloudView:
    """The computes and instances, as an admin sees them. All errors are openstacksdk's.

    Args:
        connection: A connection with the admin role.

    Attributes:
        connection: That connection.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._services: dict[str, str] = {}
        self._providers: dict[str, str] = {}

    @property
    def _nova(self) -> Adapter:
        return service(self.connection, "compute")

    def computes(self) -> dict[str, str]:
        """Return the state of every compute (``up`` or ``down``) by host name."""
        services = self._compute_services()
        self._services = {service["host"]: service["id"] for service in services}
        return {service["host"]: service["state"] for service in services}

    def in_use(self) -> list[str]:
        """Return the host names of the computes that are up and enabled."""
        return [
            service["host"]
            for service in self._compute_services()
            if service["state"] == "up" and service["status"] == "enabled"
        ]

    def controllers(self) -> list[str]:
        """Return the hosts of Nova's services that are not computes, each once."""
        services = call(self._nova, "GET", "/os-services")["services"]
        computes = {service["host"] for service in services if service["binary"] == "nova-compute"}
        return [host for host in dict.fromkeys(service["host"] for service in services) if host not in computes]

    def owner(self, server_id: str) -> str | None:
        """Return the project of a server; None if the server does not exist."""
        try:
            server = call(self._nova, "GET", f"/servers/{quote(server_id, safe='')}")["server"]
        except (NotFoundException, BadRequestException):
            return None
        return str(server["tenant_id"])

    def capacity(self) -> dict[str, int]:
        """Return the number of VCPUs of each compute, by host name."""
        answer = call(self._nova, "GET", "/os-hypervisors/detail")
        return {item["service"]["host"]: int(item["vcpus"]) for item in answer["hypervisors"]}

    def is_up(self, host: str) -> bool:
        """Return True if the compute's service reports."""
        return any(service["state"] == "up" for service in self._compute_services(host=host))

    def disable(self, host: str, reason: str) -> None:
        """Disable the compute: Nova schedules nothing more to it."""
        self._update(host, {"status": "disabled", "disabled_reason": reason})

    def enable(self, host: str) -> None:
        """Enable the compute again."""
        self._update(host, {"status": "enabled"})

    def instances(self, hosts: Iterable[str]) -> list[Instance]:
        """Return the instances of all projects on `hosts`, ordered by host, then id."""
        return [instance for host in hosts for instance in self._instances_on(host)]

    def used(self, host: str) -> int:
        """Return the number of VCPUs in use on `host`, according to Placement, whose figures are never delayed."""
        placement = service(self.connection, "placement")
        if host not in self._providers:
            found = call(placement, "GET", "/resource_providers", name=host)["resource_providers"]
            self._providers[host] = found[0]["uuid"]
        usages = call(placement, "GET", f"/resource_providers/{self._providers[host]}/usages")["usages"]
        return int(usages.get("VCPU", 0))

    def apart(self) -> list[frozenset[str]]:
        """Return the members of each anti-affinity group, of all projects."""
        groups = call(self._nova, "GET", "/os-server-groups", all_projects="True")["server_groups"]
        return [frozenset(group["members"]) for group in groups if group["policy"] == "anti-affinity"]

    def _compute_services(self, **filters: str) -> list[dict[str, Any]]:
        answer = call(self._nova, "GET", "/os-services", binary="nova-compute", **filters)
        services: list[dict[str, Any]] = answer["services"]
        return services

    def _update(self, host: str, body: dict[str, str]) -> None:
        call(self._nova, "PUT", f"/os-services/{self._service(host)}", body)

    def _service(self, host: str) -> str:
        if host not in self._services:
            self.computes()
        return self._services[host]

    def _instances_on(self, host: str) -> list[Instance]:
        servers = call(self._nova, "GET", "/servers/detail", all_tenants=1, host=host)["servers"]
        return sorted(
            (
                Instance(server["id"], server["tenant_id"], host, int(server["flavor"]["vcpus"]), server["status"])
                for server in servers
            ),
            key=lambda instance: instance.instance_id,
        )
