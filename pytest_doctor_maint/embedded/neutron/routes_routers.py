"""Networking API: interfaces and static routes of routers."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.bodies import checked
from pytest_doctor_maint.embedded.neutron.errors import malformed
from pytest_doctor_maint.embedded.neutron.service import NeutronService
from pytest_doctor_maint.embedded.neutron.static_routes import ROUTES
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class RouterRoutes(NeutronService):
    """The actions of routers."""

    @route("PUT", "/v2.0/routers/<router_id>/add_router_interface")
    def add_router_interface(self, request: ServiceRequest, router_id: str) -> Answer:
        body = request.json_object()
        router = self.neutron.routers.find_own(router_id, request.caller, "add_router_interface")
        return self.neutron.router_interfaces.add(router, body, request.caller)

    @route("PUT", "/v2.0/routers/<router_id>/remove_router_interface")
    def remove_router_interface(self, request: ServiceRequest, router_id: str) -> Answer:
        body = request.json_object()
        router = self.neutron.routers.find_own(router_id, request.caller, "remove_router_interface")
        return self.neutron.router_interfaces.remove(router, body, request.caller)

    @route("PUT", "/v2.0/routers/<router_id>/add_extraroutes")
    def add_extraroutes(self, request: ServiceRequest, router_id: str) -> Answer:
        routers = self.neutron.routers
        routes = _routes(request.json_object())
        router = routers.add_routes(routers.find_own(router_id, request.caller, "add_extraroutes"), routes)
        return {"router": routers.view(router, request.caller)}

    @route("PUT", "/v2.0/routers/<router_id>/remove_extraroutes")
    def remove_extraroutes(self, request: ServiceRequest, router_id: str) -> Answer:
        routers = self.neutron.routers
        routes = _routes(request.json_object())
        router = routers.remove_routes(routers.find_own(router_id, request.caller, "remove_extraroutes"), routes)
        return {"router": routers.view(router, request.caller)}


def _routes(body: Record) -> list[Record]:
    router = body.get("router")
    if not isinstance(router, dict) or set(router) != {"routes"}:
        raise malformed("The body must be {'router': {'routes': [...]}}")
    routes: list[Record] = checked("routes", ROUTES, router["routes"])
    return routes
