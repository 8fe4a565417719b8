"""Roles, the roles that they imply, and role assignments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from pytest_doctor_maint.embedded.keystone.changes import Changes
from pytest_doctor_maint.embedded.keystone.directory import Directory
from pytest_doctor_maint.embedded.keystone.errors import Conflict, Forbidden, Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import Assignment, Project, Role, Target

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.ids import Ids


class RoleValues(TypedDict, total=False):
    """The optional fields of a new :class:`Role`, except its domain."""

    description: str | None
    options: dict[str, Any]
    extra: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Effective:
    """A role that a user holds in effect.

    Attributes:
        user_id: The user.
        role_id: The role.
        target: What the role is held on.
        source: The assignment from which this one follows.
        prior_role_id: The role that implies it, or empty.
    """

    user_id: str
    role_id: str
    target: Target
    source: Assignment
    prior_role_id: str = ""


class Grants:
    """Roles by id, implied roles and role assignments, all in the order of their creation.

    Args:
        ids: Draws the ids of new roles.
        changes: Counts every change.
        directory: The users, groups and projects between which roles are assigned.

    Attributes:
        roles: The roles by id.
        implications: The ids of the roles that a role implies, by its own id.
        assignments: The role assignments.
    """

    def __init__(self, ids: Ids, changes: Changes, directory: Directory) -> None:
        self._ids = ids
        self._changes = changes
        self._directory = directory
        self.roles: dict[str, Role] = {}
        self.implications: dict[str, list[str]] = {}
        # A dict, because a set is not ordered.
        self.assignments: dict[Assignment, None] = {}

    # Roles

    def role(self, role_id: str) -> Role:
        """Return the role with this id.

        Raises:
            Missing: No role has this id.
        """
        try:
            return self.roles[role_id]
        except KeyError:
            raise Missing("role", role_id) from None

    def role_named(self, name: str, domain_id: str | None = None) -> Role | None:
        """Return the role with this name in a domain, or in no domain (None)."""
        found = (role for role in self.roles.values() if role.name == name and role.domain_id == domain_id)
        return next(found, None)

    def create_role(self, name: str, *, domain_id: str | None = None, **values: Unpack[RoleValues]) -> Role:
        """Create a role.

        Raises:
            Missing: There is no such domain.
            Conflict: There is a role with the name.
        """
        if domain_id is not None:
            self._directory.domain(domain_id)
        if self.role_named(name, domain_id):
            raise Conflict(f"Conflict occurred attempting to store role - Duplicate entry found with name {name}.")
        role = Role(self._ids.hex("role"), name, domain_id, **values)
        self.roles[role.id] = role
        return role

    def update_role(self, role: Role, values: Mapping[str, Any]) -> None:
        """Set fields of a role.

        Raises:
            Invalid: The domain would change.
            Conflict: There is another role with the new name.
        """
        if "domain_id" in values and values["domain_id"] != role.domain_id:
            raise Invalid("Update of `domain_id` is not allowed.")
        other = self.role_named(values["name"], role.domain_id) if "name" in values else None
        if other is not None and other is not role:
            raise Conflict(
                f"Conflict occurred attempting to store role - Duplicate entry found with name {other.name}."
            )
        self._changes.update(role, values)

    # Implied roles

    def imply(self, prior: Role, implied: Role) -> None:
        """Let everyone who holds ``prior`` also hold ``implied``.

        Raises:
            Forbidden: ``implied`` is of a domain and ``prior`` is not, or ``implied`` is the role ``admin``.
        """
        if implied.domain_id is not None and prior.domain_id is None:
            raise Forbidden(f"A role of the whole cloud cannot imply {implied.id}, which is specific to a domain.")
        if implied.domain_id is None and implied.name == "admin":
            raise Forbidden(f"{implied.id} cannot be an implied role.")
        below = self.implications.setdefault(prior.id, [])
        if implied.id not in below:
            below.append(implied.id)
        self._changes.note()

    def stop_implying(self, prior: Role, implied: Role) -> None:
        """Undo :meth:`imply`.

        Raises:
            Missing: ``prior`` does not imply ``implied``.
        """
        self.require_implication(prior, implied)
        self.implications[prior.id].remove(implied.id)
        self._changes.note()

    def require_implication(self, prior: Role, implied: Role) -> None:
        """Check that ``prior`` implies ``implied``.

        Raises:
            Missing: It does not.
        """
        if implied.id not in self.implications.get(prior.id, ()):
            raise Missing("implied role", f"{prior.id} implies {implied.id}")

    def implied_by(self, role_id: str) -> list[str]:
        """Return the role itself and all roles that it implies, directly or not."""
        found = [role_id]
        for each in found:
            found += [below for below in self.implications.get(each, ()) if below not in found]
        return found

    # Assignments

    def grant(self, assignment: Assignment) -> None:
        """Assign a role.

        Raises:
            Invalid: The role is specific to a domain, and the target is the system.
            Forbidden: The role is specific to a domain, and the target is a project of another one. Keystone compares
                no domains if the target is a domain.
        """
        role, target = self.role(assignment.role_id), assignment.target
        if role.domain_id is not None and target.kind == "system":
            raise Invalid(f"Role {role.id} is a domain-specific role. Unable to use it in a system assignment.")
        project = self._directory.projects.get(target.id) if target.kind == "project" else None
        if role.domain_id is not None and project is not None and project.domain_id != role.domain_id:
            raise Forbidden(f"Project {project.id} must be in the same domain as the role {role.id} being assigned.")
        self.assignments[assignment] = None
        self._changes.note()

    def require_assignment(self, assignment: Assignment) -> None:
        """Check that a role is assigned in this way.

        Raises:
            Missing: It is not.
        """
        if assignment not in self.assignments:
            raise Missing("role assignment with role", assignment.role_id)

    def held(self, actor: str, actor_id: str, target: Target, *, inherited: bool = False) -> list[Role]:
        """Return the roles assigned to an actor on exactly this target."""
        return [
            self.roles[each.role_id]
            for each in self.assignments
            if (each.actor, each.actor_id, each.target, each.inherited) == (actor, actor_id, target, inherited)
        ]

    # What follows from the assignments

    def roles_on(self, user_id: str, target: Target) -> list[Role]:
        """Return the roles of a user's tokens for ``target``, with the roles that they imply."""
        reaching = {target: False}
        if target.kind == "project" and (project := self._directory.projects.get(target.id)):
            reaching.update((above, True) for above in self._above(project))
        actors = {("user", user_id)}
        actors.update(("group", group.id) for group in self._directory.groups_of(user_id))
        return self.expand(
            each.role_id
            for each in self.assignments
            if (each.actor, each.actor_id) in actors and reaching.get(each.target) == each.inherited
        )

    def expand(self, role_ids: Iterable[str]) -> list[Role]:
        """Return the roles and those that they imply, each once, without those that are specific to a domain."""
        found: dict[str, None] = {}
        for role_id in role_ids:
            found.update(dict.fromkeys(self.implied_by(role_id)))
        return [self.roles[each] for each in found if each in self.roles and self.roles[each].domain_id is None]

    def _above(self, project: Project) -> list[Target]:
        """Return the targets from which ``project`` inherits roles."""
        return [
            Target("domain" if above.is_domain else "project", above.id) for above in self._directory.ancestors(project)
        ]

    def effective(self) -> list[Effective]:
        """Return all assignments, resolved into users and targets, with the implied roles."""
        directory = self._directory
        found: dict[tuple[str, str, Target, str], Effective] = {}
        for each in self.assignments:
            users = [each.actor_id] if each.actor == "user" else directory.group(each.actor_id).members
            targets = [each.target]
            if each.inherited:
                targets = [
                    Target("project", below.id) for below in directory.descendants(directory.project(each.target.id))
                ]
            for user_id in users:
                for target in targets:
                    for role_id in self.implied_by(each.role_id):
                        if self.roles[role_id].domain_id is not None:
                            continue
                        prior = "" if role_id == each.role_id else self._prior(each.role_id, role_id)
                        effective = Effective(user_id, role_id, target, each, prior)
                        found.setdefault((user_id, role_id, target, prior), effective)
        return list(found.values())

    def _prior(self, from_role: str, role_id: str) -> str:
        chain = self.implied_by(from_role)
        return next(each for each in chain if role_id in self.implications.get(each, ()))
