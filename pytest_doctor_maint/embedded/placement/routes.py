"""Placement's HTTP API, read only: what computes have, how much of it is used, and by which consumer."""

from __future__ import annotations

from pytest_doctor_maint.embedded.placement.routes_allocations import AllocationRoutes
from pytest_doctor_maint.embedded.placement.routes_candidates import CandidateRoutes
from pytest_doctor_maint.embedded.placement.routes_classes import ClassRoutes
from pytest_doctor_maint.embedded.placement.routes_providers import ProviderRoutes
from pytest_doctor_maint.embedded.placement.service import HIGHEST, LOWEST, PlacementRequest
from pytest_doctor_maint.simtime.http import Answer, route


class PlacementApi(ProviderRoutes, ClassRoutes, AllocationRoutes, CandidateRoutes):
    """Placement's HTTP API."""

    @route("GET", "/", public=True)
    def list_versions(self, request: PlacementRequest) -> Answer:
        version = {
            "id": "v1.0",
            "min_version": "{}.{}".format(*LOWEST),
            "max_version": "{}.{}".format(*HIGHEST),
            "status": "CURRENT",
            "links": [{"rel": "self", "href": ""}],
        }
        return {"versions": [version]}
