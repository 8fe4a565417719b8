"""Networking API: what it says of itself (versions, extensions, zones, providers), and how full networks are."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.availability import ip_availability
from pytest_doctor_maint.embedded.neutron.errors import not_allowed, not_found
from pytest_doctor_maint.embedded.neutron.extensions import EXTENSIONS, document
from pytest_doctor_maint.embedded.neutron.service import NeutronService
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class ServiceRoutes(NeutronService):
    """Documents about the service."""

    @route("GET", "/", public=True)
    def list_versions(self, request: ServiceRequest) -> Answer:
        link = {"rel": "self", "href": f"{request.root_url}v2.0/"}
        return {"versions": [{"id": "v2.0", "status": "CURRENT", "links": [link]}]}

    @route("GET", "/v2.0")
    def show_version(self, request: ServiceRequest) -> Answer:
        return {
            "resources": [
                {
                    "name": collection.kind.name,
                    "collection": collection.kind.collection.replace("-", "_"),
                    "links": [{"rel": "self", "href": f"{request.root_url}v2.0/{collection.kind.collection}"}],
                }
                for collection in self.neutron.collections
            ]
        }

    @route("GET", "/v2.0/extensions")
    def list_extensions(self, request: ServiceRequest) -> Answer:
        return {"extensions": [document(alias) for alias in EXTENSIONS]}

    @route("GET", "/v2.0/extensions/<alias>")
    def show_extension(self, request: ServiceRequest, alias: str) -> Answer:
        if alias not in EXTENSIONS:
            raise not_found("ExtensionNotFound", f"Extension with alias {alias} does not exist")
        return {"extension": document(alias)}

    @route("GET", "/v2.0/availability_zones")
    def list_availability_zones(self, request: ServiceRequest) -> Answer:
        zones = [
            {"name": zone, "resource": resource, "state": "available"}
            for zone in self.neutron.agents.zones()
            for resource in ("network", "router")
        ]
        return {
            "availability_zones": [
                zone
                for zone in zones
                if all(zone[key] in request.args.getlist(key) for key in request.args if key in zone)
            ]
        }

    @route("GET", "/v2.0/service-providers")
    def list_service_providers(self, request: ServiceRequest) -> Answer:
        return {"service_providers": [{"service_type": "L3_ROUTER_NAT", "name": "single_node", "default": True}]}

    @route("GET", "/v2.0/network-ip-availabilities", admin=True)
    def list_ip_availabilities(self, request: ServiceRequest) -> Answer:
        neutron = self.neutron
        found = []
        for network in neutron.networks:
            shown = ip_availability(neutron, network)
            asked = {key: request.args.getlist(key) for key in request.args}
            version = asked.pop("ip_version", None)
            if version and not any(str(s["ip_version"]) in version for s in neutron.networks.subnets_of(network)):
                continue
            if all(str(shown[key]) in values for key, values in asked.items() if key in shown):
                found.append(shown)
        return {"network_ip_availabilities": found}

    @route("GET", "/v2.0/network-ip-availabilities/<network_id>", admin=True)
    def show_ip_availability(self, request: ServiceRequest, network_id: str) -> Answer:
        neutron = self.neutron
        return {"network_ip_availability": ip_availability(neutron, neutron.networks.find(network_id, request.caller))}

    @route("GET", "/v2.0/auto-allocated-topology/<project_id>")
    def show_auto_topology(self, request: ServiceRequest, project_id: str) -> Answer:
        topologies = self.neutron.auto_topologies
        project_id = self._project(request, project_id, "get_auto_allocated_topology")
        if "dry-run" in request.args.getlist("fields"):
            topologies.check()
            topology_id = "dry-run=pass"
        else:
            topology_id = topologies.network_of(project_id)["id"]
        shown = {"id": topology_id, "tenant_id": project_id, "project_id": project_id}
        return {"auto_allocated_topology": shown}

    @route("DELETE", "/v2.0/auto-allocated-topology/<project_id>")
    def delete_auto_topology(self, request: ServiceRequest, project_id: str) -> Answer:
        project_id = self._project(request, project_id, "delete_auto_allocated_topology")
        self.neutron.auto_topologies.delete(project_id)
        return None

    def _project(self, request: ServiceRequest, project_id: str, rule: str) -> str:
        """The project that is asked about; clients that name none write ``None``."""
        if project_id == "None":
            return request.caller.project_id
        if project_id != request.caller.project_id and not request.caller.is_admin:
            raise not_allowed(rule)
        return project_id
