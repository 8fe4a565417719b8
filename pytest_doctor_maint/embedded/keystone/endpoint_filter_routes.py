"""Assigning endpoints and endpoint groups to projects: ``/v3/OS-EP-FILTER``."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_doctor_maint.embedded.keystone import views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.errors import Missing
from pytest_doctor_maint.embedded.keystone.records import Document, Endpoint
from pytest_doctor_maint.simtime.http import Answer, route

_ROOT = "/v3/OS-EP-FILTER"
_GROUPS = "OS-EP-FILTER/endpoint_groups"
_GROUP_OF_PROJECT = f"/v3/{_GROUPS}/<group_id>/projects/<project_id>"
_ENDPOINT_OF_PROJECT = f"{_ROOT}/projects/<project_id>/endpoints/<endpoint_id>"


class EndpointFilterRoutes(IdentityService):
    """What is assigned to which project. A project with assignments has only these endpoints in its catalog."""

    def _group(self, group_id: str) -> Document:
        try:
            return self.keystone.documents["endpoint_group"][group_id]
        except KeyError:
            raise Missing("endpoint group", group_id) from None

    def _list_endpoints(self, request: IdentityRequest, found: Iterable[Endpoint]) -> Answer:
        catalog = self.keystone.catalog
        shown = [views.endpoint(each, catalog.url(each), request.root) for each in found]
        return self.listing(request, "endpoints", shown)

    def _list_projects(self, request: IdentityRequest, ids: Iterable[str]) -> Answer:
        known = self.keystone.directory.projects
        return self.listing(
            request, "projects", [views.project(known[key], request.root) for key in ids if key in known]
        )

    # Endpoint groups

    @route("PUT", _GROUP_OF_PROJECT, admin=True)
    def assign_endpoint_group(self, request: IdentityRequest, group_id: str, project_id: str) -> Answer:
        """Assign an endpoint group to a project."""
        project, group = self.keystone.directory.project(project_id), self._group(group_id)
        self.keystone.endpoint_filter.assign_group(project.id, group.id)
        return None

    @route("GET", _GROUP_OF_PROJECT)
    def check_endpoint_group(self, request: IdentityRequest, group_id: str, project_id: str) -> Answer:
        """Show that an endpoint group is assigned to a project."""
        self.must_read(request)
        project, group = self.keystone.directory.project(project_id), self._group(group_id)
        self.keystone.endpoint_filter.require_group(project.id, group.id)
        links = {"self": f"{request.root}/{_GROUPS}/{group.id}/projects/{project.id}"}
        return {"project_endpoint_group": {"endpoint_group_id": group.id, "project_id": project.id, "links": links}}

    @route("DELETE", _GROUP_OF_PROJECT, admin=True)
    def withdraw_endpoint_group(self, request: IdentityRequest, group_id: str, project_id: str) -> Answer:
        """Withdraw an endpoint group from a project."""
        project, group = self.keystone.directory.project(project_id), self._group(group_id)
        self.keystone.endpoint_filter.withdraw_group(project.id, group.id)
        return None

    @route("GET", f"/v3/{_GROUPS}/<group_id>/projects")
    def list_projects_with_group(self, request: IdentityRequest, group_id: str) -> Answer:
        """List the projects to which an endpoint group is assigned."""
        self.must_read(request)
        return self._list_projects(request, self.keystone.endpoint_filter.projects_with_group(self._group(group_id).id))

    @route("GET", f"/v3/{_GROUPS}/<group_id>/endpoints")
    def list_endpoints_in_group(self, request: IdentityRequest, group_id: str) -> Answer:
        """List the endpoints of an endpoint group."""
        self.must_read(request)
        return self._list_endpoints(request, self.keystone.endpoint_filter.endpoints_in(self._group(group_id)))

    @route("GET", f"{_ROOT}/projects/<project_id>/endpoint_groups")
    def list_groups_of_project(self, request: IdentityRequest, project_id: str) -> Answer:
        """List the endpoint groups that are assigned to a project."""
        self.must_read(request)
        groups = self.keystone.endpoint_filter.groups_for(self.keystone.directory.project(project_id).id)
        shown = [views.document(each, _GROUPS, request.root) for each in groups]
        return self.listing(request, "endpoint_groups", shown)

    # Endpoints

    @route("PUT", _ENDPOINT_OF_PROJECT, admin=True)
    def assign_endpoint(self, request: IdentityRequest, project_id: str, endpoint_id: str) -> Answer:
        """Assign an endpoint to a project."""
        endpoint, project = self.keystone.catalog.endpoint(endpoint_id), self.keystone.directory.project(project_id)
        self.keystone.endpoint_filter.assign_endpoint(project.id, endpoint.id)
        return None

    @route("GET", _ENDPOINT_OF_PROJECT)
    def check_endpoint(self, request: IdentityRequest, project_id: str, endpoint_id: str) -> Answer:
        """Check that an endpoint is assigned to a project directly."""
        self.must_read(request)
        endpoint, project = self.keystone.catalog.endpoint(endpoint_id), self.keystone.directory.project(project_id)
        self.keystone.endpoint_filter.require_endpoint(project.id, endpoint.id)
        return None

    @route("DELETE", _ENDPOINT_OF_PROJECT, admin=True)
    def withdraw_endpoint(self, request: IdentityRequest, project_id: str, endpoint_id: str) -> Answer:
        """Withdraw an endpoint from a project."""
        self.keystone.endpoint_filter.withdraw_endpoint(project_id, endpoint_id)
        return None

    @route("GET", f"{_ROOT}/projects/<project_id>/endpoints")
    def list_endpoints_of_project(self, request: IdentityRequest, project_id: str) -> Answer:
        """List the endpoints that are assigned to a project, directly or with a group."""
        self.must_read(request)
        project = self.keystone.directory.project(project_id)
        return self._list_endpoints(request, self.keystone.endpoint_filter.endpoints_for(project.id))

    @route("GET", f"{_ROOT}/endpoints/<endpoint_id>/projects")
    def list_projects_with_endpoint(self, request: IdentityRequest, endpoint_id: str) -> Answer:
        """List the projects to which an endpoint is assigned directly."""
        self.must_read(request)
        endpoint = self.keystone.catalog.endpoint(endpoint_id)
        return self._list_projects(request, self.keystone.endpoint_filter.projects_with_endpoint(endpoint.id))
