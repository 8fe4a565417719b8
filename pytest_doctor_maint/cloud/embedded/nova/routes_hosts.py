"""Nova's hosts over HTTP, as they were up to microversion 2.42."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.cloud.embedded.nova.aggregates import INTERNAL_ZONE
from pytest_doctor_maint.cloud.embedded.nova.compute import Resources
from pytest_doctor_maint.cloud.embedded.nova.errors import Missing
from pytest_doctor_maint.cloud.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.net import Answer, route

CONTROLLER = "controller"
"""The host of Nova's services that are no computes."""


class HostRoutes(NovaService):
    """``/os-hosts``."""

    @route("GET", "/v2.1/os-hosts", admin=True, max=(2, 42))
    def list_hosts(self, request: NovaRequest) -> Answer:
        hosts = [
            {"host_name": CONTROLLER, "service": service, "zone": INTERNAL_ZONE}
            for service in ("conductor", "scheduler")
        ]
        hosts += [
            {"host_name": host, "service": "compute", "zone": self.world.nova.zone_of(host)}
            for host, compute in self.world.nova.computes.items()
            if not compute.deleted
        ]
        zone = request.args.get("zone")
        return {"hosts": [host for host in hosts if zone in (None, host["zone"])]}

    @route("GET", "/v2.1/os-hosts/<host>", admin=True, max=(2, 42))
    def show_host(self, request: NovaRequest, host: str) -> Answer:
        compute = self.world.nova.computes.get(host)
        if compute is None or compute.deleted:
            raise Missing(f"Compute host {host} could not be found.")
        projects: dict[str, Resources] = {}
        for server in compute.servers.values():
            held, more = projects.get(server.project_id, Resources(0, 0, 0)), Resources.of(server.flavor)
            projects[server.project_id] = Resources(
                held.vcpus + more.vcpus, held.memory_mb + more.memory_mb, held.disk_gb + more.disk_gb
            )
        used_max = Resources(
            sum(held.vcpus for held in projects.values()),
            sum(held.memory_mb for held in projects.values()),
            sum(held.disk_gb for held in projects.values()),
        )
        rows = {
            "(total)": Resources(compute.vcpus, compute.memory_mb, compute.disk_gb),
            "(used_now)": self.world.nova.usage(host),
            "(used_max)": used_max,
            **projects,
        }
        return {"host": [self._host_row(host, project, resources) for project, resources in rows.items()]}

    def _host_row(self, host: str, project: str, resources: Resources) -> dict[str, Any]:
        return {
            "resource": {
                "host": host,
                "project": project,
                "cpu": resources.vcpus,
                "memory_mb": resources.memory_mb,
                "disk_gb": resources.disk_gb,
            }
        }
