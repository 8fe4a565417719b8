"""Neutron's HTTP API: the Networking API v2.0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import NeutronError
from pytest_doctor_maint.embedded.neutron.routes_l3 import L3Routes
from pytest_doctor_maint.embedded.neutron.routes_quotas import QuotaRoutes
from pytest_doctor_maint.embedded.neutron.routes_resources import ResourceRoutes
from pytest_doctor_maint.embedded.neutron.routes_service import ServiceRoutes
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

_KINDS = {
    400: "HTTPBadRequest",
    401: "HTTPUnauthorized",
    403: "HTTPForbidden",
    404: "HTTPNotFound",
    405: "HTTPMethodNotAllowed",
}
#: Roles that may change something; a reader may not.
_WRITERS = frozenset({"admin", "manager", "member", "service"})


class NeutronApi(ServiceRoutes, QuotaRoutes, L3Routes, ResourceRoutes):
    """Neutron's HTTP API."""

    def dispatch(
        self,
        request: ServiceRequest,
        handler: Callable[..., Answer],
        options: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> Answer:
        try:
            return super().dispatch(request, handler, options, values)
        except NeutronError as error:
            raise HttpError(error.status, error.message, kind=error.kind) from error

    def authorize(self, request: ServiceRequest, options: Mapping[str, Any]) -> None:
        super().authorize(request, options)
        if request.method not in ("GET", "HEAD") and not request.caller.roles & _WRITERS:
            raise self.forbidden(request)

    def error_body(self, error: HttpError) -> Any:
        kind = error.kind or _KINDS.get(error.status, "HTTPException")
        return {"NeutronError": {"type": kind, "message": error.message, "detail": ""}}

    @route("PUT", "/v2.0/subnetpools/<pool_id>/add_prefixes")
    def add_prefixes(self, request: ServiceRequest, pool_id: str) -> Answer:
        return self._change_prefixes(request, pool_id, self.neutron.subnetpools.add_prefixes)

    @route("PUT", "/v2.0/subnetpools/<pool_id>/remove_prefixes")
    def remove_prefixes(self, request: ServiceRequest, pool_id: str) -> Answer:
        return self._change_prefixes(request, pool_id, self.neutron.subnetpools.remove_prefixes)

    def _change_prefixes(
        self, request: ServiceRequest, pool_id: str, change: Callable[[Record, Any], Record]
    ) -> Answer:
        prefixes = request.json_object().get("prefixes")
        pool = self.neutron.subnetpools.find_own(pool_id, request.caller, "update")
        return {"prefixes": change(pool, prefixes)["prefixes"]}
