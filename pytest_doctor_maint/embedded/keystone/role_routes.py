"""Roles, implied roles, and the assignment of roles on projects, domains and the system."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.keystone import schemas, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.records import SYSTEM, Assignment, Role, Target
from pytest_doctor_maint.simtime.http import Answer, route

_ROLE = {
    "name": schemas.NAME,
    "domain_id": schemas.REFERENCE,
    "description": schemas.DESCRIPTION,
    "options": schemas.OBJECT,
}
NEW_ROLE = schemas.Resource("role", _ROLE, required=("name",))
ROLE = schemas.Resource("role", _ROLE)
_GRANTS = "<any(projects, domains):targets>/<target_id>/<any(users, groups):actors>/<actor_id>/roles"
_SYSTEM_GRANTS = "system/<any(users, groups):actors>/<actor_id>/roles"


class RoleRoutes(IdentityService):
    """Roles, implications and grants."""

    @route("POST", "/v3/roles", admin=True)
    def create_role(self, request: IdentityRequest) -> Answer:
        """Create a role."""
        values = NEW_ROLE.read(request.json_object())
        role = self.keystone.grants.create_role(values.pop("name"), **values)
        return 201, {"role": views.role(role, request.root)}

    @route("GET", "/v3/roles")
    def list_roles(self, request: IdentityRequest) -> Answer:
        """List the roles."""
        self.must_read(request)
        # Roles that are specific to a domain are listed only for that domain.
        of_domain = "domain_id" in request.args
        roles = [each for each in self.keystone.grants.roles.values() if of_domain or each.domain_id is None]
        return self._roles(request, roles)

    def _roles(self, request: IdentityRequest, roles: list[Role]) -> Answer:
        return self.listing(request, "roles", [views.role(each, request.root) for each in roles], "name", "domain_id")

    @route("GET", "/v3/roles/<role_id>")
    def show_role(self, request: IdentityRequest, role_id: str) -> Answer:
        """Show a role."""
        self.must_read(request)
        return {"role": views.role(self.keystone.grants.role(role_id), request.root)}

    @route("PATCH", "/v3/roles/<role_id>", admin=True)
    def update_role(self, request: IdentityRequest, role_id: str) -> Answer:
        """Update a role."""
        role = self.keystone.grants.role(role_id)
        self.keystone.grants.update_role(role, ROLE.read(request.json_object(), key=role_id))
        return {"role": views.role(role, request.root)}

    @route("DELETE", "/v3/roles/<role_id>", admin=True)
    def delete_role(self, request: IdentityRequest, role_id: str) -> Answer:
        """Delete a role with its assignments."""
        self.keystone.deletion.delete_role(self.keystone.grants.role(role_id))
        return None

    # Implied roles

    @route("GET", "/v3/role_inferences")
    def list_inferences(self, request: IdentityRequest) -> Answer:
        """List all implied roles."""
        self.must_read(request)
        priors = [self.keystone.grants.role(each) for each, below in self.keystone.grants.implications.items() if below]
        return {"role_inferences": [self._inference(request, prior) for prior in priors]}

    @route("GET", "/v3/roles/<role_id>/implies")
    def list_implied(self, request: IdentityRequest, role_id: str) -> Answer:
        """List the roles that a role implies."""
        self.must_read(request)
        prior = self.keystone.grants.role(role_id)
        return {"role_inference": self._inference(request, prior), "links": {"self": request.base_url}}

    def _inference(self, request: IdentityRequest, prior: Role) -> dict[str, Any]:
        implied = [self.keystone.grants.role(each) for each in self.keystone.grants.implications.get(prior.id, ())]
        return {
            "prior_role": self._brief(request, prior),
            "implies": [self._brief(request, each) for each in implied],
        }

    @staticmethod
    def _brief(request: IdentityRequest, role: Role) -> dict[str, Any]:
        return {"id": role.id, "name": role.name, "links": {"self": f"{request.root}/roles/{role.id}"}}

    @route("PUT", "/v3/roles/<role_id>/implies/<implied_id>", admin=True)
    def create_implication(self, request: IdentityRequest, role_id: str, implied_id: str) -> Answer:
        """Let a role imply another one."""
        grants = self.keystone.grants
        grants.imply(grants.role(role_id), grants.role(implied_id))
        return 201, self._implication(request, role_id, implied_id)

    @route("GET", "/v3/roles/<role_id>/implies/<implied_id>")
    def show_implication(self, request: IdentityRequest, role_id: str, implied_id: str) -> Answer:
        """Check that a role implies another one."""
        self.must_read(request)
        answer = self._implication(request, role_id, implied_id)
        return (204, None) if request.method == "HEAD" else answer

    def _implication(self, request: IdentityRequest, role_id: str, implied_id: str) -> dict[str, Any]:
        grants = self.keystone.grants
        prior, implied = grants.role(role_id), grants.role(implied_id)
        grants.require_implication(prior, implied)
        inference = {"prior_role": self._brief(request, prior), "implies": self._brief(request, implied)}
        return {"role_inference": inference, "links": {"self": request.base_url}}

    @route("DELETE", "/v3/roles/<role_id>/implies/<implied_id>", admin=True)
    def delete_implication(self, request: IdentityRequest, role_id: str, implied_id: str) -> Answer:
        """Stop a role from implying another one."""
        grants = self.keystone.grants
        grants.stop_implying(grants.role(role_id), grants.role(implied_id))
        return None

    # Assignments. Those of the OS-INHERIT routes are inherited.

    @route("GET", f"/v3/{_GRANTS}")
    @route("GET", f"/v3/{_SYSTEM_GRANTS}")
    @route("GET", f"/v3/OS-INHERIT/{_GRANTS}/inherited_to_projects")
    def list_grants(
        self, request: IdentityRequest, actors: str, actor_id: str, targets: str = "", target_id: str = ""
    ) -> Answer:
        """List the roles of a user or group on a target."""
        self.must_read(request)
        target = self._target(targets, target_id)
        actor = self._actor(actors, actor_id)
        return self._roles(request, self.keystone.grants.held(actor, actor_id, target, inherited=_inherited(request)))

    @route("GET", f"/v3/{_GRANTS}/<role_id>")
    @route("GET", f"/v3/{_SYSTEM_GRANTS}/<role_id>")
    @route("GET", f"/v3/OS-INHERIT/{_GRANTS}/<role_id>/inherited_to_projects")
    def check_grant(self, request: IdentityRequest, **place: str) -> Answer:
        """Check that a user or group holds a role on a target."""
        self.must_read(request)
        self.keystone.grants.require_assignment(self._assignment(request, **place))
        return None

    @route("PUT", f"/v3/{_GRANTS}/<role_id>", admin=True)
    @route("PUT", f"/v3/{_SYSTEM_GRANTS}/<role_id>", admin=True)
    @route("PUT", f"/v3/OS-INHERIT/{_GRANTS}/<role_id>/inherited_to_projects", admin=True)
    def create_grant(self, request: IdentityRequest, **place: str) -> Answer:
        """Assign a role on a target to a user or group."""
        self.keystone.grants.grant(self._assignment(request, **place))
        return None

    @route("DELETE", f"/v3/{_GRANTS}/<role_id>", admin=True)
    @route("DELETE", f"/v3/{_SYSTEM_GRANTS}/<role_id>", admin=True)
    @route("DELETE", f"/v3/OS-INHERIT/{_GRANTS}/<role_id>/inherited_to_projects", admin=True)
    def delete_grant(self, request: IdentityRequest, **place: str) -> Answer:
        """Revoke a role on a target from a user or group."""
        self.keystone.deletion.revoke(self._assignment(request, **place))
        return None

    def _assignment(
        self, request: IdentityRequest, role_id: str, actors: str, actor_id: str, targets: str = "", target_id: str = ""
    ) -> Assignment:
        target = self._target(targets, target_id)
        actor = self._actor(actors, actor_id)
        return Assignment(actor, actor_id, target, self.keystone.grants.role(role_id).id, _inherited(request))

    def _target(self, targets: str, target_id: str) -> Target:
        if not targets:
            return SYSTEM
        if targets == "domains":
            return Target("domain", self.keystone.directory.domain(target_id).id)
        return Target("project", self.keystone.directory.project(target_id).id)

    def _actor(self, actors: str, actor_id: str) -> str:
        if actors == "users":
            self.keystone.directory.user(actor_id)
            return "user"
        self.keystone.directory.group(actor_id)
        return "group"


def _inherited(request: IdentityRequest) -> bool:
    return request.path.startswith("/v3/OS-INHERIT/")
