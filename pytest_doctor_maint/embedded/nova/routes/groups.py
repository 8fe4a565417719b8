"""``/os-server-groups``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.groups import ServerGroup
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import (
    ANY_STRING,
    NAME,
    NOT_NEGATIVE,
    POSITIVE,
    array,
    enum,
    many,
    object_,
    query,
    section,
)
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

_POLICIES = ["anti-affinity", "affinity"]
_POLICIES_2_15 = [*_POLICIES, "soft-anti-affinity", "soft-affinity"]


def _create(policies: list[str]) -> dict[str, Any]:
    one_policy = array(enum(*policies), minItems=1, maxItems=1)
    return section("server_group", {"name": NAME, "policies": one_policy}, ["name", "policies"])


CREATE = Schemas(
    _create(_POLICIES),
    {
        (2, 15): _create(_POLICIES_2_15),
        (2, 64): section(
            "server_group",
            {"name": NAME, "policy": enum(*_POLICIES_2_15), "rules": object_({"max_server_per_host": POSITIVE})},
            ["name", "policy"],
        ),
    },
)
_LIST = {"all_projects": many(ANY_STRING), "limit": many(NOT_NEGATIVE), "offset": many(NOT_NEGATIVE)}
LIST = Schemas(query(_LIST), {(2, 75): query(_LIST, closed=True)})


class GroupRoutes(NovaService):
    """``/os-server-groups``."""

    @route("GET", "/v2.1/os-server-groups")
    def list_server_groups(self, request: NovaRequest) -> Answer:
        args, caller = request.valid_query(LIST), request.caller
        found = self.nova.groups.all(None if caller.is_admin and "all_projects" in args else caller.project_id)
        found = found[int(args.get("offset", 0)) :]
        limit = int(args.get("limit", 0))
        return {"server_groups": [self._group_view(request, group) for group in (found[:limit] if limit else found)]}

    @route("POST", "/v2.1/os-server-groups")
    def create_server_group(self, request: NovaRequest) -> Answer:
        fields, caller = request.valid_body(CREATE)["server_group"], request.caller
        policy = fields["policy"] if request.version >= (2, 64) else fields["policies"][0]
        rules = {name: int(value) for name, value in fields.get("rules", {}).items()}
        if rules and policy != "anti-affinity":
            raise Invalid("Only anti-affinity policy supports rules.")
        group = self.nova.groups.create(fields["name"].strip(), policy, rules, caller.project_id, caller.user_id)
        return {"server_group": self._group_view(request, group)}

    @route("GET", "/v2.1/os-server-groups/<group_id>")
    def show_server_group(self, request: NovaRequest, group_id: str) -> Answer:
        return {"server_group": self._group_view(request, self._group(request, group_id))}

    @route("DELETE", "/v2.1/os-server-groups/<group_id>")
    def delete_server_group(self, request: NovaRequest, group_id: str) -> Answer:
        self.nova.groups.delete(self._group(request, group_id))
        return None

    def _group(self, request: NovaRequest, group_id: str) -> ServerGroup:
        caller = request.caller
        return self.nova.groups.find(group_id, None if caller.is_admin else caller.project_id)

    def _group_view(self, request: NovaRequest, group: ServerGroup) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": group.id, "name": group.name, "members": group.members}
        if request.version >= (2, 64):
            shown |= {"policy": group.policy, "rules": group.rules}
        else:
            shown |= {"policies": [group.policy], "metadata": {}}
        if request.version >= (2, 13):
            shown |= {"project_id": group.project_id, "user_id": group.user_id}
        return shown
