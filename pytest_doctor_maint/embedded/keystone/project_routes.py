"""Domains and projects: ``/v3/domains``, ``/v3/projects``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.keystone import schemas, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.errors import Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import Project
from pytest_doctor_maint.simtime.http import Answer, route

_DOMAIN = {
    "name": schemas.SHORT_NAME,
    "description": schemas.DESCRIPTION,
    "enabled": schemas.FLAG,
    "tags": schemas.TAGS,
    "options": schemas.OBJECT,
}
_PROJECT = {
    **_DOMAIN,
    "domain_id": schemas.nullable(schemas.ID),
    "parent_id": schemas.nullable(schemas.ID),
    "is_domain": schemas.FLAG,
}
_EXPLICIT_ID = schemas.text(minLength=32, maxLength=32, pattern=r"^[a-zA-Z0-9]+$")
NEW_DOMAIN = schemas.Resource("domain", {**_DOMAIN, "explicit_domain_id": _EXPLICIT_ID}, required=("name",))
DOMAIN = schemas.Resource("domain", _DOMAIN)
NEW_PROJECT = schemas.Resource("project", _PROJECT, required=("name",))
PROJECT = schemas.Resource("project", _PROJECT)
TAGS = schemas.Body("tags", schemas.TAGS)


class ProjectRoutes(IdentityService):
    """Domains and projects."""

    @route("POST", "/v3/domains", admin=True)
    def create_domain(self, request: IdentityRequest) -> Answer:
        """Create a domain."""
        values = NEW_DOMAIN.read(request.json_object())
        domain_id = values.pop("explicit_domain_id", None)
        domain = self.keystone.directory.create_domain(values.pop("name"), domain_id=domain_id, **values)
        return 201, {"domain": views.domain(domain, request.root)}

    @route("GET", "/v3/domains")
    def list_domains(self, request: IdentityRequest) -> Answer:
        """List the domains that the caller may read."""
        only = self.domain_in_sight(request)
        domains = [each for each in self.keystone.directory.domains() if only in (None, each.id)]
        found = [views.domain(each, request.root) for each in domains]
        return self.listing(request, "domains", found, "name", "enabled")

    @route("GET", "/v3/domains/<domain_id>")
    def show_domain(self, request: IdentityRequest, domain_id: str) -> Answer:
        """Show a domain."""
        if domain_id != self.home_domain(request):
            self.must_read(request)
        return {"domain": views.domain(self.keystone.directory.domain(domain_id), request.root)}

    @route("PATCH", "/v3/domains/<domain_id>", admin=True)
    def update_domain(self, request: IdentityRequest, domain_id: str) -> Answer:
        """Update a domain."""
        domain = self.keystone.directory.domain(domain_id)
        self.keystone.directory.update_domain(domain, DOMAIN.read(request.json_object(), key=domain_id))
        return {"domain": views.domain(domain, request.root)}

    @route("DELETE", "/v3/domains/<domain_id>", admin=True)
    def delete_domain(self, request: IdentityRequest, domain_id: str) -> Answer:
        """Delete a disabled domain with everything in it."""
        self.keystone.deletion.delete_domain(self.keystone.directory.domain(domain_id))
        return None

    @route("POST", "/v3/projects", admin=True)
    def create_project(self, request: IdentityRequest) -> Answer:
        """Create a project, or a domain."""
        values = NEW_PROJECT.read(request.json_object())
        domain_id, parent_id = values.pop("domain_id", None), values.pop("parent_id", None)
        name = values.pop("name")
        directory = self.keystone.directory
        if values.pop("is_domain", False):
            if parent_id or domain_id:
                raise Invalid("A project that acts as a domain has neither a domain nor a parent.")
            return 201, {"project": views.project(directory.create_domain(name, **values), request.root)}
        if parent_id and not domain_id and (above := directory.projects.get(parent_id)):
            domain_id = above.domain_id or above.id
        project = directory.create_project(name, domain_id or self.home_domain(request), parent_id=parent_id, **values)
        return 201, {"project": views.project(project, request.root)}

    @route("GET", "/v3/projects")
    def list_projects(self, request: IdentityRequest) -> Answer:
        """List the projects that the caller may read."""
        only = self.domain_in_sight(request)
        wants_domains = "is_domain" in request.args
        projects = [
            each
            for each in self.keystone.directory.projects.values()
            if only in (None, each.domain_id) and (wants_domains or not each.is_domain) and _suits_tags(each, request)
        ]
        found = [views.project(each, request.root) for each in projects]
        return self.listing(request, "projects", found, "name", "domain_id", "enabled", "parent_id", "is_domain")

    @route("GET", "/v3/projects/<project_id>")
    def show_project(self, request: IdentityRequest, project_id: str) -> Answer:
        """Show a project, and on request those above or below it."""
        project = self._readable_project(request, project_id)
        found = views.project(project, request.root)
        above = list(self.keystone.directory.ancestors(project))
        for pair in (("parents_as_list", "parents_as_ids"), ("subtree_as_list", "subtree_as_ids")):
            if all(name in request.args for name in pair):
                raise Invalid(f"Cannot use {pair[0]} and {pair[1]} query params at the same time.")
        if "parents_as_list" in request.args:
            found["parents"] = [{"project": views.project(each, request.root)} for each in above]
        if "parents_as_ids" in request.args:
            tree: dict[str, Any] | None = None
            for each in reversed(above):
                tree = {each.id: tree}
            found["parents"] = tree
        if "subtree_as_list" in request.args:
            below = self.keystone.directory.descendants(project)
            found["subtree"] = [{"project": views.project(each, request.root)} for each in below]
        if "subtree_as_ids" in request.args:
            found["subtree"] = self._subtree(project)
        return {"project": found}

    def _subtree(self, project: Project) -> dict[str, Any] | None:
        return {child.id: self._subtree(child) for child in self.keystone.directory.children(project)} or None

    def _readable_project(self, request: IdentityRequest, project_id: str) -> Project:
        project = self.keystone.directory.projects.get(project_id)
        self.must_read(request, project_id=project_id, domain_id=(project.domain_id if project else None) or "")
        return self.keystone.directory.project(project_id)

    @route("PATCH", "/v3/projects/<project_id>", admin=True)
    def update_project(self, request: IdentityRequest, project_id: str) -> Answer:
        """Update a project."""
        project = self.keystone.directory.project(project_id)
        values = PROJECT.read(request.json_object(), key=project_id)
        self.keystone.directory.update_project(project, values)
        return {"project": views.project(project, request.root)}

    @route("DELETE", "/v3/projects/<project_id>", admin=True)
    def delete_project(self, request: IdentityRequest, project_id: str) -> Answer:
        """Delete a project without projects below it."""
        self.keystone.deletion.delete_project(self.keystone.directory.project(project_id))
        return None

    @route("GET", "/v3/projects/<project_id>/tags")
    def list_tags(self, request: IdentityRequest, project_id: str) -> Answer:
        """List the tags of a project."""
        tags = list(self._readable_project(request, project_id).tags)
        return {"tags": tags, "links": {"self": request.base_url, "previous": None, "next": None}}

    @route("PUT", "/v3/projects/<project_id>/tags", admin=True)
    def replace_tags(self, request: IdentityRequest, project_id: str) -> Answer:
        """Replace the tags of a project."""
        project = self.keystone.directory.project(project_id)
        self.keystone.directory.update_project(project, {"tags": TAGS.read(request.json_object())})
        return self.list_tags(request, project_id)

    @route("DELETE", "/v3/projects/<project_id>/tags", admin=True)
    def delete_tags(self, request: IdentityRequest, project_id: str) -> Answer:
        """Delete all tags of a project."""
        self.keystone.directory.update_project(self.keystone.directory.project(project_id), {"tags": []})
        return None

    @route("GET", "/v3/projects/<project_id>/tags/<tag>")
    def check_tag(self, request: IdentityRequest, project_id: str, tag: str) -> Answer:
        """Check that a project has a tag."""
        if tag not in self._readable_project(request, project_id).tags:
            raise Missing("project tag", tag)
        return None

    @route("PUT", "/v3/projects/<project_id>/tags/<tag>", admin=True)
    def add_tag(self, request: IdentityRequest, project_id: str, tag: str) -> Answer:
        """Add a tag to a project."""
        project = self.keystone.directory.project(project_id)
        tags = TAGS.read({"tags": list(dict.fromkeys([*project.tags, tag]))})
        self.keystone.directory.update_project(project, {"tags": tags})
        return 201, None, {"Location": request.base_url}

    @route("DELETE", "/v3/projects/<project_id>/tags/<tag>", admin=True)
    def delete_tag(self, request: IdentityRequest, project_id: str, tag: str) -> Answer:
        """Delete a tag of a project."""
        project = self.keystone.directory.project(project_id)
        if tag not in project.tags:
            raise Missing("project tag", tag)
        self.keystone.directory.update_project(project, {"tags": [each for each in project.tags if each != tag]})
        return None


def _suits_tags(project: Project, request: IdentityRequest) -> bool:
    """Return True if a project has the tags that a listing is filtered by."""

    def wanted(name: str) -> list[str]:
        return [tag for tag in request.args.get(name, "").split(",") if tag]

    every, some = wanted("tags"), wanted("tags-any")
    not_every, none = wanted("not-tags"), wanted("not-tags-any")
    return (
        all(tag in project.tags for tag in every)
        and (not some or any(tag in project.tags for tag in some))
        and (not not_every or not all(tag in project.tags for tag in not_every))
        and not any(tag in project.tags for tag in none)
    )
