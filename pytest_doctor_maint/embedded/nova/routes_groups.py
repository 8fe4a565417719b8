"""``/os-server-groups``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.body import Reader, named, number, one_of, section
from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.groups import ServerGroup
from pytest_doctor_maint.embedded.nova.readers import several, within
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

POLICIES = ("anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity")


class GroupsRoutes(NovaService):
    """Making, listing, showing and deleting server groups."""

    @route("GET", "/v2.1/os-server-groups")
    def list_server_groups(self, request: NovaRequest) -> Answer:
        everybody = request.caller.is_admin and "all_projects" in request.args
        found = self.nova.groups.all(None if everybody else request.caller.project_id)
        for name in ("limit", "offset"):
            if not request.args.get(name, "0").isdigit():
                raise Invalid(f"Invalid input for query parameters {name}. Value: {request.args[name]}.")
        found = found[int(request.args.get("offset", 0)) :]
        limit = int(request.args.get("limit", 0))
        return {"server_groups": [self._group(request, group) for group in (found[:limit] if limit else found)]}

    @route("POST", "/v2.1/os-server-groups")
    def create_server_group(self, request: NovaRequest) -> Answer:
        body, version = request.json_object(), request.version
        if set(body) - {"server_group"}:
            raise Invalid("The body must be {'server_group': {…}}.")
        allowed = POLICIES if version >= (2, 15) else POLICIES[:2]
        readers: dict[str, Reader] = {"name": named}
        if version >= (2, 64):
            readers["policy"] = one_of(*allowed)
            readers["rules"] = within({"max_server_per_host": number(1)})
            fields = section(body, "server_group", readers, ("name", "policy"))
            policy, rules = fields["policy"], fields.get("rules", {})
        else:
            readers["policies"] = several(one_of(*allowed), least=1, most=1)
            fields = section(body, "server_group", readers, ("name", "policies"))
            policy, rules = fields["policies"][0], {}
        if rules and policy != "anti-affinity":
            raise Invalid("Only anti-affinity policy supports rules.")
        caller = request.caller
        group = self.nova.groups.create(fields["name"], policy, rules, caller.project_id, caller.user_id)
        return {"server_group": self._group(request, group)}

    @route("GET", "/v2.1/os-server-groups/<group_id>")
    def show_server_group(self, request: NovaRequest, group_id: str) -> Answer:
        return {"server_group": self._group(request, self._group_of(request, group_id))}

    @route("DELETE", "/v2.1/os-server-groups/<group_id>")
    def delete_server_group(self, request: NovaRequest, group_id: str) -> Answer:
        self.nova.groups.delete(self._group_of(request, group_id))
        return None

    def _group_of(self, request: NovaRequest, group_id: str) -> ServerGroup:
        caller = request.caller
        return self.nova.groups.find(group_id, None if caller.is_admin else caller.project_id)

    def _group(self, request: NovaRequest, group: ServerGroup) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": group.id, "name": group.name, "members": group.members}
        if request.version >= (2, 64):
            shown |= {"policy": group.policy, "rules": group.rules}
        else:
            shown |= {"policies": [group.policy], "metadata": {}}
        if request.version >= (2, 13):
            shown |= {"project_id": group.project_id, "user_id": group.user_id}
        return shown
