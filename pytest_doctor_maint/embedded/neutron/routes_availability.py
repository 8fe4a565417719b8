"""Networking API: the number of free and allocated addresses of networks."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.availability import ip_availability
from pytest_doctor_maint.embedded.neutron.service import NeutronService
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class AvailabilityRoutes(NeutronService):
    """``/v2.0/network-ip-availabilities``, for admins only."""

    @route("GET", "/v2.0/network-ip-availabilities", admin=True)
    def list_ip_availabilities(self, request: ServiceRequest) -> Answer:
        found = []
        for network in self.neutron.networks:
            shown = self._availability(network)
            asked = {key: request.args.getlist(key) for key in request.args}
            version = asked.pop("ip_version", None)
            subnets = self.neutron.network_access.subnets_of(network)
            if version and not any(str(subnet["ip_version"]) in version for subnet in subnets):
                continue
            if all(str(shown[key]) in values for key, values in asked.items() if key in shown):
                found.append(shown)
        return {"network_ip_availabilities": found}

    @route("GET", "/v2.0/network-ip-availabilities/<network_id>", admin=True)
    def show_ip_availability(self, request: ServiceRequest, network_id: str) -> Answer:
        network = self.neutron.networks.find(network_id, request.caller)
        return {"network_ip_availability": self._availability(network)}

    def _availability(self, network: Record) -> Record:
        subnets = self.neutron.network_access.subnets_of(network)
        return ip_availability(network, subnets, self.neutron.subnet_addresses)
