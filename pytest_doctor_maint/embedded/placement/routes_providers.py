"""``/resource_providers``: the computes."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.placement.providers import aggregates, amounts, inventories, providers, traits, usages
from pytest_doctor_maint.embedded.placement.query import ProviderQuery, check_known, uuid
from pytest_doctor_maint.embedded.placement.service import GENERATION, PlacementRequest, PlacementService, Version
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

PROVIDER = "/resource_providers/<provider_id>"
#: The query parameters of the listing, and the microversion from which on each exists.
FILTERS: dict[str, Version] = {
    "name": (1, 0),
    "uuid": (1, 0),
    "member_of": (1, 3),
    "resources": (1, 4),
    "in_tree": (1, 14),
    "required": (1, 18),
}
#: The links of a provider, and the microversion from which on each exists.
LINKS: dict[str, Version] = {
    "inventories": (1, 0),
    "usages": (1, 0),
    "aggregates": (1, 1),
    "traits": (1, 6),
    "allocations": (1, 11),
}
#: The generation of a provider, as all answers about a provider show it.
STATE = {"resource_provider_generation": GENERATION}


class ProviderRoutes(PlacementService):
    """``/resource_providers`` and what belongs to one provider."""

    @route("GET", "/resource_providers")
    def list_providers(self, request: PlacementRequest) -> Answer:
        args, version = request.args, request.version
        check_known(args, [name for name, since in FILTERS.items() if version >= since])
        query = ProviderQuery()
        if "resources" in args:
            query.add_resources(args["resources"])
        for text in args.getlist("required"):
            query.add_required(text, version)
        for text in args.getlist("member_of"):
            query.add_member_of(text, version)
        if "in_tree" in args:
            query.in_tree = uuid(args["in_tree"], "in_tree")
        wanted = uuid(args["uuid"], "uuid") if "uuid" in args else None
        return {
            "resource_providers": [
                self._provider_view(request, compute)
                for compute in providers(self.nova)
                if wanted in (None, compute.uuid)
                and args.get("name", compute.host) == compute.host
                and query.matches(self.nova, compute)
            ]
        }

    @route("GET", PROVIDER)
    def show_provider(self, request: PlacementRequest, provider_id: str) -> Answer:
        return self._provider_view(request, self.provider(provider_id))

    @route("GET", f"{PROVIDER}/inventories")
    def list_inventories(self, request: PlacementRequest, provider_id: str) -> Answer:
        held = inventories(self.provider(provider_id))
        return {"inventories": {name: inventory.as_json() for name, inventory in held.items()}, **STATE}

    @route("GET", f"{PROVIDER}/inventories/<name>")
    def show_inventory(self, request: PlacementRequest, provider_id: str, name: str) -> Answer:
        held = inventories(self.provider(provider_id))
        if name not in held:
            raise HttpError(404, f"No inventory of class {name} for {provider_id}")
        return {**held[name].as_json(), **STATE}

    @route("GET", f"{PROVIDER}/usages")
    def list_usages(self, request: PlacementRequest, provider_id: str) -> Answer:
        return {"usages": usages(self.provider(provider_id)), **STATE}

    @route("GET", f"{PROVIDER}/aggregates", min=(1, 1))
    def list_aggregates(self, request: PlacementRequest, provider_id: str) -> Answer:
        found = {"aggregates": aggregates(self.nova, self.provider(provider_id))}
        return {**found, **STATE} if request.version >= (1, 19) else found

    @route("GET", f"{PROVIDER}/traits", min=(1, 6))
    def list_traits(self, request: PlacementRequest, provider_id: str) -> Answer:
        return {"traits": traits(self.provider(provider_id)), **STATE}

    @route("GET", f"{PROVIDER}/allocations")
    def list_allocations(self, request: PlacementRequest, provider_id: str) -> Answer:
        held = self.provider(provider_id).allocations
        more = {"consumer_generation": GENERATION} if request.version >= (1, 28) else {}
        return {
            "allocations": {
                consumer_id: {"resources": amounts(allocation), **more} for consumer_id, allocation in held.items()
            },
            **STATE,
        }

    def _provider_view(self, request: PlacementRequest, compute: Compute) -> dict[str, Any]:
        path = f"{request.root_path}/resource_providers/{compute.uuid}"
        shown: dict[str, Any] = {
            "uuid": compute.uuid,
            "name": compute.host,
            "generation": GENERATION,
            "links": [
                {"rel": "self", "href": path},
                *({"rel": name, "href": f"{path}/{name}"} for name, since in LINKS.items() if request.version >= since),
            ],
        }
        if request.version >= (1, 14):
            shown["parent_provider_uuid"] = None
            shown["root_provider_uuid"] = compute.uuid
        return shown
