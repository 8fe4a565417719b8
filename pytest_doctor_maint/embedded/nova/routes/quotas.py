"""``/os-quota-sets``, ``/os-quota-class-sets`` and ``/limits``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.microversions import Version
from pytest_doctor_maint.embedded.nova.quotas import DEFAULTS
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import (
    ANY_STRING,
    BOOLEAN,
    MAX_INT,
    integer,
    many,
    query,
    section,
)
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.values import boolean
from pytest_doctor_maint.simtime.http import Answer, route

Value = TypeVar("Value")

_NETWORK = ("fixed_ips", "floating_ips", "security_group_rules", "security_groups")
_INJECTED = ("injected_file_content_bytes", "injected_file_path_bytes", "injected_files")
_GROUPS = ("server_group_members", "server_groups")

#: The resources that quota sets no longer show, by the microversion from which on this holds.
_SET_LACKS: Mapping[Version, Collection[str]] = {(2, 36): _NETWORK, (2, 57): (*_NETWORK, *_INJECTED)}
#: The same for quota classes. They lost the network's resources, and got those of server groups, with 2.50 only.
_CLASS_LACKS: Mapping[Version, Collection[str]] = {
    (2, 1): _GROUPS,
    (2, 50): _NETWORK,
    (2, 57): (*_NETWORK, *_INJECTED),
}

_LIMIT = integer(-1, MAX_INT)


def _limits_without(lacking: Collection[str]) -> dict[str, Any]:
    return {name: _LIMIT for name in DEFAULTS if name not in lacking}


def _quota_set(lacking: Collection[str]) -> dict[str, Any]:
    return section("quota_set", {**_limits_without(lacking), "force": BOOLEAN, "tenant_id": ANY_STRING})


UPDATE = Schemas(_quota_set(()), {version: _quota_set(lacking) for version, lacking in _SET_LACKS.items()})
UPDATE_CLASS = Schemas(
    section("quota_class_set", _limits_without(())),
    {(2, 50): section("quota_class_set", _limits_without(_NETWORK))}
    | {(2, 57): section("quota_class_set", _limits_without((*_NETWORK, *_INJECTED)))},
)
_USER = {"user_id": many(ANY_STRING)}
QUERY = Schemas(query(_USER), {(2, 75): query(_USER, closed=True)})
_PROJECT = {"tenant_id": many(ANY_STRING)}
LIMITS = Schemas(query(_PROJECT), {(2, 75): query(_PROJECT, closed=True)})

#: The absolute limits, the resource behind each, and the microversion from which on it is not shown.
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

    # -- quota sets --------------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/os-quota-sets/<project_id>")
    def show_quotas(self, request: NovaRequest, project_id: str) -> Answer:
        user_id = request.valid_query(QUERY).get("user_id")
        self._require_readable(request, project_id)
        limits = self.nova.quotas.limits(project_id, user_id)
        return {"quota_set": {"id": project_id, **_shown(request, limits, _SET_LACKS)}}

    @route("GET", "/v2.1/os-quota-sets/<project_id>/defaults", role="")
    def show_default_quotas(self, request: NovaRequest, project_id: str) -> Answer:
        self.require_project(project_id)
        return {"quota_set": {"id": project_id, **_shown(request, self.nova.quotas.default, _SET_LACKS)}}

    @route("GET", "/v2.1/os-quota-sets/<project_id>/detail")
    def show_quotas_in_detail(self, request: NovaRequest, project_id: str) -> Answer:
        user_id = request.valid_query(QUERY).get("user_id")
        self._require_readable(request, project_id)
        limits = _shown(request, self.nova.quotas.limits(project_id, user_id), _SET_LACKS)
        used = self.nova.quotas.used(project_id, user_id)
        details = {name: {"limit": limit, "in_use": used.get(name, 0), "reserved": 0} for name, limit in limits.items()}
        return {"quota_set": {"id": project_id, **details}}

    @route("PUT", "/v2.1/os-quota-sets/<project_id>", admin=True)
    def update_quotas(self, request: NovaRequest, project_id: str) -> Answer:
        user_id = request.valid_query(QUERY).get("user_id")
        fields = request.valid_body(UPDATE)["quota_set"]
        self.require_project(project_id)
        force = boolean(fields.pop("force", False))
        fields.pop("tenant_id", None)
        quotas = self.nova.quotas
        quotas.set(project_id, user_id, {name: int(limit) for name, limit in fields.items()}, force=force)
        return {"quota_set": _shown(request, quotas.limits(project_id, user_id), _SET_LACKS)}

    @route("DELETE", "/v2.1/os-quota-sets/<project_id>", admin=True)
    def delete_quotas(self, request: NovaRequest, project_id: str) -> Answer:
        user_id = request.valid_query(QUERY).get("user_id")
        self.require_project(project_id)
        self.nova.quotas.reset(project_id, user_id)
        return 202, None

    def _require_readable(self, request: NovaRequest, project_id: str) -> None:
        if project_id != request.caller.project_id:
            if not request.caller.is_admin:
                raise self.forbidden(request)
            self.require_project(project_id)

    # -- quota classes -----------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/os-quota-class-sets/<name>", admin=True)
    def show_quota_class(self, request: NovaRequest, name: str) -> Answer:
        limits = self.nova.quotas.of_class(name)
        return {"quota_class_set": {"id": name, **_shown(request, limits, _CLASS_LACKS)}}

    @route("PUT", "/v2.1/os-quota-class-sets/<name>", admin=True)
    def update_quota_class(self, request: NovaRequest, name: str) -> Answer:
        if len(name) > 255:
            raise Invalid("a quota class's name has at most 255 characters")
        fields = request.valid_body(UPDATE_CLASS)["quota_class_set"]
        self.nova.quotas.set_class(name, {resource: int(limit) for resource, limit in fields.items()})
        return {"quota_class_set": _shown(request, self.nova.quotas.of_class(name), _CLASS_LACKS)}

    # -- limits ------------------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/limits", role="")
    def show_limits(self, request: NovaRequest) -> Answer:
        project_id = request.valid_query(LIMITS).get("tenant_id", request.caller.project_id)
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


def _shown(
    request: NovaRequest, values: Mapping[str, Value], lacks: Mapping[Version, Collection[str]]
) -> dict[str, Value]:
    """Return the values of the resources that the microversion shows."""
    since = max((version for version in lacks if version <= request.version), default=None)
    lacking = lacks[since] if since else ()
    return {name: value for name, value in values.items() if name not in lacking}
