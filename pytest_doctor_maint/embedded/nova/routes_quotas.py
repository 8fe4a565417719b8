"""Nova's quotas, quota classes and limits over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.nova import body as read
from pytest_doctor_maint.embedded.nova.quotas import PER_USER
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService, Version
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

NETWORK = ("fixed_ips", "floating_ips", "security_group_rules", "security_groups")
INJECTED = ("injected_file_content_bytes", "injected_file_path_bytes", "injected_files")
GROUPS = ("server_group_members", "server_groups")
LIMIT = read.number(-1)

#: The absolute limits, the resource behind each, and the microversion from which on it is left out.
ABSOLUTE: Mapping[str, tuple[str, Version | None]] = {
    "maxTotalInstances": ("instances", None),
    "maxTotalCores": ("cores", None),
    "maxTotalRAMSize": ("ram", None),
    "maxTotalKeypairs": ("key_pairs", None),
    "maxServerMeta": ("metadata_items", None),
    "maxServerGroups": ("server_groups", None),
    "maxServerGroupMembers": ("server_group_members", None),
    "maxImageMeta": ("metadata_items", (2, 39)),
    "maxPersonality": ("injected_files", (2, 57)),
    "maxPersonalitySize": ("injected_file_content_bytes", (2, 57)),
    "maxSecurityGroups": ("security_groups", (2, 36)),
    "maxSecurityGroupRules": ("security_group_rules", (2, 36)),
    "maxTotalFloatingIps": ("floating_ips", (2, 36)),
}
USED: Mapping[str, tuple[str, Version | None]] = {
    "totalInstancesUsed": ("instances", None),
    "totalCoresUsed": ("cores", None),
    "totalRAMUsed": ("ram", None),
    "totalServerGroupsUsed": ("server_groups", None),
    "totalFloatingIpsUsed": ("floating_ips", (2, 36)),
    "totalSecurityGroupsUsed": ("security_groups", (2, 36)),
}


class QuotaRoutes(NovaService):
    """``/os-quota-sets``, ``/os-quota-class-sets`` and ``/limits``."""

    @route("GET", "/v2.1/os-quota-sets/<project_id>")
    def show_quotas(self, request: NovaRequest, project_id: str) -> Answer:
        self._may_see_quotas(request, project_id)
        limits = self.nova.quotas.limits(project_id, request.args.get("user_id"))
        return {"quota_set": {"id": project_id, **self._quotas_of_version(request, limits)}}

    @route("GET", "/v2.1/os-quota-sets/<project_id>/defaults")
    def show_default_quotas(self, request: NovaRequest, project_id: str) -> Answer:
        self._check_quota_project(project_id)
        return {"quota_set": {"id": project_id, **self._quotas_of_version(request, self.nova.quotas.default)}}

    @route("GET", "/v2.1/os-quota-sets/<project_id>/detail")
    def show_quotas_in_detail(self, request: NovaRequest, project_id: str) -> Answer:
        self._may_see_quotas(request, project_id)
        user_id = request.args.get("user_id")
        limits = self.nova.quotas.limits(project_id, user_id)
        used = self.nova.quotas.used(project_id, user_id)
        return {
            "quota_set": {
                "id": project_id,
                **{
                    name: {"limit": limit, "in_use": used.get(name, 0), "reserved": 0}
                    for name, limit in self._quotas_of_version(request, limits).items()
                },
            }
        }

    @route("PUT", "/v2.1/os-quota-sets/<project_id>", admin=True)
    def update_quotas(self, request: NovaRequest, project_id: str) -> Answer:
        self._check_quota_project(project_id)
        quotas = self.nova.quotas
        user_id = request.args.get("user_id")
        names = [name for name in self._quotas_of_version(request, quotas.default) if not user_id or name in PER_USER]
        values = read.section(
            request.json_object(),
            "quota_set",
            {**dict.fromkeys(names, LIMIT), "force": read.boolean, "tenant_id": read.text()},
        )
        force = values.pop("force", False)
        values.pop("tenant_id", None)
        quotas.set(project_id, user_id, values, force=force)
        return {"quota_set": self._quotas_of_version(request, quotas.limits(project_id, user_id))}

    @route("DELETE", "/v2.1/os-quota-sets/<project_id>", admin=True)
    def delete_quotas(self, request: NovaRequest, project_id: str) -> Answer:
        self._check_quota_project(project_id)
        self.nova.quotas.reset(project_id, request.args.get("user_id"))
        return 202, None

    @route("GET", "/v2.1/os-quota-class-sets/<name>", admin=True)
    def show_quota_class(self, request: NovaRequest, name: str) -> Answer:
        return {"quota_class_set": {"id": name, **self._quota_class(request, name)}}

    @route("PUT", "/v2.1/os-quota-class-sets/<name>", admin=True)
    def update_quota_class(self, request: NovaRequest, name: str) -> Answer:
        if len(name) > 255:
            raise HttpError(400, "a quota class's name has at most 255 characters")
        fields: dict[str, read.Reader] = dict.fromkeys(self._quota_class(request, name), LIMIT)
        values = read.section(request.json_object(), "quota_class_set", fields)
        self.nova.quotas.set_class(name, values)
        return {"quota_class_set": self._quota_class(request, name)}

    @route("GET", "/v2.1/limits")
    def show_limits(self, request: NovaRequest) -> Answer:
        project_id = request.args.get("tenant_id", request.caller.project_id)
        if project_id != request.caller.project_id and not request.caller.is_admin:
            raise self.forbidden(request)
        limits = self.nova.quotas.limits(project_id)
        used = self.nova.quotas.used(project_id)
        absolute = {
            name: source.get(resource, 0)
            for table, source in ((ABSOLUTE, limits), (USED, used))
            for name, (resource, until) in table.items()
            if until is None or request.version < until
        }
        return {"limits": {"rate": [], "absolute": absolute}}

    def _may_see_quotas(self, request: NovaRequest, project_id: str) -> None:
        if project_id != request.caller.project_id:
            if not request.caller.is_admin:
                raise self.forbidden(request)
            self._check_quota_project(project_id)

    def _check_quota_project(self, project_id: str) -> None:
        if not self.keystone.project_exists(project_id):
            raise HttpError(400, f"Project ID {project_id} is not a valid project.")

    def _quotas_of_version(self, request: NovaRequest, values: Mapping[str, Any]) -> dict[str, Any]:
        """The resources that the request's microversion knows."""
        left_out = (*(NETWORK if request.version >= (2, 36) else ()), *(INJECTED if request.version >= (2, 57) else ()))
        return {name: value for name, value in values.items() if name not in left_out}

    def _quota_class(self, request: NovaRequest, name: str) -> dict[str, int]:
        # Classes lost the network's resources, and got the server groups', only with 2.50.
        version = request.version
        left_out = (
            *(NETWORK if version >= (2, 50) else GROUPS),
            *(INJECTED if version >= (2, 57) else ()),
        )
        limits = self.nova.quotas.of_class(name)
        return {resource: limit for resource, limit in limits.items() if resource not in left_out}
