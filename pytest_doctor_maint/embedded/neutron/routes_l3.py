"""Networking API: what routers and floating IPs have of their own."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.neutron.attributes import Record, changes
from pytest_doctor_maint.embedded.neutron.errors import invalid, malformed
from pytest_doctor_maint.embedded.neutron.routers import ROUTES
from pytest_doctor_maint.embedded.neutron.routes_resources import check_revision
from pytest_doctor_maint.embedded.neutron.service import NeutronService
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class L3Routes(NeutronService):
    """The actions of routers, and the update of floating IPs, which takes its time."""

    @route("PUT", "/v2.0/routers/<router_id>/add_router_interface")
    def add_router_interface(self, request: ServiceRequest, router_id: str) -> Answer:
        routers = self.neutron.routers
        body = request.json_object()
        router = routers.find_own(router_id, request.caller, "add_router_interface")
        return routers.add_interface(router, body, request.caller)

    @route("PUT", "/v2.0/routers/<router_id>/remove_router_interface")
    def remove_router_interface(self, request: ServiceRequest, router_id: str) -> Answer:
        routers = self.neutron.routers
        body = request.json_object()
        router = routers.find_own(router_id, request.caller, "remove_router_interface")
        return routers.remove_interface(router, body, request.caller)

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

    @route("PUT", "/v2.0/floatingips/<floating_ip_id>", waits=True)
    def update_floatingip(self, request: ServiceRequest, floating_ip_id: str) -> Answer:
        floatingips = self.neutron.floatingips
        body = request.json_object()
        if "floatingip" not in body:
            raise malformed("Unable to find 'floatingip' in request body")
        # An update without anything in it cuts the floating IP off: so Neutron reads it.
        changed = changes(floatingips.kind, body["floatingip"] or {"port_id": None}, request.caller)
        with self.core.lock:
            record = floatingips.find_own(floating_ip_id, request.caller, "update")
            check_revision(request, record)
            moves = floatingips.moves(record, changed, request.caller)
        if moves:
            # Until then the old target serves.
            self.core.clock.sleep(self.core.timings.floating_ip)
        with self.core.lock:
            # Anything may have happened meanwhile: all is asked again.
            record = floatingips.find_own(floating_ip_id, request.caller, "update")
            floatingips.change(record, changed, request.caller)
            return {"floatingip": floatingips.view(record, request.caller)}


def _routes(body: Record) -> list[dict[str, str]]:
    router: Any = body.get("router")
    if not isinstance(router, dict) or set(router) != {"routes"}:
        raise malformed("The body must be {'router': {'routes': [...]}}")
    try:
        routes: list[dict[str, str]] = ROUTES(router["routes"])
    except ValueError as error:
        raise invalid("routes", str(error)) from error
    return routes
