"""Roles, what they imply, and who holds them on what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.keystone.errors import Conflict, Forbidden, Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import Assignment, Project, Role, Target

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.keystone.models import Keystone


@dataclass(frozen=True, slots=True)
class Effective:
    """A role that a user holds in effect.

    Attributes:
        user_id: Who.
        role_id: Which role.
        target: Where.
        source: The assignment that it comes from.
        prior_role_id: The role that implies it, or empty.
    """

    user_id: str
    role_id: str
    target: Target
    source: Assignment
    prior_role_id: str = ""


class Grants:
    """Roles by id, implications and assignments, all in the order of their creation."""

    def __init__(self, keystone: Keystone) -> None:
        self._keystone = keystone
        self.roles: dict[str, Role] = {}
        self.implications: dict[str, list[str]] = {}
        """The ids of the roles that a role implies, by its own id."""
        # A dict, because a set has no order of its own.
        self.assignments: dict[Assignment, None] = {}

    # Roles

    def role(self, role_id: str) -> Role:
        """The role with this id.

        Raises:
            Missing: There is none.
        """
        try:
            return self.roles[role_id]
        except KeyError:
            raise Missing("role", role_id) from None

    def role_named(self, name: str, domain_id: str | None = None) -> Role | None:
        """The role of this name, in a domain or (None) of the whole cloud."""
        found = (role for role in self.roles.values() if role.name == name and role.domain_id == domain_id)
        return next(found, None)

    def create_role(self, name: str, *, domain_id: str | None = None, **values: Any) -> Role:
        """A new role; ``values`` are further fields of :class:`Role`.

        Raises:
            Missing: There is no such domain.
            Conflict: The name is taken.
        """
        if domain_id is not None:
            self._keystone.directory.domain(domain_id)
        if self.role_named(name, domain_id):
            raise Conflict(f"Conflict occurred attempting to store role - Duplicate entry found with name {name}.")
        role = Role(self._keystone.core.ids.hex("role"), name, domain_id, **values)
        self.roles[role.id] = role
        return role

    def update_role(self, role: Role, values: Mapping[str, Any]) -> None:
        """Set fields of a role.

        Raises:
            Invalid: The domain would change.
            Conflict: The new name is taken.
        """
        if "domain_id" in values and values["domain_id"] != role.domain_id:
            raise Invalid("Update of `domain_id` is not allowed.")
        other = self.role_named(values["name"], role.domain_id) if "name" in values else None
        if other is not None and other is not role:
            raise Conflict(
                f"Conflict occurred attempting to store role - Duplicate entry found with name {other.name}."
            )
        self._keystone.update(role, values)

    def delete_role(self, role: Role) -> None:
        """Remove a role; nobody holds or implies it any more.

        Raises:
            Forbidden: It is marked immutable.
        """
        self._keystone.must_be_mutable(role)
        del self.roles[role.id]
        self.implications.pop(role.id, None)
        for implied in self.implications.values():
            if role.id in implied:
                implied.remove(role.id)
        for assignment in [each for each in self.assignments if each.role_id == role.id]:
            self.revoke(assignment)
        self._keystone.delegations.forget_role(role.id)
        self._keystone.changed()

    def imply(self, prior: Role, implied: Role) -> None:
        """From now on whoever holds ``prior`` holds ``implied`` too.

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
        self._keystone.changed()

    def imply_no_more(self, prior: Role, implied: Role) -> None:
        """Undo :meth:`imply`.

        Raises:
            Missing: It does not.
        """
        self.implication_exists(prior, implied)
        self.implications[prior.id].remove(implied.id)
        self._keystone.changed()

    def implication_exists(self, prior: Role, implied: Role) -> None:
        """Do nothing when ``prior`` implies ``implied``.

        Raises:
            Missing: It does not.
        """
        if implied.id not in self.implications.get(prior.id, ()):
            raise Missing("implied role", f"{prior.id} implies {implied.id}")

    def implied_by(self, role_id: str) -> list[str]:
        """The role itself and all that it implies, over any number of steps."""
        found = [role_id]
        for each in found:
            found += [below for below in self.implications.get(each, ()) if below not in found]
        return found

    # Assignments

    def grant(self, assignment: Assignment) -> None:
        """Give a role.

        Raises:
            Forbidden: The role is specific to a domain that the target is not in.
        """
        role = self.role(assignment.role_id)
        if role.domain_id is not None:
            target = self._keystone.directory.projects.get(assignment.target.id)
            if target is None or role.domain_id not in (target.id, target.domain_id):
                raise Forbidden(f"Role {role.id} is specific to a domain that the target is not in.")
        self.assignments[assignment] = None
        self._keystone.changed()

    def check(self, assignment: Assignment) -> None:
        """Do nothing when the role is held so.

        Raises:
            Missing: It is not.
        """
        if assignment not in self.assignments:
            raise Missing("role assignment with role", assignment.role_id)

    def revoke(self, assignment: Assignment) -> None:
        """Take a role away, and with it the application credentials that were made with it.

        Raises:
            Missing: It is not held so.
        """
        self.check(assignment)
        del self.assignments[assignment]
        if assignment.target.kind == "project":
            members = (
                [assignment.actor_id]
                if assignment.actor == "user"
                else self._keystone.directory.group(assignment.actor_id).members
                if assignment.actor_id in self._keystone.directory.groups
                else []
            )
            for user_id in members:
                self._keystone.delegations.forget_grant(user_id, assignment.target.id)
        self._keystone.changed()

    def held(self, actor: str, actor_id: str, target: Target, *, inherited: bool = False) -> list[Role]:
        """The roles assigned to an actor on a target itself."""
        return [
            self.roles[each.role_id]
            for each in self.assignments
            if (each.actor, each.actor_id, each.target, each.inherited) == (actor, actor_id, target, inherited)
        ]

    def forget_actor(self, actor: str, actor_id: str) -> None:
        """A user or group is gone."""
        for each in [each for each in self.assignments if (each.actor, each.actor_id) == (actor, actor_id)]:
            del self.assignments[each]

    def forget_target(self, target_id: str) -> None:
        """A project or domain is gone."""
        for each in [each for each in self.assignments if each.target.id == target_id]:
            del self.assignments[each]

    def forget_domain(self, domain_id: str) -> None:
        """A domain is gone, and with it its roles."""
        for role in [role for role in self.roles.values() if role.domain_id == domain_id]:
            role.options = {}
            self.delete_role(role)

    # What follows from them

    def roles_on(self, user_id: str, target: Target) -> list[Role]:
        """The roles that a token of the user for ``target`` carries, those implied included."""
        reaching = {target: False}
        if target.kind == "project" and (project := self._keystone.directory.projects.get(target.id)):
            reaching.update((above, True) for above in self.above(project))
        actors = {("user", user_id)}
        actors.update(("group", group.id) for group in self._keystone.directory.groups_of(user_id))
        return self.expand(
            each.role_id
            for each in self.assignments
            if (each.actor, each.actor_id) in actors and reaching.get(each.target) == each.inherited
        )

    def expand(self, role_ids: Iterable[str]) -> list[Role]:
        """These roles and what they imply, each once, without those that are specific to a domain."""
        found: dict[str, None] = {}
        for role_id in role_ids:
            found.update(dict.fromkeys(self.implied_by(role_id)))
        return [self.roles[each] for each in found if each in self.roles and self.roles[each].domain_id is None]

    def above(self, project: Project) -> list[Target]:
        """Everything from which ``project`` inherits roles."""
        return [
            Target("domain" if above.is_domain else "project", above.id)
            for above in self._keystone.directory.ancestors(project)
        ]

    def effective(self) -> list[Effective]:
        """All assignments with groups, inheritance and implied roles worked out."""
        directory = self._keystone.directory
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
