"""Users and groups: ``/v3/users``, ``/v3/groups``."""

from __future__ import annotations

from pytest_doctor_maint.embedded.keystone import schemas, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.directory import require_member
from pytest_doctor_maint.embedded.keystone.records import Group, Target, User
from pytest_doctor_maint.simtime.http import Answer, route

_USER = {
    "name": schemas.NAME,
    "domain_id": schemas.ID,
    "password": schemas.nullable(schemas.text(maxLength=4096)),
    "enabled": schemas.FLAG,
    "default_project_id": schemas.nullable(schemas.text(maxLength=64, pattern=r"^[a-zA-Z0-9-]*$")),
    "options": schemas.OBJECT,
}
NEW_USER = schemas.Resource("user", _USER, required=("name",))
USER = schemas.Resource("user", _USER)
_GROUP = {"name": schemas.SHORT_NAME, "domain_id": schemas.ID, "description": schemas.DESCRIPTION}
NEW_GROUP = schemas.Resource("group", _GROUP, required=("name",))
GROUP = schemas.Resource("group", _GROUP)
OWN_PASSWORD = schemas.Resource(
    "user",
    {"password": schemas.text(minLength=1, maxLength=4096), "original_password": schemas.TEXT},
    required=("password", "original_password"),
)


class UserRoutes(IdentityService):
    """Users and groups."""

    @route("POST", "/v3/users", admin=True)
    def create_user(self, request: IdentityRequest) -> Answer:
        """Create a user."""
        values = NEW_USER.read(request.json_object())
        domain_id = values.pop("domain_id", None) or self.home_domain(request)
        user = self.keystone.directory.create_user(values.pop("name"), domain_id, **values)
        return 201, {"user": views.user(user, request.root)}

    @route("GET", "/v3/users")
    def list_users(self, request: IdentityRequest) -> Answer:
        """List the users that the caller may read."""
        only = self.domain_in_sight(request)
        users = [each for each in self.keystone.directory.users.values() if only in (None, each.domain_id)]
        return self._users(request, users)

    def _users(self, request: IdentityRequest, users: list[User]) -> Answer:
        found = [views.user(each, request.root) for each in users]
        return self.listing(request, "users", found, "name", "domain_id", "enabled", "default_project_id")

    @route("GET", "/v3/users/<user_id>")
    def show_user(self, request: IdentityRequest, user_id: str) -> Answer:
        """Show a user."""
        return {"user": views.user(self._readable_user(request, user_id), request.root)}

    def _readable_user(self, request: IdentityRequest, user_id: str) -> User:
        user = self.keystone.directory.users.get(user_id)
        self.must_read(request, owner=user_id, domain_id=user.domain_id if user else "")
        return self.keystone.directory.user(user_id)

    @route("PATCH", "/v3/users/<user_id>", admin=True)
    def update_user(self, request: IdentityRequest, user_id: str) -> Answer:
        """Update a user."""
        user = self.keystone.directory.user(user_id)
        values = USER.read(request.json_object(), key=user_id)
        self.keystone.directory.update_user(user, values)
        return {"user": views.user(user, request.root)}

    @route("DELETE", "/v3/users/<user_id>", admin=True)
    def delete_user(self, request: IdentityRequest, user_id: str) -> Answer:
        """Delete a user."""
        self.keystone.deletion.delete_user(self.keystone.directory.user(user_id))
        return None

    @route("POST", "/v3/users/<user_id>/password", public=True)
    def change_password(self, request: IdentityRequest, user_id: str) -> Answer:
        """Change the password of a user who knows the present one."""
        # As in Keystone the present password is proof enough, because an expired password must be changeable.
        values = OWN_PASSWORD.read(request.json_object())
        self.keystone.directory.change_password(user_id, values["original_password"], values["password"])
        return None

    @route("GET", "/v3/users/<user_id>/projects")
    def list_projects_of_user(self, request: IdentityRequest, user_id: str) -> Answer:
        """List the projects on which a user holds a role."""
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
        """List the groups of which a user is a member."""
        user = self._readable_user(request, user_id)
        return self._groups(request, self.keystone.directory.groups_of(user.id))

    def _groups(self, request: IdentityRequest, groups: list[Group]) -> Answer:
        found = [views.group(each, request.root) for each in groups]
        return self.listing(request, "groups", found, "name", "domain_id")

    @route("POST", "/v3/groups", admin=True)
    def create_group(self, request: IdentityRequest) -> Answer:
        """Create a group."""
        values = NEW_GROUP.read(request.json_object())
        domain_id = values.pop("domain_id", None) or self.home_domain(request)
        group = self.keystone.directory.create_group(values.pop("name"), domain_id, **values)
        return 201, {"group": views.group(group, request.root)}

    @route("GET", "/v3/groups")
    def list_groups(self, request: IdentityRequest) -> Answer:
        """List the groups that the caller may read."""
        only = self.domain_in_sight(request)
        return self._groups(
            request, [each for each in self.keystone.directory.groups.values() if only in (None, each.domain_id)]
        )

    @route("GET", "/v3/groups/<group_id>")
    def show_group(self, request: IdentityRequest, group_id: str) -> Answer:
        """Show a group."""
        return {"group": views.group(self._readable_group(request, group_id), request.root)}

    def _readable_group(self, request: IdentityRequest, group_id: str) -> Group:
        group = self.keystone.directory.groups.get(group_id)
        self.must_read(request, domain_id=group.domain_id if group else "")
        return self.keystone.directory.group(group_id)

    @route("PATCH", "/v3/groups/<group_id>", admin=True)
    def update_group(self, request: IdentityRequest, group_id: str) -> Answer:
        """Update a group."""
        group = self.keystone.directory.group(group_id)
        self.keystone.directory.update_group(group, GROUP.read(request.json_object(), key=group_id))
        return {"group": views.group(group, request.root)}

    @route("DELETE", "/v3/groups/<group_id>", admin=True)
    def delete_group(self, request: IdentityRequest, group_id: str) -> Answer:
        """Delete a group."""
        self.keystone.deletion.delete_group(self.keystone.directory.group(group_id))
        return None

    @route("GET", "/v3/groups/<group_id>/users")
    def list_members(self, request: IdentityRequest, group_id: str) -> Answer:
        """List the members of a group."""
        members = self._readable_group(request, group_id).members
        return self._users(request, [self.keystone.directory.user(each) for each in members])

    @route("GET", "/v3/groups/<group_id>/users/<user_id>")
    def check_member(self, request: IdentityRequest, group_id: str, user_id: str) -> Answer:
        """Check that a user is a member of a group."""
        user = self._readable_user(request, user_id)
        require_member(self.keystone.directory.group(group_id), user)
        return None

    @route("PUT", "/v3/groups/<group_id>/users/<user_id>", admin=True)
    def add_member(self, request: IdentityRequest, group_id: str, user_id: str) -> Answer:
        """Add a user to a group."""
        directory = self.keystone.directory
        directory.add_member(directory.group(group_id), directory.user(user_id))
        return None

    @route("DELETE", "/v3/groups/<group_id>/users/<user_id>", admin=True)
    def remove_member(self, request: IdentityRequest, group_id: str, user_id: str) -> Answer:
        """Remove a user from a group."""
        directory = self.keystone.directory
        directory.remove_member(directory.group(group_id), directory.user(user_id))
        return None
