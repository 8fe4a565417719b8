"""Networking API: documents about the service: versions, extensions, availability zones, providers."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.errors import not_found
from pytest_doctor_maint.embedded.neutron.extensions import EXTENSIONS, document
from pytest_doctor_maint.embedded.neutron.listing import matching
from pytest_doctor_maint.embedded.neutron.service import NeutronService
from pytest_doctor_maint.embedded.neutron.zones import ZONES
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route

#: Neutron adds its own providers of routers, none of them as the default.
_PROVIDERS = [
    {"service_type": "L3_ROUTER_NAT", "name": name, "default": False} for name in ("dvrha", "dvr", "ha", "single_node")
]


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
            for zone in ZONES
            for resource in ("network", "router")
        ]
        return {"availability_zones": matching(zones, list(request.args.items(multi=True)))}

    @route("GET", "/v2.0/service-providers")
    def list_service_providers(self, request: ServiceRequest) -> Answer:
        return {"service_providers": matching(_PROVIDERS, list(request.args.items(multi=True)))}
