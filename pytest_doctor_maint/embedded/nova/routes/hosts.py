"""``/os-hosts``, up to microversion 2.42."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.aggregates import INTERNAL_ZONE
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Missing
from pytest_doctor_maint.embedded.nova.resources import Resources
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import enum, object_
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

CONTROLLER = "controller"
"""The host of the services of Nova that are not computes."""

_SWITCH = enum("enable", "disable", "Enable", "Disable", "ENABLE", "DISABLE")
UPDATE = Schemas(
    {
        **object_({"status": _SWITCH, "maintenance_mode": _SWITCH}),
        "anyOf": [{"required": ["status"]}, {"required": ["maintenance_mode"]}],
    }
)


class HostRoutes(NovaService):
    """``/os-hosts``. As with KVM, hosts can be shown, and nothing else."""

    @route("GET", "/v2.1/os-hosts", admin=True, max=(2, 42))
    def list_hosts(self, request: NovaRequest) -> Answer:
        hosts = [
            {"host_name": CONTROLLER, "service": service, "zone": INTERNAL_ZONE}
            for service in ("conductor", "scheduler")
        ]
        hosts += [
            {"host_name": compute.host, "service": "compute", "zone": self.nova.zone_of(compute.host)}
            for compute in self.nova.known_computes()
        ]
        zone = request.args.get("zone")
        return {"hosts": [host for host in hosts if not zone or host["zone"] == zone]}

    @route("GET", "/v2.1/os-hosts/<host>", admin=True, max=(2, 42))
    def show_host(self, request: NovaRequest, host: str) -> Answer:
        compute = self._host(host)
        projects: dict[str, Resources] = {}
        for server in compute.servers.values():
            held = projects.get(server.project_id, Resources(0, 0, 0))
            projects[server.project_id] = held + Resources.of(server.flavor)
        rows = {
            "(total)": Resources(compute.vcpus, compute.memory_mb, compute.disk_gb),
            "(used_now)": compute.used,
            "(used_max)": sum(projects.values(), Resources(0, 0, 0)),
            **projects,
        }
        return {"host": [_row(host, project, resources) for project, resources in rows.items()]}

    @route("PUT", "/v2.1/os-hosts/<host>", admin=True, max=(2, 42))
    def update_host(self, request: NovaRequest, host: str) -> Answer:
        """Update a host; always answers 501."""
        request.valid_body(UPDATE)
        self._host(host)
        raise HttpError(501, "Virt driver does not implement host disabled status.")

    @route("GET", "/v2.1/os-hosts/<host>/<any(startup, shutdown, reboot):action>", admin=True, max=(2, 42))
    def power_host(self, request: NovaRequest, host: str, action: str) -> Answer:
        """Start, stop or restart a host; always answers 501."""
        self._host(host)
        raise HttpError(501, f"Virt driver does not implement host {action}.")

    def _host(self, host: str) -> Compute:
        if not self.nova.has_compute(host):
            raise Missing(f"Compute host {host} could not be found.")
        return self.nova.computes[host]


def _row(host: str, project: str, resources: Resources) -> dict[str, Any]:
    return {
        "resource": {
            "host": host,
            "project": project,
            "cpu": resources.vcpus,
            "memory_mb": resources.memory_mb,
            "disk_gb": resources.disk_gb,
        }
    }
