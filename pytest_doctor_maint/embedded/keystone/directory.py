"""Domains, projects, users and groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, Unpack

from pytest_doctor_maint.embedded.keystone.changes import Changes
from pytest_doctor_maint.embedded.keystone.errors import Conflict, Forbidden, Invalid, Missing, Unauthorized
from pytest_doctor_maint.embedded.keystone.records import Group, Project, User
from pytest_doctor_maint.embedded.keystone.secret import digest, matches
from pytest_doctor_maint.embedded.keystone.token_store import TokenStore

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.ids import Ids

MAX_DEPTH = 5
"""The most projects above one another below a domain (Keystone's ``max_project_tree_depth``)."""


class ProjectValues(TypedDict, total=False):
    """The optional fields of a new :class:`Project`."""

    description: str | None
    enabled: bool
    tags: list[str]
    options: dict[str, Any]
    extra: dict[str, Any]


class UserValues(TypedDict, total=False):
    """The optional fields of a new :class:`User`, except its password."""

    enabled: bool
    default_project_id: str | None
    options: dict[str, Any]
    extra: dict[str, Any]


class GroupValues(TypedDict, total=False):
    """The optional fields of a new :class:`Group`."""

    description: str | None
    extra: dict[str, Any]


class _Named(Protocol):
    name: str


class Directory:
    """The projects (domains are projects, too), users and groups, by id in the order of their creation.

    Args:
        ids: Draws the ids of new resources.
        changes: Counts every change.
        tokens: Tokens are revoked when a user or scope is disabled.
    """

    def __init__(self, ids: Ids, changes: Changes, tokens: TokenStore) -> None:
        self._ids = ids
        self._changes = changes
        self._tokens = tokens
        self.projects: dict[str, Project] = {}
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}

    # Domains

    def domains(self) -> list[Project]:
        """Return all domains."""
        return [project for project in self.projects.values() if project.is_domain]

    def domain(self, domain_id: str) -> Project:
        """Return the domain with this id.

        Raises:
            Missing: No domain has this id.
        """
        found = self.projects.get(domain_id)
        if found is None or not found.is_domain:
            raise Missing("domain", domain_id)
        return found

    def create_domain(self, name: str, *, domain_id: str | None = None, **values: Unpack[ProjectValues]) -> Project:
        """Create a domain.

        Raises:
            Conflict: There is a domain with the name or id.
        """
        if domain_id is not None and domain_id in self.projects:
            raise Conflict(f"Conflict occurred attempting to store domain - Duplicate ID, {domain_id}.")
        _require_free_name("domain", self.domains(), name)
        domain = Project(
            domain_id or self._ids.hex("domain"), name, domain_id=None, parent_id=None, is_domain=True, **values
        )
        self.projects[domain.id] = domain
        self._changes.note()
        return domain

    def update_domain(self, domain: Project, values: Mapping[str, Any]) -> None:
        """Set fields of a domain; disabling it revokes the tokens of its users and those for its projects.

        Raises:
            Conflict: There is another domain with the new name.
        """
        if "name" in values:
            _require_free_name("domain", self.domains(), values["name"], of=domain)
        self._changes.update(domain, values)
        if not domain.enabled:
            self._tokens.revoke(lambda token: self._in_domain(domain, token.user_id, token.target.id))

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
        """Return the project or domain with this id.

        Raises:
            Missing: No project or domain has this id.
        """
        try:
            return self.projects[project_id]
        except KeyError:
            raise Missing("project", project_id) from None

    def create_project(
        self, name: str, domain_id: str = "default", *, parent_id: str | None = None, **values: Unpack[ProjectValues]
    ) -> Project:
        """Create a project.

        Raises:
            Invalid: The domain or parent does not exist, is in another domain, or is disabled.
            Forbidden: The tree of projects would be too deep.
            Conflict: The domain has a project with the name.
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
        _require_free_name("project", self.projects_in(domain_id), name, f" at domain ID {domain_id}")
        project = Project(self._ids.hex("project"), name, domain_id=domain_id, parent_id=above.id, **values)
        self.projects[project.id] = project
        self._changes.note()
        return project

    def update_project(self, project: Project, values: Mapping[str, Any]) -> None:
        """Set fields of a project; disabling it revokes the tokens for it.

        Raises:
            Forbidden: A project above is disabled, an enabled project is below, or the parent would change.
            Invalid: The domain or ``is_domain`` would change.
            Conflict: The domain has another project with the new name.
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
            others = self.projects_in(project.domain_id or "")
            _require_free_name("project", others, values["name"], f" at domain ID {project.domain_id}", of=project)
        if values.get("enabled") is True and not project.enabled:
            if any(not above.enabled for above in self.ancestors(project)):
                raise Forbidden(f"Cannot enable project {project.id} since it has disabled parents.")
        elif (
            values.get("enabled") is False
            and project.enabled
            and any(child.enabled for child in self.descendants(project))
        ):
            raise Forbidden(f"Cannot disable project {project.id} since its subtree contains enabled projects.")
        self._changes.update(project, values)
        if not project.enabled:
            self._tokens.revoke(lambda token: token.target.id == project.id)

    def projects_in(self, domain_id: str) -> list[Project]:
        """Return the projects of a domain."""
        return [project for project in self.projects.values() if project.domain_id == domain_id]

    def children(self, project: Project) -> list[Project]:
        """Return the projects directly below."""
        return [child for child in self.projects.values() if child.parent_id == project.id]

    def descendants(self, project: Project) -> list[Project]:
        """Return all projects below, each one before those below it."""
        found: list[Project] = []
        for child in self.children(project):
            found += [child, *self.descendants(child)]
        return found

    def ancestors(self, project: Project) -> Iterator[Project]:
        """Yield the parent of a project, the parent's parent, and so on up to the domain."""
        above = self.projects.get(project.parent_id or "")
        while above is not None:
            yield above
            above = self.projects.get(above.parent_id or "")

    def usable(self, project: Project) -> bool:
        """Return True if tokens can be scoped to the project or domain: it and its domain are enabled."""
        domain = self.projects.get(project.domain_id or "")
        return project.enabled and (project.is_domain or (domain is not None and domain.enabled))

    # Users

    def user(self, user_id: str) -> User:
        """Return the user with this id.

        Raises:
            Missing: No user has this id.
        """
        try:
            return self.users[user_id]
        except KeyError:
            raise Missing("user", user_id) from None

    def create_user(
        self, name: str, domain_id: str = "default", *, password: str | None = None, **values: Unpack[UserValues]
    ) -> User:
        """Create a user.

        Raises:
            Missing: There is no such domain.
            Invalid: The default project is a domain.
            Conflict: The domain has a user with the name.
        """
        self.domain(domain_id)
        self._require_project(values.get("default_project_id"))
        _require_free_name("user", self.users_in(domain_id), name, f" at domain ID {domain_id}")
        user = User(self._ids.hex("user"), name, domain_id, password=self._digest(password), **values)
        self.users[user.id] = user
        self._changes.note()
        return user

    def update_user(self, user: User, values: Mapping[str, Any]) -> None:
        """Set fields of a user; a new password revokes all tokens of the user, and so does disabling the user.

        Raises:
            Invalid: The domain would change, or the default project is a domain.
            Conflict: The domain has another user with the new name.
        """
        if "domain_id" in values and values["domain_id"] != user.domain_id:
            raise Invalid("Update of `domain_id` is not allowed.")
        self._require_project(values.get("default_project_id"))
        if "name" in values:
            others = self.users_in(user.domain_id)
            _require_free_name("user", others, values["name"], f" at domain ID {user.domain_id}", of=user)
        changed = dict(values)
        if "password" in changed:
            changed["password"] = self._digest(changed["password"])
        self._changes.update(user, changed)
        if "password" in values or not user.enabled:
            self._tokens.revoke(lambda token: token.user_id == user.id)

    def change_password(self, user_id: str, original: str, password: str) -> None:
        """Change the password of a user who knows the present one.

        Raises:
            Unauthorized: The present password is wrong, or there is no such user; the error is the same.
        """
        user = self.users.get(user_id)
        if user is None or not user.enabled or not matches(user.password, original):
            raise Unauthorized
        self.update_user(user, {"password": password})

    def user_named(self, name: str, domain_id: str) -> User | None:
        """Return the user with this name in the domain, or None."""
        return next((user for user in self.users_in(domain_id) if user.name == name), None)

    def users_in(self, domain_id: str) -> list[User]:
        """Return the users of a domain."""
        return [user for user in self.users.values() if user.domain_id == domain_id]

    def may_log_in(self, user: User) -> bool:
        """Return True if the user and the user's domain are enabled."""
        domain = self.projects.get(user.domain_id)
        return user.enabled and domain is not None and domain.enabled

    def _require_project(self, project_id: str | None) -> None:
        project = self.projects.get(project_id or "")
        if project is not None and project.is_domain:
            raise Invalid("User's default project ID cannot be a domain ID.")

    def _digest(self, password: str | None) -> str | None:
        return None if password is None else digest(self._ids.hex("password salt"), password)

    # Groups

    def group(self, group_id: str) -> Group:
        """Return the group with this id.

        Raises:
            Missing: No group has this id.
        """
        try:
            return self.groups[group_id]
        except KeyError:
            raise Missing("group", group_id) from None

    def create_group(self, name: str, domain_id: str = "default", **values: Unpack[GroupValues]) -> Group:
        """Create a group.

        Raises:
            Missing: There is no such domain.
            Conflict: The domain has a group with the name.
        """
        self.domain(domain_id)
        _require_free_name("group", self.groups_in(domain_id), name, f" at domain ID {domain_id}")
        group = Group(self._ids.hex("group"), name, domain_id, **values)
        self.groups[group.id] = group
        self._changes.note()
        return group

    def update_group(self, group: Group, values: Mapping[str, Any]) -> None:
        """Set fields of a group.

        Raises:
            Invalid: The domain would change.
            Conflict: The domain has another group with the new name.
        """
        if "domain_id" in values and values["domain_id"] != group.domain_id:
            raise Invalid("Update of `domain_id` is not allowed.")
        if "name" in values:
            others = self.groups_in(group.domain_id)
            _require_free_name("group", others, values["name"], f" at domain ID {group.domain_id}", of=group)
        self._changes.update(group, values)

    def groups_in(self, domain_id: str) -> list[Group]:
        """Return the groups of a domain."""
        return [group for group in self.groups.values() if group.domain_id == domain_id]

    def groups_of(self, user_id: str) -> list[Group]:
        """Return the groups of which a user is a member."""
        return [group for group in self.groups.values() if user_id in group.members]

    def add_member(self, group: Group, user: User) -> None:
        """Add a user to a group, unless the user is a member."""
        if user.id not in group.members:
            group.members.append(user.id)
            self._changes.note()

    def remove_member(self, group: Group, user: User) -> None:
        """Remove a user from a group.

        Raises:
            Missing: The user is not a member.
        """
        require_member(group, user)
        group.members.remove(user.id)
        self._changes.note()


def require_member(group: Group, user: User) -> None:
    """Check that a user is a member of a group.

    Raises:
        Missing: The user is not.
    """
    if user.id not in group.members:
        raise Missing("user in group", f"{user.id} in {group.id}")


def _require_free_name(
    kind: str, others: Iterable[_Named], name: str, where: str = "", *, of: _Named | None = None
) -> None:
    if any(other.name == name and other is not of for other in others):
        raise Conflict(f"Conflict occurred attempting to store {kind} - Duplicate entry found with name {name}{where}.")
