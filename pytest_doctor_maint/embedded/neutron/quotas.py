"""How much of each resource a project may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, invalid, malformed

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron

#: What is allowed at first (-1: no limit); Neutron's own defaults.
DEFAULTS: Mapping[str, int] = {
    "network": 100,
    "subnet": 100,
    "subnetpool": -1,
    "port": 500,
    "router": 10,
    "floatingip": 50,
    "security_group": 10,
    "security_group_rule": 100,
    "rbac_policy": 10,
}
_LIMIT = checks.integer(-1, 2**31 - 1)


class Quotas:
    """The limits of all projects."""

    def __init__(self, neutron: Neutron) -> None:
        self._neutron = neutron
        self._projects: dict[str, dict[str, int]] = {}

    def projects(self) -> list[str]:
        """The projects with limits of their own."""
        return list(self._projects)

    def limits(self, project_id: str) -> dict[str, int]:
        """What the project may have of each resource; -1 is without limit."""
        return {**DEFAULTS, **self._projects.get(project_id, {})}

    def used(self, project_id: str, resource: str) -> int:
        """How much the project has of a resource."""
        return sum(
            collection.count(project_id) for collection in self._neutron.collections if collection.quota == resource
        )

    def update(self, project_id: str, body: Any) -> dict[str, int]:
        """Set limits as the ``body`` of a request asks for.

        Raises:
            NeutronError: 400, there is no such resource, or a limit is no number from -1 up, or
                ``check_limit`` is asked for, and more is in use.
        """
        if not isinstance(body, dict):
            raise malformed("Body contains invalid data: the 'quota' is not an object")
        given = dict(body)
        for name in ("tenant_id", "project_id", "force"):
            given.pop(name, None)
        check_limit = given.pop("check_limit", False)
        if unknown := [name for name in given if name not in DEFAULTS]:
            raise malformed(f"Unrecognized attribute(s) '{', '.join(map(str, unknown))}'")
        limits: dict[str, int] = {}
        for name, value in given.items():
            try:
                limits[name] = _LIMIT(value)
            except ValueError as error:
                raise invalid(name, str(error)) from error
            if check_limit and 0 <= limits[name] < self.used(project_id, name):
                raise NeutronError(
                    400, "InvalidInput", f"Quota limit for {name} is lower than what project {project_id} uses."
                )
        self._projects.setdefault(project_id, {}).update(limits)
        return self.limits(project_id)

    def reset(self, project_id: str) -> None:
        """Back to the defaults.

        Raises:
            NeutronError: 404, the project has no limits of its own.
        """
        if project_id not in self._projects:
            raise NeutronError(404, "TenantQuotaNotFound", f"Quota for tenant {project_id} could not be found.")
        del self._projects[project_id]

    def details(self, project_id: str) -> dict[str, dict[str, int]]:
        """Each resource's limit and use."""
        return {
            name: {"limit": limit, "used": self.used(project_id, name), "reserved": 0}
            for name, limit in self.limits(project_id).items()
        }
