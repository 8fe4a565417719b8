"""Placement's resource providers: the computes."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.placement.providers import aggregates, amounts, inventories, providers, traits, usages
from pytest_doctor_maint.embedded.placement.query import Wish, check_known, uuid
from pytest_doctor_maint.embedded.placement.service import GENERATION, PlacementRequest, PlacementService, Version
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

PROVIDER = "/resource_providers/<provider_id>"
#: The query parameters of the listing, and the links of a provider, by the microversion that brought each.
FILTERS: dict[str, Version] = {
    "name": (1, 0),
    "uuid": (1, 0),
    "member_of": (1, 3),
    "resources": (1, 4),
    "in_tree": (1, 14),
    "required": (1, 18),
}
LINKS: dict[str, Version] = {
    "inventories": (1, 0),
    "usages": (1, 0),
    "aggregates": (1, 1),
    "traits": (1, 6),
    "allocations": (1, 11),
}
#: What every answer about a provider tells of its state.
STATE = {"resource_provider_generation": GENERATION}


class ProviderRoutes(PlacementService):
    """``/resource_providers``."""

    @route("GET", "/resource_providers")
    def list_providers(self, request: PlacementRequest) -> Answer:
        args, version = request.args, request.version
        check_known(args, [name for name, since in FILTERS.items() if version >= since])
        wish = Wish()
        if "resources" in args:
            wish.add_resources(args["resources"])
        for text in args.getlist("required"):
            wish.add_required(text, version)
        for text in args.getlist("member_of"):
            wish.add_member_of(text, version)
        if "in_tree" in args:
            wish.in_tree = uuid(args["in_tree"], "in_tree")
        wanted = uuid(args["uuid"], "uuid") if "uuid" in args else None
        return {
            "resource_providers": [
                self._shown(request, compute)
                for compute in providers(self.nova)
                if wanted in (None, compute.uuid)
                and args.get("name", compute.host) == compute.host
                and wish.met_by(self.nova, compute)
            ]
        }

    @route("GET", PROVIDER)
    def show_provider(self, request: PlacementRequest, provider_id: str) -> Answer:
        return self._shown(request, self.provider(provider_id))

    @route("GET", f"{PROVIDER}/inventories")
    def list_inventories(self, request: PlacementRequest, provider_id: str) -> Answer:
        held = inventories(self.provider(provider_id))
        return {"inventories": {name: inventory.shown() for name, inventory in held.items()}, **STATE}

    @route("GET", f"{PROVIDER}/inventories/<name>")
    def show_inventory(self, request: PlacementRequest, provider_id: str, name: str) -> Answer:
        held = inventories(self.provider(provider_id))
        if name not in held:
            raise HttpError(404, f"No inventory of class {name} for {provider_id}")
        return {**held[name].shown(), **STATE}

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
        claims = self.provider(provider_id).claims
        more = {"consumer_generation": GENERATION} if request.version >= (1, 28) else {}
        return {
            "allocations": {
                consumer_id: {"resources": amounts(claim), **more} for consumer_id, claim in claims.items()
            },
            **STATE,
        }

    def _shown(self, request: PlacementRequest, compute: Compute) -> dict[str, Any]:
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
