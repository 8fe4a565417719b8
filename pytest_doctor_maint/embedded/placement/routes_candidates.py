"""``/allocation_candidates``: the computes that have the requested resources free."""

from __future__ import annotations

import re
from typing import Any

from pytest_doctor_maint.embedded.placement.providers import inventories, providers, traits, usages
from pytest_doctor_maint.embedded.placement.query import ProviderQuery, check_known, uuid
from pytest_doctor_maint.embedded.placement.service import PlacementRequest, PlacementService
from pytest_doctor_maint.simtime.http import Answer, HttpError, route
from pytest_doctor_maint.simtime.numbers import natural

#: A query parameter of one group of a request: its name and the suffix of the group.
GROUPED = re.compile(r"(resources|required|member_of|in_tree)(|[1-9][0-9]*|[a-zA-Z0-9_-]{1,64})")


class CandidateRoutes(PlacementService):
    """``/allocation_candidates``."""

    @route("GET", "/allocation_candidates", min=(1, 10))
    def list_candidates(self, request: PlacementRequest) -> Answer:
        query, groups, impossible = self._candidate_query(request)
        limit = request.args.get("limit")
        most = None if limit is None else natural(limit)
        if limit is not None and (request.version < (1, 16) or not most):
            raise HttpError(400, f"Invalid query string parameters: limit must be a number from 1, not {limit!r}")
        found = [compute for compute in providers(self.nova) if not impossible and query.matches(self.nova, compute)]
        found = found[:most]
        requests: list[dict[str, Any]] = []
        for compute in found:
            if request.version < (1, 12):
                one: dict[str, Any] = {
                    "allocations": [{"resource_provider": {"uuid": compute.uuid}, "resources": query.resources}]
                }
            else:
                one = {"allocations": {compute.uuid: {"resources": query.resources}}}
            if request.version >= (1, 34):
                one["mappings"] = {group: [compute.uuid] for group in groups}
            requests.append(one)
        summaries: dict[str, dict[str, Any]] = {}
        for compute in found:
            held, taken = inventories(compute), usages(compute)
            # Before 1.27 a summary shows only the resource classes of the request.
            names = held if request.version >= (1, 27) else [name for name in held if name in query.resources]
            summaries[compute.uuid] = {
                "resources": {name: {"capacity": held[name].total, "used": taken[name]} for name in names}
            }
            if request.version >= (1, 17):
                summaries[compute.uuid]["traits"] = traits(compute)
            if request.version >= (1, 29):
                summaries[compute.uuid].update(parent_provider_uuid=None, root_provider_uuid=compute.uuid)
        return {"allocation_requests": requests, "provider_summaries": summaries}

    def _candidate_query(self, request: PlacementRequest) -> tuple[ProviderQuery, list[str], bool]:
        """Return what a request for candidates asks for, its groups, and True if no compute can match.

        Each provider of this cloud is a tree of its own, so one provider must match all groups of a request.
        """
        query = ProviderQuery()
        groups: dict[str, None] = {}
        for name, text in request.args.items(multi=True):
            match = GROUPED.fullmatch(name)
            if match is None:
                check_known([name], ("limit", "group_policy", "same_subtree", "root_required"))
                if name == "root_required":
                    query.add_required(text, request.version)
                continue
            if match[2] and request.version < (1, 25):
                raise HttpError(400, f"Invalid query string parameters: {name} is new in 1.25")
            if match[1] == "resources":
                query.add_resources(text)
                groups[match[2]] = None
            elif match[1] == "required":
                query.add_required(text, request.version)
            elif match[1] == "member_of":
                query.add_member_of(text, request.version)
            else:
                query.in_tree = uuid(text, name)
        if not query.resources:
            raise HttpError(400, "All request groups must specify resources.")
        numbered = [group for group in groups if group]
        policy = request.args.get("group_policy")
        if policy not in (None, "none", "isolate"):
            raise HttpError(400, f"Invalid query string parameters: group_policy is none or isolate, not {policy!r}")
        if len(numbered) > 1 and policy is None:
            raise HttpError(
                400, 'The "group_policy" parameter is required when specifying more than one "resources{N}"'
            )
        return query, list(groups), len(numbered) > 1 and policy == "isolate"
