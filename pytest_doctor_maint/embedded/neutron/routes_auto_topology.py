"""Networking API: automatically allocated topologies."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.errors import not_allowed
from pytest_doctor_maint.embedded.neutron.service import NeutronService
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class AutoTopologyRoutes(NeutronService):
    """``/v2.0/auto-allocated-topology``."""

    @route("GET", "/v2.0/auto-allocated-topology/<project_id>", role="reader")
    def show_auto_topology(self, request: ServiceRequest, project_id: str) -> Answer:
        topologies = self.neutron.auto_topologies
        project_id = _project(request, project_id, "get_auto_allocated_topology")
        if "dry-run" in request.args.getlist("fields"):
            topologies.requirements()
            topology_id = "dry-run=pass"
        else:
            topology_id = topologies.network_of(project_id)["id"]
        shown = {"id": topology_id, "tenant_id": project_id, "project_id": project_id}
        return {"auto_allocated_topology": shown}

    @route("DELETE", "/v2.0/auto-allocated-topology/<project_id>")
    def delete_auto_topology(self, request: ServiceRequest, project_id: str) -> Answer:
        project_id = _project(request, project_id, "delete_auto_allocated_topology")
        self.neutron.auto_topologies.delete(project_id)
        return None


def _project(request: ServiceRequest, project_id: str, rule: str) -> str:
    """Return the project of a request. Clients send ``None`` for the caller's project."""
    if project_id == "None":
        return request.caller.project_id
    if project_id != request.caller.project_id and not request.caller.is_admin:
        raise not_allowed(rule)
    return project_id
