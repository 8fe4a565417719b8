"""Networking API: prefixes of subnet pools."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.service import NeutronService
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class SubnetPoolRoutes(NeutronService):
    """The actions of subnet pools."""

    @route("PUT", "/v2.0/subnetpools/<pool_id>/add_prefixes")
    def add_prefixes(self, request: ServiceRequest, pool_id: str) -> Answer:
        prefixes = request.json_object().get("prefixes")
        pool = self.neutron.subnetpools.find_own(pool_id, request.caller, "update")
        return {"prefixes": self.neutron.subnetpools.add_prefixes(pool, prefixes)["prefixes"]}

    @route("PUT", "/v2.0/subnetpools/<pool_id>/remove_prefixes")
    def remove_prefixes(self, request: ServiceRequest, pool_id: str) -> Answer:
        prefixes = request.json_object().get("prefixes")
        pool = self.neutron.subnetpools.find_own(pool_id, request.caller, "update")
        return {"prefixes": self.neutron.subnetpools.remove_prefixes(pool, prefixes)["prefixes"]}
