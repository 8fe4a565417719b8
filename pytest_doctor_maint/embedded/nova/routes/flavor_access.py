"""``/flavors/ID/os-flavor-access`` and the actions that change it."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import section, string
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

ACTIONS = {
    name: Schemas(section(name, {"tenant": string(1, 255)}, ["tenant"]))
    for name in ("addTenantAccess", "removeTenantAccess")
}


class FlavorAccessRoutes(NovaService):
    """Which projects may use a flavor that is not public."""

    @route("GET", "/v2.1/flavors/<flavor_id>/os-flavor-access", admin=True)
    def list_access(self, request: NovaRequest, flavor_id: str) -> Answer:
        """List the projects that may use a flavor."""
        flavor = self.nova.flavors.find(flavor_id, request.caller)
        if flavor.is_public:
            raise Missing("Access list not available for public flavors.")
        return _access(flavor)

    @route("POST", "/v2.1/flavors/<flavor_id>/action", admin=True)
    def change_access(self, request: NovaRequest, flavor_id: str) -> Answer:
        """Give or take a project the access to a flavor."""
        name = next(iter(request.json_object()), "")
        if name not in ACTIONS:
            raise Invalid(f"There is no such action: {name}.")
        project_id = request.valid_body(ACTIONS[name])[name]["tenant"]
        if name == "addTenantAccess":
            self.require_project(project_id)
        flavor = self.nova.flavors.find(flavor_id, request.caller)
        if name == "removeTenantAccess":
            _remove(flavor, project_id)
        elif flavor.is_public and request.version >= (2, 7):
            raise Conflict("Can not add access to a public flavor.")
        else:
            _add(flavor, project_id)
        return _access(flavor)


def _add(flavor: Flavor, project_id: str) -> None:
    if project_id in flavor.access:
        raise Conflict(f"Flavor access already exists for flavor {flavor.id} and project {project_id} combination.")
    flavor.access.append(project_id)


def _remove(flavor: Flavor, project_id: str) -> None:
    if project_id not in flavor.access:
        raise Missing(f"Flavor access not found for {flavor.id} / {project_id} combination.")
    flavor.access.remove(project_id)


def _access(flavor: Flavor) -> dict[str, Any]:
    return {"flavor_access": [{"flavor_id": flavor.id, "tenant_id": project_id} for project_id in flavor.access]}
