"""Networking API: the update of floating IPs, which takes time."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.bodies import changes, inner
from pytest_doctor_maint.embedded.neutron.service import NeutronService, check_revision
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class FloatingIpRoutes(NeutronService):
    """The update of floating IPs."""

    @route("PUT", "/v2.0/floatingips/<floating_ip_id>", waits=True)
    def update_floatingip(self, request: ServiceRequest, floating_ip_id: str) -> Answer:
        floatingips = self.neutron.floatingips
        body = inner(request.json_object(), "floatingip")
        # As in Neutron, an empty update disassociates the floating IP.
        changed = changes(floatingips.kind, body or {"port_id": None}, request.caller)
        with self.core.lock:
            record = floatingips.find_own(floating_ip_id, request.caller, "update")
            check_revision(request, record)
            moves = floatingips.moves(record, changed, request.caller)
        if moves:
            # The old target serves until then.
            self.core.clock.sleep(self.core.timings.floating_ip)
        with self.core.lock:
            # The state may have changed during the wait: all rules are checked again.
            record = floatingips.find_own(floating_ip_id, request.caller, "update")
            floatingips.change(record, changed, request.caller)
            return {"floatingip": floatingips.view(record, request.caller)}
