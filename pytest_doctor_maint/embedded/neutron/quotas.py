"""Quotas: the largest number of resources of each kind that a project may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import ResourceKind
from pytest_doctor_maint.embedded.neutron.bodies import checked
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict, malformed
from pytest_doctor_maint.embedded.neutron.table import Table

#: Neutron's default limits by the name of the kind of resource; -1 is no limit. Other kinds have no quota.
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
    """The limits of all projects.

    Args:
        tables: All tables.
    """

    def __init__(self, tables: Iterable[Table]) -> None:
        self._tables = {table.kind.name: table for table in tables}
        self._projects: dict[str, dict[str, int]] = {}

    def projects(self) -> list[str]:
        """Return the projects that have limits other than the defaults."""
        return list(self._projects)

    def limits(self, project_id: str) -> dict[str, int]:
        """Return the project's limits by the name of the kind of resource; -1 is no limit."""
        return {**DEFAULTS, **self._projects.get(project_id, {})}

    def used(self, project_id: str, resource: str) -> int:
        """Return the number of resources of a kind that the project has."""
        return self._tables[resource].count(project_id)

    def check(self, kind: ResourceKind, project_id: str, amount: int = 1) -> None:
        """Check that the project may have ``amount`` more resources of a kind.

        Raises:
            NeutronError: 409, the quota is exceeded.
        """
        limit = self.limits(project_id).get(kind.name, -1)
        if 0 <= limit < self.used(project_id, kind.name) + amount:
            raise conflict("OverQuota", f"Quota exceeded for resources: ['{kind.name}'].")

    def update(self, project_id: str, body: object) -> dict[str, int]:
        """Set limits as the body of a request asks for, and return all.

        Raises:
            NeutronError: 400, a kind of resource is unknown, or a limit is not an integer from -1 up, or it is lower
                than what is in use, and the body has ``check_limit``.
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
            limits[name] = checked(name, _LIMIT, value)
            if check_limit and 0 <= limits[name] < self.used(project_id, name):
                raise NeutronError(
                    400, "InvalidInput", f"Quota limit for {name} is lower than what project {project_id} uses."
                )
        self._projects.setdefault(project_id, {}).update(limits)
        return self.limits(project_id)

    def reset(self, project_id: str) -> None:
        """Reset the project's limits to the defaults.

        Raises:
            NeutronError: 404, the project has no limits other than the defaults.
        """
        if project_id not in self._projects:
            raise NeutronError(404, "TenantQuotaNotFound", f"Quota for tenant {project_id} could not be found.")
        del self._projects[project_id]

    def details(self, project_id: str) -> dict[str, dict[str, int]]:
        """Return the limit and the use of each kind of resource."""
        return {
            name: {"limit": limit, "used": self.used(project_id, name), "reserved": 0}
            for name, limit in self.limits(project_id).items()
        }
