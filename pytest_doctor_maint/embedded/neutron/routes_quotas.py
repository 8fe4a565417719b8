"""Networking API: quotas."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.bodies import inner
from pytest_doctor_maint.embedded.neutron.errors import not_allowed
from pytest_doctor_maint.embedded.neutron.quotas import DEFAULTS
from pytest_doctor_maint.embedded.neutron.service import NeutronService
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class QuotaRoutes(NeutronService):
    """The quotas of projects. Projects see their own, admins see all."""

    @route("GET", "/v2.0/quotas")
    def list_quotas(self, request: ServiceRequest) -> Answer:
        if not request.caller.is_admin:
            raise not_allowed("get_quota")
        quotas = self.neutron.quotas
        return {
            "quotas": [
                {**quotas.limits(project_id), "tenant_id": project_id, "project_id": project_id}
                for project_id in quotas.projects()
            ]
        }

    @route("GET", "/v2.0/quotas/tenant")
    @route("GET", "/v2.0/quotas/project")
    def whose_quota(self, request: ServiceRequest) -> Answer:
        project_id = request.caller.project_id
        return {"tenant": {"tenant_id": project_id, "project_id": project_id}}

    @route("GET", "/v2.0/quotas/<project_id>")
    def show_quota(self, request: ServiceRequest, project_id: str) -> Answer:
        _check_visible(request, project_id)
        return {"quota": self.neutron.quotas.limits(project_id)}

    @route("GET", "/v2.0/quotas/<project_id>/default")
    def show_default_quota(self, request: ServiceRequest, project_id: str) -> Answer:
        _check_visible(request, project_id)
        return {"quota": dict(DEFAULTS)}

    @route("GET", "/v2.0/quotas/<project_id>/details")
    @route("GET", "/v2.0/quotas/<project_id>/details.json")
    def show_quota_details(self, request: ServiceRequest, project_id: str) -> Answer:
        _check_visible(request, project_id)
        return {"quota": self.neutron.quotas.details(project_id)}

    @route("PUT", "/v2.0/quotas/<project_id>")
    def update_quota(self, request: ServiceRequest, project_id: str) -> Answer:
        if not request.caller.is_admin:
            raise not_allowed("update_quota")
        body = request.json_object()
        return {"quota": self.neutron.quotas.update(project_id, inner(body, "quota"))}

    @route("DELETE", "/v2.0/quotas/<project_id>")
    def delete_quota(self, request: ServiceRequest, project_id: str) -> Answer:
        if not request.caller.is_admin:
            raise not_allowed("delete_quota")
        self.neutron.quotas.reset(project_id)
        return None


def _check_visible(request: ServiceRequest, project_id: str) -> None:
    """Raise an error if the caller may not see the project's quotas."""
    if not request.caller.is_admin and request.caller.project_id != project_id:
        raise not_allowed("get_quota")
