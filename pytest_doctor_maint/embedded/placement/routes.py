"""Placement's HTTP API, for reading: what computes have, what of it is taken, and by whom."""

from __future__ import annotations

import re
from typing import Any

from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.placement.providers import (
    DISABLED,
    RESOURCE_CLASSES,
    TRAITS,
    allocations,
    amounts,
    inventories,
    providers,
    traits,
    usages,
)
from pytest_doctor_maint.embedded.placement.query import Wish, check_known, uuid
from pytest_doctor_maint.embedded.placement.routes_providers import ProviderRoutes
from pytest_doctor_maint.embedded.placement.service import GENERATION, HIGHEST, LOWEST, PlacementRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

#: A parameter of one group of an allocation candidates request: its name and the group's suffix.
GROUPED = re.compile(r"(resources|required|member_of|in_tree)(|[1-9][0-9]*|[a-zA-Z0-9_-]{1,64})")


class PlacementApi(ProviderRoutes):
    """Placement's HTTP API."""

    @route("GET", "/", public=True)
    def list_versions(self, request: PlacementRequest) -> Answer:
        version = {
            "id": "v1.0",
            "min_version": "{}.{}".format(*LOWEST),
            "max_version": "{}.{}".format(*HIGHEST),
            "status": "CURRENT",
            "links": [{"rel": "self", "href": ""}],
        }
        return {"versions": [version]}

    @route("GET", "/resource_classes", min=(1, 2))
    def list_resource_classes(self, request: PlacementRequest) -> Answer:
        return {"resource_classes": [self._class(request, name) for name in RESOURCE_CLASSES]}

    @route("GET", "/resource_classes/<name>", min=(1, 2))
    def show_resource_class(self, request: PlacementRequest, name: str) -> Answer:
        if name not in RESOURCE_CLASSES:
            raise HttpError(404, f"No such resource class {name}.")
        return self._class(request, name)

    def _class(self, request: PlacementRequest, name: str) -> dict[str, Any]:
        return {"name": name, "links": [{"rel": "self", "href": f"{request.root_path}/resource_classes/{name}"}]}

    @route("GET", "/traits", min=(1, 6))
    def list_all_traits(self, request: PlacementRequest) -> Answer:
        check_known(request.args, ("name", "associated"))
        found = sorted((*TRAITS, DISABLED))
        if "associated" in request.args:
            word = request.args["associated"].lower()
            if word not in ("true", "false"):
                raise HttpError(400, "The query parameter 'associated' only accepts 'true' or 'false'")
            held = {trait for compute in providers(self.nova) for trait in traits(compute)}
            found = [trait for trait in found if (trait in held) == (word == "true")]
        if "name" in request.args:
            operator, _, text = request.args["name"].partition(":")
            if operator == "in":
                found = [trait for trait in found if trait in text.split(",")]
            elif operator == "startswith":
                found = [trait for trait in found if trait.startswith(text)]
            else:
                raise HttpError(
                    400, "Badly formatted name parameter. Expected name query string parameter in form: in:…"
                )
        return {"traits": found}

    @route("GET", "/traits/<name>", min=(1, 6))
    def show_trait(self, request: PlacementRequest, name: str) -> Answer:
        if name not in (*TRAITS, DISABLED):
            raise HttpError(404, f"No such trait: {name}.")
        return None

    @route("GET", "/allocations/<consumer_id>")
    def show_allocations(self, request: PlacementRequest, consumer_id: str) -> Answer:
        held = allocations(self.nova, consumer_id)
        body: dict[str, Any] = {
            "allocations": {
                compute.uuid: {"generation": GENERATION, "resources": amounts(claim)} for compute, claim in held
            }
        }
        if held and request.version >= (1, 12):
            server = self.nova.servers[held[0][1].server_id]
            body["project_id"], body["user_id"] = server.project_id, server.user_id
            if request.version >= (1, 28):
                body["consumer_generation"] = GENERATION
            if request.version >= (1, 38):
                body["consumer_type"] = _consumer_type(consumer_id, server)
        return body

    @route("GET", "/usages", min=(1, 9))
    def show_usages(self, request: PlacementRequest) -> Answer:
        args, typed = request.args, request.version >= (1, 38)
        check_known(args, ("project_id", "user_id", *(("consumer_type",) if typed else ())))
        if not args.get("project_id"):
            raise HttpError(400, "Invalid query string parameters: 'project_id' is a required property")
        kind = args.get("consumer_type")
        found: dict[str, dict[str, int]] = {}
        consumers: dict[str, set[str]] = {}
        for server in self.nova.servers.values():
            if server.project_id != args["project_id"] or args.get("user_id") not in (None, server.user_id):
                continue
            for claim in server.claims:
                consumer_type = _consumer_type(claim.consumer_id, server)
                if kind not in (None, "all", consumer_type):
                    continue
                group = "all" if kind == "all" else consumer_type
                total = found.setdefault(group, {})
                consumers.setdefault(group, set()).add(claim.consumer_id)
                for name, amount in amounts(claim).items():
                    total[name] = total.get(name, 0) + amount
        if typed:
            return {"usages": {name: {**used, "consumer_count": len(consumers[name])} for name, used in found.items()}}
        totals: dict[str, int] = {}
        for used in found.values():
            for name, amount in used.items():
                totals[name] = totals.get(name, 0) + amount
        return {"usages": totals}

    @route("GET", "/allocation_candidates", min=(1, 10))
    def list_candidates(self, request: PlacementRequest) -> Answer:
        wish, groups, impossible = self._wish(request)
        limit = request.args.get("limit")
        if limit is not None and (request.version < (1, 16) or not limit.isdecimal() or int(limit) < 1):
            raise HttpError(400, f"Invalid query string parameters: limit must be a number from 1, not {limit!r}")
        found = [compute for compute in providers(self.nova) if not impossible and wish.met_by(self.nova, compute)]
        found = found[: int(limit)] if limit else found
        requests: list[dict[str, Any]] = []
        for compute in found:
            if request.version < (1, 12):
                one: dict[str, Any] = {
                    "allocations": [{"resource_provider": {"uuid": compute.uuid}, "resources": wish.resources}]
                }
            else:
                one = {"allocations": {compute.uuid: {"resources": wish.resources}}}
            if request.version >= (1, 34):
                one["mappings"] = {group: [compute.uuid] for group in groups}
            requests.append(one)
        summaries: dict[str, dict[str, Any]] = {}
        for compute in found:
            held, taken = inventories(compute), usages(compute)
            # Until 1.27 a summary names only what was asked for.
            names = held if request.version >= (1, 27) else [name for name in held if name in wish.resources]
            summaries[compute.uuid] = {
                "resources": {name: {"capacity": held[name].total, "used": taken[name]} for name in names}
            }
            if request.version >= (1, 17):
                summaries[compute.uuid]["traits"] = traits(compute)
            if request.version >= (1, 29):
                summaries[compute.uuid].update(parent_provider_uuid=None, root_provider_uuid=compute.uuid)
        return {"allocation_requests": requests, "provider_summaries": summaries}

    def _wish(self, request: PlacementRequest) -> tuple[Wish, list[str], bool]:
        """What a request for candidates wants, its groups, and whether no compute can give it.

        Every provider here is a tree of its own, so all groups of one request must be met by the same provider.
        """
        wish = Wish()
        groups: dict[str, None] = {}
        for name, text in request.args.items(multi=True):
            match = GROUPED.fullmatch(name)
            if match is None:
                check_known([name], ("limit", "group_policy", "same_subtree", "root_required"))
                if name == "root_required":
                    wish.add_required(text, request.version)
                continue
            if match[2] and request.version < (1, 25):
                raise HttpError(400, f"Invalid query string parameters: {name} is new in 1.25")
            if match[1] == "resources":
                wish.add_resources(text)
                groups[match[2]] = None
            elif match[1] == "required":
                wish.add_required(text, request.version)
            elif match[1] == "member_of":
                wish.add_member_of(text, request.version)
            else:
                wish.in_tree = uuid(text, name)
        if not wish.resources:
            raise HttpError(400, "All request groups must specify resources.")
        numbered = [group for group in groups if group]
        policy = request.args.get("group_policy")
        if policy not in (None, "none", "isolate"):
            raise HttpError(400, f"Invalid query string parameters: group_policy is none or isolate, not {policy!r}")
        if len(numbered) > 1 and policy is None:
            raise HttpError(
                400, 'The "group_policy" parameter is required when specifying more than one "resources{N}"'
            )
        return wish, list(groups), len(numbered) > 1 and policy == "isolate"


def _consumer_type(consumer_id: str, server: Server) -> str:
    return "INSTANCE" if consumer_id == server.id else "MIGRATION"
