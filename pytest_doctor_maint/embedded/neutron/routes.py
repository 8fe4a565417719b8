"""Neutron's HTTP API: the Networking API v2.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pytest_doctor_maint.embedded.neutron.errors import NeutronError
from pytest_doctor_maint.embedded.neutron.routes_auto_topology import AutoTopologyRoutes
from pytest_doctor_maint.embedded.neutron.routes_availability import AvailabilityRoutes
from pytest_doctor_maint.embedded.neutron.routes_floatingips import FloatingIpRoutes
from pytest_doctor_maint.embedded.neutron.routes_quotas import QuotaRoutes
from pytest_doctor_maint.embedded.neutron.routes_resources import ResourceRoutes
from pytest_doctor_maint.embedded.neutron.routes_routers import RouterRoutes
from pytest_doctor_maint.embedded.neutron.routes_service import ServiceRoutes
from pytest_doctor_maint.embedded.neutron.routes_subnetpools import SubnetPoolRoutes
from pytest_doctor_maint.embedded.neutron.routes_tags import TagRoutes
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import ErrorAnswer, HttpError

_KINDS = {
    400: "HTTPBadRequest",
    401: "HTTPUnauthorized",
    403: "HTTPForbidden",
    404: "HTTPNotFound",
    405: "HTTPMethodNotAllowed",
}


class NeutronApi(
    ServiceRoutes,
    QuotaRoutes,
    AvailabilityRoutes,
    AutoTopologyRoutes,
    RouterRoutes,
    FloatingIpRoutes,
    SubnetPoolRoutes,
    TagRoutes,
    ResourceRoutes,
):
    """Neutron's HTTP API. Errors have Neutron's form: ``{"NeutronError": {"type", "message", "detail"}}``."""

    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {
        NeutronError: lambda error, request: HttpError(error.status, error.message, kind=error.kind),
    }

    def forbidden(self, request: ServiceRequest) -> HttpError:
        return HttpError(403, f"{request.method} {request.path} is disallowed by policy", kind="PolicyNotAuthorized")

    def error_body(self, error: HttpError) -> Any:
        kind = error.kind or _KINDS.get(error.status, "HTTPException")
        return {"NeutronError": {"type": kind, "message": error.message, "detail": ""}}
