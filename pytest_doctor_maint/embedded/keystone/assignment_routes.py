"""The list of role assignments: ``/v3/role_assignments``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService, asks_for
from pytest_doctor_maint.embedded.keystone.errors import Invalid
from pytest_doctor_maint.embedded.keystone.grants import Effective
from pytest_doctor_maint.embedded.keystone.records import Assignment, Target
from pytest_doctor_maint.simtime.http import Answer, route


class AssignmentRoutes(IdentityService):
    """Role assignments, as they were made or in effect."""

    @route("GET", "/v3/role_assignments")
    def list_assignments(self, request: IdentityRequest) -> Answer:
        """List the role assignments, as they were made or in effect."""
        only = self._domain_in_sight(request)
        args = request.args
        effective = asks_for(request, "effective")
        if "user.id" in args and "group.id" in args:
            raise Invalid("Specify a user or group, not both.")
        if sum(name in args for name in ("scope.project.id", "scope.domain.id", "scope.system")) > 1:
            raise Invalid("Specify a domain, a project or the system, only one of them.")
        if effective and "group.id" in args:
            raise Invalid("Combining effective and group filter will always result in an empty list.")
        if asks_for(request, "include_subtree") and "scope.project.id" not in args:
            raise Invalid("scope.project.id must be specified if include_subtree is also specified.")
        grants = self.keystone.grants
        entries: list[Assignment | Effective] = [*grants.effective()] if effective else [*grants.assignments]
        found = [
            self._view(request, each) for each in entries if self._asked_for(request, each) and self._in(each, only)
        ]
        links = {"self": request.url.rstrip("?"), "previous": None, "next": None}
        return {"role_assignments": found, "links": links}

    def _domain_in_sight(self, request: IdentityRequest) -> str | None:
        own_tree = asks_for(request, "include_subtree") and request.caller.is_admin
        return None if own_tree else self.domain_in_sight(request)

    def _in(self, each: Assignment | Effective, domain_id: str | None) -> bool:
        target = self.keystone.directory.projects.get(each.target.id)
        return domain_id is None or (target is not None and domain_id in (target.id, target.domain_id))

    def _asked_for(self, request: IdentityRequest, each: Assignment | Effective) -> bool:
        args = request.args
        source = each.source if isinstance(each, Effective) else each
        actor = ("user", each.user_id) if isinstance(each, Effective) else (each.actor, each.actor_id)
        for kind in ("user", "group"):
            if f"{kind}.id" in args and actor != (kind, args[f"{kind}.id"]):
                return False
        if "role.id" in args and args["role.id"] != each.role_id:
            return False
        if "scope.domain.id" in args and each.target != Target("domain", args["scope.domain.id"]):
            return False
        if "scope.system" in args and each.target.kind != "system":
            return False
        if "scope.OS-INHERIT:inherited_to" in args and not source.inherited:
            return False
        return "scope.project.id" not in args or each.target in self._projects(request)

    def _projects(self, request: IdentityRequest) -> list[Target]:
        project_id = request.args["scope.project.id"]
        found = [project_id]
        project = self.keystone.directory.projects.get(project_id)
        if project is not None and asks_for(request, "include_subtree"):
            found += [below.id for below in self.keystone.directory.descendants(project)]
        return [Target("project", each) for each in found]

    def _view(self, request: IdentityRequest, each: Assignment | Effective) -> dict[str, Any]:
        source = each.source if isinstance(each, Effective) else each
        actor = ("user", each.user_id) if isinstance(each, Effective) else (each.actor, each.actor_id)
        names = asks_for(request, "include_names")
        scope: dict[str, Any] = {"system": {"all": True}}
        if each.target.kind != "system":
            scope = {each.target.kind: self._reference(each.target.kind, each.target.id, names)}
        if source.inherited:
            scope["OS-INHERIT:inherited_to"] = "projects"
        links = {"assignment": self._url(request, source)}
        if isinstance(each, Effective) and source.actor == "group":
            links["membership"] = f"{request.root}/groups/{source.actor_id}/users/{each.user_id}"
        if isinstance(each, Effective) and each.prior_role_id:
            links["prior_role"] = f"{request.root}/roles/{each.prior_role_id}/implies/{each.role_id}"
        return {
            "role": self._reference("role", each.role_id, names),
            actor[0]: self._reference(actor[0], actor[1], names),
            "scope": scope,
            "links": links,
        }

    def _reference(self, kind: str, key: str, names: bool) -> dict[str, Any]:
        if not names:
            return {"id": key}
        record: Any
        if kind == "role":
            record = self.keystone.grants.role(key)
        elif kind == "user":
            record = self.keystone.directory.user(key)
        elif kind == "group":
            record = self.keystone.directory.group(key)
        else:
            record = self.keystone.directory.project(key)
        found = {"id": key, "name": record.name}
        if record.domain_id is not None:
            domain = self.keystone.directory.domain(record.domain_id)
            found["domain"] = {"id": domain.id, "name": domain.name}
        elif kind == "project":
            found["domain"] = {"id": record.id, "name": record.name}
        return found

    @staticmethod
    def _url(request: IdentityRequest, source: Assignment) -> str:
        place = "system" if source.target.kind == "system" else f"{source.target.kind}s/{source.target.id}"
        path = f"{place}/{source.actor}s/{source.actor_id}/roles/{source.role_id}"
        if source.inherited:
            return f"{request.root}/OS-INHERIT/{path}/inherited_to_projects"
        return f"{request.root}/{path}"
