"""Nova's hosts over HTTP, as they were up to microversion 2.42."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova import body as read
from pytest_doctor_maint.embedded.nova.aggregates import INTERNAL_ZONE
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.resources import Resources
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

CONTROLLER = "controller"
"""The host of Nova's services that are no computes."""

UPDATE: dict[str, read.Reader] = {
    "status": lambda name, value: read.one_of("enable", "disable")(name, str(value).lower()),
    "maintenance_mode": lambda name, value: read.one_of("enable", "disable")(name, str(value).lower()),
}


class HostRoutes(NovaService):
    """``/os-hosts``: computes are shown; none of what old drivers could do with them is there, as with KVM."""

    @route("GET", "/v2.1/os-hosts", admin=True, max=(2, 42))
    def list_hosts(self, request: NovaRequest) -> Answer:
        hosts = [
            {"host_name": CONTROLLER, "service": service, "zone": INTERNAL_ZONE}
            for service in ("conductor", "scheduler")
        ]
        hosts += [
            {"host_name": host, "service": "compute", "zone": self.nova.zone_of(host)}
            for host, compute in self.nova.computes.items()
            if not compute.deleted
        ]
        zone = request.args.get("zone")
        return {"hosts": [host for host in hosts if not zone or host["zone"] == zone]}

    @route("GET", "/v2.1/os-hosts/<host>", admin=True, max=(2, 42))
    def show_host(self, request: NovaRequest, host: str) -> Answer:
        compute = self._host(host)
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
            "(used_now)": self.nova.usage(host),
            "(used_max)": used_max,
            **projects,
        }
        return {"host": [self._host_row(host, project, resources) for project, resources in rows.items()]}

    @route("PUT", "/v2.1/os-hosts/<host>", admin=True, max=(2, 42))
    def update_host(self, request: NovaRequest, host: str) -> Answer:
        values = read.values(request.json_object(), UPDATE)
        if not values:
            raise Invalid("Invalid input received: status or maintenance_mode must be given")
        self._host(host)
        raise HttpError(501, "Virt driver does not implement host disabled status.")

    @route("GET", "/v2.1/os-hosts/<host>/<any(startup, shutdown, reboot):action>", admin=True, max=(2, 42))
    def power_host(self, request: NovaRequest, host: str, action: str) -> Answer:
        self._host(host)
        raise HttpError(501, f"Virt driver does not implement host {action}.")

    def _host(self, host: str) -> Compute:
        compute = self.nova.computes.get(host)
        if compute is None or compute.deleted:
            raise Missing(f"Compute host {host} could not be found.")
        return compute

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
