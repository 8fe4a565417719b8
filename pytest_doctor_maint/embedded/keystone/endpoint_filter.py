"""The endpoints that the catalogs of single projects have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.keystone.catalog import Catalog
from pytest_doctor_maint.embedded.keystone.errors import Conflict, Missing
from pytest_doctor_maint.embedded.keystone.records import Document, Endpoint


class EndpointFilter:
    """Endpoints and endpoint groups that are assigned to projects.

    A project to which some are assigned has only these in its catalog. Assignments of what was deleted are ignored.

    Args:
        catalog: The endpoints.
        groups: The endpoint groups by id.
    """

    def __init__(self, catalog: Catalog, groups: Mapping[str, Document]) -> None:
        self._catalog = catalog
        self._groups = groups
        # Pairs of the ids of a project and of what is assigned to it. Dicts, because sets are not ordered.
        self._of_endpoints: dict[tuple[str, str], None] = {}
        self._of_groups: dict[tuple[str, str], None] = {}

    def entries(self, project_id: str, user_id: str) -> list[dict[str, Any]]:
        """Return the catalog as in the body of a token; see :meth:`Catalog.entries`."""
        found = self._catalog.entries(project_id, user_id)
        assigned = {endpoint.id for endpoint in self.endpoints_for(project_id)}
        if not assigned:
            return found
        for service in found:
            service["endpoints"] = [each for each in service["endpoints"] if each["id"] in assigned]
        # As in Keystone, services without endpoints are left out of catalogs that are filtered, and only of these.
        return [service for service in found if service["endpoints"]]

    def endpoints_for(self, project_id: str) -> list[Endpoint]:
        """Return the endpoints that are assigned to a project, directly or with a group."""
        found = {key: None for project, key in self._of_endpoints if project == project_id}
        for group in self.groups_for(project_id):
            found.update(dict.fromkeys(endpoint.id for endpoint in self.endpoints_in(group)))
        return [self._catalog.endpoints[key] for key in found if key in self._catalog.endpoints]

    def endpoints_in(self, group: Document) -> list[Endpoint]:
        """Return the endpoints of a group: those with the values of its filters."""
        filters: Mapping[str, Any] = group.values["filters"]
        return [
            endpoint
            for endpoint in self._catalog.endpoints.values()
            if all(getattr(endpoint, name) == value for name, value in filters.items())
        ]

    def groups_for(self, project_id: str) -> list[Document]:
        """Return the groups that are assigned to a project."""
        keys = [key for project, key in self._of_groups if project == project_id]
        return [self._groups[key] for key in keys if key in self._groups]

    def projects_with_endpoint(self, endpoint_id: str) -> list[str]:
        """Return the ids of the projects to which an endpoint is assigned directly."""
        return [project for project, key in self._of_endpoints if key == endpoint_id]

    def projects_with_group(self, group_id: str) -> list[str]:
        """Return the ids of the projects to which a group is assigned."""
        return [project for project, key in self._of_groups if key == group_id]

    def assign_endpoint(self, project_id: str, endpoint_id: str) -> None:
        """Assign an endpoint to a project.

        Raises:
            Conflict: It is assigned already.
        """
        _add(self._of_endpoints, project_id, endpoint_id, "project_endpoint")

    def assign_group(self, project_id: str, group_id: str) -> None:
        """Assign a group to a project.

        Raises:
            Conflict: It is assigned already.
        """
        _add(self._of_groups, project_id, group_id, "project_endpoint_group")

    def require_endpoint(self, project_id: str, endpoint_id: str) -> None:
        """Check that an endpoint is assigned to a project directly.

        Raises:
            Missing: It is not.
        """
        if (project_id, endpoint_id) not in self._of_endpoints:
            raise Missing("endpoint in project", endpoint_id)

    def require_group(self, project_id: str, group_id: str) -> None:
        """Check that a group is assigned to a project.

        Raises:
            Missing: It is not.
        """
        if (project_id, group_id) not in self._of_groups:
            raise Missing("endpoint group in project", group_id)

    def withdraw_endpoint(self, project_id: str, endpoint_id: str) -> None:
        """Undo :meth:`assign_endpoint`.

        Raises:
            Missing: The endpoint is not assigned.
        """
        self.require_endpoint(project_id, endpoint_id)
        del self._of_endpoints[project_id, endpoint_id]

    def withdraw_group(self, project_id: str, group_id: str) -> None:
        """Undo :meth:`assign_group`.

        Raises:
            Missing: The group is not assigned.
        """
        self.require_group(project_id, group_id)
        del self._of_groups[project_id, group_id]


def _add(pairs: dict[tuple[str, str], None], project_id: str, key: str, kind: str) -> None:
    if (project_id, key) in pairs:
        raise Conflict(f"Conflict occurred attempting to store {kind} - Duplicate entry.")
    pairs[project_id, key] = None
