"""Domains, projects, users and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.keystone.errors import Conflict, Forbidden, Invalid, Missing, Unauthorized
from pytest_doctor_maint.embedded.keystone.records import Group, Project, User
from pytest_doctor_maint.embedded.keystone.secret import digest, matches

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.keystone.models import Keystone

MAX_DEPTH = 5
"""How many projects may stand above one another below a domain (Keystone's ``max_project_tree_depth``)."""


class Directory:
    """Who there is: the projects (domains among them), users and groups, by id in the order of their creation."""

    def __init__(self, keystone: Keystone) -> None:
        self._keystone = keystone
        self._ids = keystone.core.ids
        self.projects: dict[str, Project] = {}
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}

    # Domains

    def domains(self) -> list[Project]:
        """All domains."""
        return [project for project in self.projects.values() if project.is_domain]

    def domain(self, domain_id: str) -> Project:
        """The domain with this id.

        Raises:
            Missing: There is none.
        """
        found = self.projects.get(domain_id)
        if found is None or not found.is_domain:
            raise Missing("domain", domain_id)
        return found

    def create_domain(self, name: str, *, domain_id: str | None = None, **values: Any) -> Project:
        """A new domain; ``values`` are fields of :class:`Project`.

        Raises:
            Conflict: Its name or id is taken.
        """
        if domain_id is not None and domain_id in self.projects:
            raise Conflict(f"Conflict occurred attempting to store domain - Duplicate ID, {domain_id}.")
        self._name_is_free("domain", self.domains(), name)
        domain = Project(
            domain_id or self._ids.hex("domain"), name, domain_id=None, parent_id=None, is_domain=True, **values
        )
        self.projects[domain.id] = domain
        self._keystone.changed()
        return domain

    def update_domain(self, domain: Project, values: Mapping[str, Any]) -> None:
        """Set fields of a domain.

        Raises:
            Conflict: The new name is taken.
        """
        if "name" in values:
            self._name_is_free("domain", self.domains(), values["name"], besides=domain)
        self._set(domain, values)
        if not domain.enabled:
            self._keystone.tokens.revoke(lambda token: self._in_domain(domain, token.user_id, token.target.id))

    def delete_domain(self, domain: Project) -> None:
        """Remove a domain and everything in it.

        Raises:
            Forbidden: It is enabled, or immutable.
        """
        self._keystone.must_be_mutable(domain)
        if domain.enabled:
            raise Forbidden("Cannot delete a domain that is enabled, please disable it first.")
        for group in [group for group in self.groups.values() if group.domain_id == domain.id]:
            self.delete_group(group)
        for user in [user for user in self.users.values() if user.domain_id == domain.id]:
            self.delete_user(user)
        for project in [project for project in self.projects.values() if project.domain_id == domain.id]:
            self._drop_project(project)
        self._keystone.grants.forget_domain(domain.id)
        self._drop_project(domain)

    def _in_domain(self, domain: Project, user_id: str, target_id: str) -> bool:
        user, target = self.users.get(user_id), self.projects.get(target_id)
        return (
            user is None
            or user.domain_id == domain.id
            or target is domain
            or (target is not None and target.domain_id == domain.id)
        )

    # Projects

    def project(self, project_id: str) -> Project:
        """The project (or domain) with this id.

        Raises:
            Missing: There is none.
        """
        try:
            return self.projects[project_id]
        except KeyError:
            raise Missing("project", project_id) from None

    def create_project(
        self, name: str, domain_id: str = "default", *, parent_id: str | None = None, **values: Any
    ) -> Project:
        """A new project; ``values`` are further fields of :class:`Project`.

        Raises:
            Invalid: The domain or parent does not exist, is in another domain, or is disabled.
            Forbidden: The tree would be too deep.
            Conflict: The name is taken in the domain.
        """
        above = self.projects.get(parent_id or domain_id)
        domain = self.projects.get(domain_id)
        if above is None or domain is None or not domain.is_domain:
            raise Invalid(f"Could not find project: {parent_id or domain_id}.")
        if (above.id if above.is_domain else above.domain_id) != domain_id:
            raise Invalid("Cannot create project, the parent is in a different domain.")
        if not above.enabled:
            raise Invalid(f"Cannot create project in a branch containing a disabled project: {above.id}.")
        if len(list(self.ancestors(above))) >= MAX_DEPTH:
            raise Forbidden(f"Max hierarchy depth reached for {above.id} branch.")
        self._name_is_free("project", self._projects_in(domain_id), name, f" at domain ID {domain_id}")
        project = Project(self._ids.hex("project"), name, domain_id=domain_id, parent_id=above.id, **values)
        self.projects[project.id] = project
        self._keystone.changed()
        return project

    def update_project(self, project: Project, values: Mapping[str, Any]) -> None:
        """Set fields of a project.

        Raises:
            Forbidden: Its tree has a disabled parent above it or enabled projects below it, or the parent would change.
            Invalid: The domain or ``is_domain`` would change.
            Conflict: The new name is taken.
        """
        if "parent_id" in values and values["parent_id"] != project.parent_id:
            raise Forbidden("Update of `parent_id` is not allowed.")
        if "domain_id" in values and values["domain_id"] != project.domain_id:
            raise Invalid("Update of `domain_id` is not allowed.")
        if "is_domain" in values and values["is_domain"] != project.is_domain:
            raise Invalid("Update of `is_domain` is not allowed.")
        if project.is_domain:
            self.update_domain(project, values)
            return
        if "name" in values:
            others = self._projects_in(project.domain_id or "")
            self._name_is_free("project", others, values["name"], f" at domain ID {project.domain_id}", besides=project)
        if values.get("enabled") is True and not project.enabled:
            if any(not above.enabled for above in self.ancestors(project)):
                raise Forbidden(f"Cannot enable project {project.id} since it has disabled parents.")
        elif (
            values.get("enabled") is False
            and project.enabled
            and any(child.enabled for child in self.descendants(project))
        ):
            raise Forbidden(f"Cannot disable project {project.id} since its subtree contains enabled projects.")
        self._set(project, values)
        if not project.enabled:
            self._keystone.tokens.revoke(lambda token: token.target.id == project.id)

    def delete_project(self, project: Project) -> None:
        """Remove a project, the roles on it and the credentials for it.

        Raises:
            Forbidden: Projects are below it, it is immutable, or it is a domain that is enabled.
        """
        if project.is_domain:
            self.delete_domain(project)
            return
        self._keystone.must_be_mutable(project)
        if self.children(project):
            raise Forbidden(
                f"Cannot delete the project {project.id} since it is not a leaf in the hierarchy. "
                "Delete the projects below it first."
            )
        self._drop_project(project)

    def _drop_project(self, project: Project) -> None:
        del self.projects[project.id]
        self._keystone.grants.forget_target(project.id)
        self._keystone.delegations.forget_project(project.id)
        for user in self.users.values():
            if user.default_project_id == project.id:
                user.default_project_id = None
        self._keystone.tokens.revoke(lambda token: token.target.id == project.id)
        self._keystone.changed()

    def children(self, project: Project) -> list[Project]:
        """The projects right below."""
        return [child for child in self.projects.values() if child.parent_id == project.id]

    def descendants(self, project: Project) -> list[Project]:
        """All projects below, nearest first within a branch."""
        found: list[Project] = []
        for child in self.children(project):
            found += [child, *self.descendants(child)]
        return found

    def ancestors(self, project: Project) -> Iterator[Project]:
        """The project's parent, that one's parent, and so on to the domain."""
        above = self.projects.get(project.parent_id or "")
        while above is not None:
            yield above
            above = self.projects.get(above.parent_id or "")

    def usable(self, project: Project) -> bool:
        """Whether tokens can be scoped to it: it and its domain are enabled."""
        domain = self.projects.get(project.domain_id or "")
        return project.enabled and (project.is_domain or (domain is not None and domain.enabled))

    def _projects_in(self, domain_id: str) -> list[Project]:
        return [project for project in self.projects.values() if project.domain_id == domain_id]

    # Users

    def user(self, user_id: str) -> User:
        """The user with this id.

        Raises:
            Missing: There is none.
        """
        try:
            return self.users[user_id]
        except KeyError:
            raise Missing("user", user_id) from None

    def create_user(self, name: str, domain_id: str = "default", *, password: str | None = None, **values: Any) -> User:
        """A new user; ``values`` are further fields of :class:`User`.

        Raises:
            Missing: There is no such domain.
            Invalid: The default project is a domain.
            Conflict: The name is taken in the domain.
        """
        self.domain(domain_id)
        self._default_project_is_no_domain(values)
        self._name_is_free("user", self._users_in(domain_id), name, f" at domain ID {domain_id}")
        user = User(self._ids.hex("user"), name, domain_id, password=self._digest(password), **values)
        self.users[user.id] = user
        self._keystone.changed()
        return user

    def update_user(self, user: User, values: Mapping[str, Any]) -> None:
        """Set fields of a user. A new password, or being disabled, ends all tokens.

        Raises:
            Invalid: The domain would change, or the default project is a domain.
            Conflict: The new name is taken.
        """
        if "domain_id" in values and values["domain_id"] != user.domain_id:
            raise Invalid("Update of `domain_id` is not allowed.")
        self._default_project_is_no_domain(values)
        if "name" in values:
            others = self._users_in(user.domain_id)
            self._name_is_free("user", others, values["name"], f" at domain ID {user.domain_id}", besides=user)
        changed = dict(values)
        if "password" in changed:
            changed["password"] = self._digest(changed["password"])
        self._set(user, changed)
        if "password" in values or not user.enabled:
            self._keystone.tokens.revoke(lambda token: token.user_id == user.id)

    def change_password(self, user_id: str, original: str, password: str) -> None:
        """A user's own change of password.

        Raises:
            Unauthorized: The original password is wrong, or there is no such user (which of the two is not told).
        """
        user = self.users.get(user_id)
        if user is None or not user.enabled or not matches(user.password, original):
            raise Unauthorized
        self.update_user(user, {"password": password})

    def delete_user(self, user: User) -> None:
        """Remove a user with its memberships, roles, credentials and tokens."""
        del self.users[user.id]
        for group in self.groups.values():
            if user.id in group.members:
                group.members.remove(user.id)
        self._keystone.grants.forget_actor("user", user.id)
        self._keystone.delegations.forget_user(user.id)
        self._keystone.tokens.revoke(lambda token: token.user_id == user.id)
        self._keystone.changed()

    def user_named(self, name: str, domain_id: str) -> User | None:
        """The user of this name in the domain."""
        return next((user for user in self.users.values() if user.name == name and user.domain_id == domain_id), None)

    def _users_in(self, domain_id: str) -> list[User]:
        return [user for user in self.users.values() if user.domain_id == domain_id]

    def _default_project_is_no_domain(self, values: Mapping[str, Any]) -> None:
        project = self.projects.get(values.get("default_project_id") or "")
        if project is not None and project.is_domain:
            raise Invalid("User's default project ID cannot be a domain ID.")

    def _digest(self, password: str | None) -> str | None:
        return None if password is None else digest(self._ids.hex("password salt"), password)

    # Groups

    def group(self, group_id: str) -> Group:
        """The group with this id.

        Raises:
            Missing: There is none.
        """
        try:
            return self.groups[group_id]
        except KeyError:
            raise Missing("group", group_id) from None

    def create_group(self, name: str, domain_id: str = "default", **values: Any) -> Group:
        """A new group; ``values`` are further fields of :class:`Group`.

        Raises:
            Missing: There is no such domain.
            Conflict: The name is taken in the domain.
        """
        self.domain(domain_id)
        self._name_is_free("group", self._groups_in(domain_id), name, f" at domain ID {domain_id}")
        group = Group(self._ids.hex("group"), name, domain_id, **values)
        self.groups[group.id] = group
        self._keystone.changed()
        return group

    def update_group(self, group: Group, values: Mapping[str, Any]) -> None:
        """Set fields of a group.

        Raises:
            Invalid: The domain would change.
            Conflict: The new name is taken.
        """
        if "domain_id" in values and values["domain_id"] != group.domain_id:
            raise Invalid("Update of `domain_id` is not allowed.")
        if "name" in values:
            others = self._groups_in(group.domain_id)
            self._name_is_free("group", others, values["name"], f" at domain ID {group.domain_id}", besides=group)
        self._set(group, values)

    def delete_group(self, group: Group) -> None:
        """Remove a group and the roles that it held."""
        del self.groups[group.id]
        self._keystone.grants.forget_actor("group", group.id)
        self._keystone.changed()

    def groups_of(self, user_id: str) -> list[Group]:
        """The groups that a user is in."""
        return [group for group in self.groups.values() if user_id in group.members]

    def add_member(self, group: Group, user: User) -> None:
        """Put a user into a group; once is enough."""
        if user.id not in group.members:
            group.members.append(user.id)
            self._keystone.changed()

    def is_member(self, group: Group, user: User) -> None:
        """Do nothing when a user is in a group.

        Raises:
            Missing: It is not.
        """
        if user.id not in group.members:
            raise Missing("user in group", f"{user.id} in {group.id}")

    def remove_member(self, group: Group, user: User) -> None:
        """Take a user out of a group.

        Raises:
            Missing: It is not in it.
        """
        self.is_member(group, user)
        group.members.remove(user.id)
        self._keystone.changed()

    def _groups_in(self, domain_id: str) -> list[Group]:
        return [group for group in self.groups.values() if group.domain_id == domain_id]

    # All of them

    @staticmethod
    def _name_is_free(
        kind: str, others: list[Any], name: str, where: str = "", *, besides: object | None = None
    ) -> None:
        if any(other.name == name and other is not besides for other in others):
            raise Conflict(
                f"Conflict occurred attempting to store {kind} - Duplicate entry found with name {name}{where}."
            )

    def _set(self, record: Project | User | Group, values: Mapping[str, Any]) -> None:
        self._keystone.update(record, values)
