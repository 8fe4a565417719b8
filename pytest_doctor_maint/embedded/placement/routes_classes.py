"""``/resource_classes`` and ``/traits``: the standard ones, which cannot be changed."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.placement.providers import DISABLED, RESOURCE_CLASSES, TRAITS, providers, traits
from pytest_doctor_maint.embedded.placement.query import check_known
from pytest_doctor_maint.embedded.placement.service import PlacementRequest, PlacementService
from pytest_doctor_maint.simtime.http import Answer, HttpError, route


class ClassRoutes(PlacementService):
    """``/resource_classes`` and ``/traits``."""

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
