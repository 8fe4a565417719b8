"""Users and groups: ``/v3/users``, ``/v3/groups``."""

from __future__ import annotations

from pytest_doctor_maint.embedded.keystone import schema, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.records import Group, Target, User
from pytest_doctor_maint.simtime.http import Answer, route

USER: schema.Fields = {
    "name": schema.NAME,
    "domain_id": schema.ID,
    "password": schema.Text(null=True, most=4096),
    "enabled": schema.FLAG,
    "default_project_id": schema.Text(most=64, null=True, pattern=r"^[a-zA-Z0-9-]*$"),
    "options": schema.Object(),
}
GROUP: schema.Fields = {"name": schema.SHORT_NAME, "domain_id": schema.ID, "description": schema.DESCRIPTION}
OWN_PASSWORD: schema.Fields = {"password": schema.Text(least=1, most=4096), "original_password": schema.Text()}


class UserRoutes(IdentityService):
    """Users and groups."""

    @route("POST", "/v3/users", admin=True)
    def create_user(self, request: IdentityRequest) -> Answer:
        values = schema.read(request.json_object(), "user", USER, required=("name",))
        domain_id = values.pop("domain_id", None) or self.home_domain(request)
        user = self.keystone.directory.create_user(values.pop("name"), domain_id, **values)
        return 201, {"user": views.user(user, request.root)}

    @route("GET", "/v3/users")
    def list_users(self, request: IdentityRequest) -> Answer:
        only = self.domain_in_sight(request)
        users = [each for each in self.keystone.directory.users.values() if only in (None, each.domain_id)]
        return self._users(request, users)

    def _users(self, request: IdentityRequest, users: list[User]) -> Answer:
        found = [views.user(each, request.root) for each in users]
        return self.listing(request, "users", found, "name", "domain_id", "enabled", "default_project_id")

    @route("GET", "/v3/users/<user_id>")
    def show_user(self, request: IdentityRequest, user_id: str) -> Answer:
        return {"user": views.user(self._readable_user(request, user_id), request.root)}

    def _readable_user(self, request: IdentityRequest, user_id: str) -> User:
        user = self.keystone.directory.users.get(user_id)
        self.must_read(request, owner=user_id, domain_id=user.domain_id if user else "")
        return self.keystone.directory.user(user_id)

    @route("PATCH", "/v3/users/<user_id>", admin=True)
    def update_user(self, request: IdentityRequest, user_id: str) -> Answer:
        user = self.keystone.directory.user(user_id)
        values = schema.read(request.json_object(), "user", USER, key=user_id)
        self.keystone.directory.update_user(user, values)
        return {"user": views.user(user, request.root)}

    @route("DELETE", "/v3/users/<user_id>", admin=True)
    def delete_user(self, request: IdentityRequest, user_id: str) -> Answer:
        self.keystone.directory.delete_user(self.keystone.directory.user(user_id))
        return None

    @route("POST", "/v3/users/<user_id>/password", public=True)
    def change_password(self, request: IdentityRequest, user_id: str) -> Answer:
        # No token: as in Keystone, the original password is proof enough, and an expired password must be changeable.
        values = schema.read(request.json_object(), "user", OWN_PASSWORD, required=("password", "original_password"))
        self.keystone.directory.change_password(user_id, values["original_password"], values["password"])
        return None

    @route("GET", "/v3/users/<user_id>/projects")
    def list_projects_of_user(self, request: IdentityRequest, user_id: str) -> Answer:
        user = self._readable_user(request, user_id)
        projects = [
            each
            for each in self.keystone.directory.projects.values()
            if not each.is_domain and self.keystone.grants.roles_on(user.id, Target("project", each.id))
        ]
        found = [views.project(each, request.root) for each in projects]
        return self.listing(request, "projects", found, "name", "domain_id", "enabled")

    @route("GET", "/v3/users/<user_id>/groups")
    def list_groups_of_user(self, request: IdentityRequest, user_id: str) -> Answer:
        user = self._readable_user(request, user_id)
        return self._groups(request, self.keystone.directory.groups_of(user.id))

    def _groups(self, request: IdentityRequest, groups: list[Group]) -> Answer:
        found = [views.group(each, request.root) for each in groups]
        return self.listing(request, "groups", found, "name", "domain_id")

    @route("POST", "/v3/groups", admin=True)
    def create_group(self, request: IdentityRequest) -> Answer:
        values = schema.read(request.json_object(), "group", GROUP, required=("name",))
        domain_id = values.pop("domain_id", None) or self.home_domain(request)
        group = self.keystone.directory.create_group(values.pop("name"), domain_id, **values)
        return 201, {"group": views.group(group, request.root)}

    @route("GET", "/v3/groups")
    def list_groups(self, request: IdentityRequest) -> Answer:
        only = self.domain_in_sight(request)
        return self._groups(
            request, [each for each in self.keystone.directory.groups.values() if only in (None, each.domain_id)]
        )

    @route("GET", "/v3/groups/<group_id>")
    def show_group(self, request: IdentityRequest, group_id: str) -> Answer:
        return {"group": views.group(self._readable_group(request, group_id), request.root)}

    def _readable_group(self, request: IdentityRequest, group_id: str) -> Group:
        group = self.keystone.directory.groups.get(group_id)
        self.must_read(request, domain_id=group.domain_id if group else "")
        return self.keystone.directory.group(group_id)

    @route("PATCH", "/v3/groups/<group_id>", admin=True)
    def update_group(self, request: IdentityRequest, group_id: str) -> Answer:
        group = self.keystone.directory.group(group_id)
        self.keystone.directory.update_group(group, schema.read(request.json_object(), "group", GROUP, key=group_id))
        return {"group": views.group(group, request.root)}

    @route("DELETE", "/v3/groups/<group_id>", admin=True)
    def delete_group(self, request: IdentityRequest, group_id: str) -> Answer:
        self.keystone.directory.delete_group(self.keystone.directory.group(group_id))
        return None

    @route("GET", "/v3/groups/<group_id>/users")
    def list_members(self, request: IdentityRequest, group_id: str) -> Answer:
        members = self._readable_group(request, group_id).members
        return self._users(request, [self.keystone.directory.user(each) for each in members])

    @route("GET", "/v3/groups/<group_id>/users/<user_id>")
    def check_member(self, request: IdentityRequest, group_id: str, user_id: str) -> Answer:
        user = self._readable_user(request, user_id)
        self.keystone.directory.is_member(self.keystone.directory.group(group_id), user)
        return None

    @route("PUT", "/v3/groups/<group_id>/users/<user_id>", admin=True)
    def add_member(self, request: IdentityRequest, group_id: str, user_id: str) -> Answer:
        directory = self.keystone.directory
        directory.add_member(directory.group(group_id), directory.user(user_id))
        return None

    @route("DELETE", "/v3/groups/<group_id>/users/<user_id>", admin=True)
    def remove_member(self, request: IdentityRequest, group_id: str, user_id: str) -> Answer:
        directory = self.keystone.directory
        directory.remove_member(directory.group(group_id), directory.user(user_id))
        return None
