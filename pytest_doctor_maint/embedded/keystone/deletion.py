"""Deleting what other things depend on: domains, projects, users, groups, roles and role assignments."""

from __future__ import annotations

from pytest_doctor_maint.embedded.keystone.changes import Changes, require_mutable
from pytest_doctor_maint.embedded.keystone.delegations import Delegations
from pytest_doctor_maint.embedded.keystone.directory import Directory
from pytest_doctor_maint.embedded.keystone.errors import Forbidden
from pytest_doctor_maint.embedded.keystone.grants import Grants
from pytest_doctor_maint.embedded.keystone.records import Assignment, Group, Project, Role, User
from pytest_doctor_maint.embedded.keystone.token_store import TokenStore


class Deletion:
    """Deletes resources together with everything that depends on them, in all parts of Keystone's state."""

    def __init__(
        self, changes: Changes, *, tokens: TokenStore, directory: Directory, grants: Grants, delegations: Delegations
    ) -> None:
        self._changes = changes
        self._tokens = tokens
        self._directory = directory
        self._grants = grants
        self._delegations = delegations

    def delete_domain(self, domain: Project) -> None:
        """Delete a domain and everything in it.

        Raises:
            Forbidden: The domain is enabled or immutable.
        """
        require_mutable(domain)
        if domain.enabled:
            raise Forbidden("Cannot delete a domain that is enabled, please disable it first.")
        for group in self._directory.groups_in(domain.id):
            self.delete_group(group)
        for user in self._directory.users_in(domain.id):
            self.delete_user(user)
        for project in self._directory.projects_in(domain.id):
            self._drop_project(project)
        for role in [role for role in self._grants.roles.values() if role.domain_id == domain.id]:
            self._drop_role(role)
        self._drop_project(domain)

    def delete_project(self, project: Project) -> None:
        """Delete a project, the roles on it and the credentials for it.

        Raises:
            Forbidden: There are projects below it, it is immutable, or it is a domain that is enabled.
        """
        if project.is_domain:
            self.delete_domain(project)
            return
        require_mutable(project)
        if self._directory.children(project):
            raise Forbidden(
                f"Cannot delete the project {project.id} since it is not a leaf in the hierarchy. "
                "Delete the projects below it first."
            )
        self._drop_project(project)

    def _drop_project(self, project: Project) -> None:
        del self._directory.projects[project.id]
        self._drop_assignments([each for each in self._grants.assignments if each.target.id == project.id])
        self._delegations.drop_those_for_project(project.id)
        for user in self._directory.users.values():
            if user.default_project_id == project.id:
                user.default_project_id = None
        self._tokens.revoke(lambda token: token.target.id == project.id)
        self._changes.note()

    def delete_user(self, user: User) -> None:
        """Delete a user with the user's memberships, roles, credentials and tokens."""
        del self._directory.users[user.id]
        for group in self._directory.groups_of(user.id):
            group.members.remove(user.id)
        self._drop_assignments(self._assignments_of("user", user.id))
        self._delegations.drop_those_of_user(user.id)
        self._tokens.revoke(lambda token: token.user_id == user.id)
        self._changes.note()

    def delete_group(self, group: Group) -> None:
        """Delete a group and the roles that it holds."""
        del self._directory.groups[group.id]
        self._drop_assignments(self._assignments_of("group", group.id))
        self._changes.note()

    def delete_role(self, role: Role) -> None:
        """Delete a role, its assignments and its implications.

        Raises:
            Forbidden: The role is immutable.
        """
        require_mutable(role)
        self._drop_role(role)

    def _drop_role(self, role: Role) -> None:
        del self._grants.roles[role.id]
        self._grants.implications.pop(role.id, None)
        for implied in self._grants.implications.values():
            if role.id in implied:
                implied.remove(role.id)
        for assignment in [each for each in self._grants.assignments if each.role_id == role.id]:
            self.revoke(assignment)
        self._delegations.drop_role(role.id)
        self._changes.note()

    def revoke(self, assignment: Assignment) -> None:
        """Revoke a role, and delete the application credentials of its holders for the project.

        Raises:
            Missing: The role is not assigned in this way.
        """
        self._grants.require_assignment(assignment)
        del self._grants.assignments[assignment]
        if assignment.target.kind == "project":
            for user_id in self._users_of(assignment):
                self._delegations.drop_application_credentials_in(user_id, assignment.target.id)
        self._changes.note()

    def _users_of(self, assignment: Assignment) -> list[str]:
        if assignment.actor == "user":
            return [assignment.actor_id]
        group = self._directory.groups.get(assignment.actor_id)
        return group.members if group is not None else []

    def _assignments_of(self, actor: str, actor_id: str) -> list[Assignment]:
        return [each for each in self._grants.assignments if (each.actor, each.actor_id) == (actor, actor_id)]

    def _drop_assignments(self, assignments: list[Assignment]) -> None:
        for each in assignments:
            del self._grants.assignments[each]
