"""``/flavors/ID/os-extra_specs``."""

from __future__ import annotations

from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import object_, pairs
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

_VALUE = {"type": ["string", "number"], "maxLength": 255}
CREATE = Schemas(object_({"extra_specs": pairs(_VALUE)}, ["extra_specs"]))
UPDATE = Schemas(pairs(_VALUE, minProperties=1, maxProperties=1))


class FlavorExtraSpecRoutes(NovaService):
    """The extra specs of flavors."""

    @route("GET", "/v2.1/flavors/<flavor_id>/os-extra_specs")
    def list_extra_specs(self, request: NovaRequest, flavor_id: str) -> Answer:
        return {"extra_specs": self.nova.flavors.find(flavor_id, request.caller).extra_specs}

    @route("POST", "/v2.1/flavors/<flavor_id>/os-extra_specs", admin=True)
    def create_extra_specs(self, request: NovaRequest, flavor_id: str) -> Answer:
        specs = _as_strings(request.valid_body(CREATE)["extra_specs"])
        self.nova.flavors.find(flavor_id, request.caller).extra_specs.update(specs)
        return {"extra_specs": specs}

    @route("GET", "/v2.1/flavors/<flavor_id>/os-extra_specs/<key>")
    def show_extra_spec(self, request: NovaRequest, flavor_id: str, key: str) -> Answer:
        return {key: self._specs_with(request, flavor_id, key)[key]}

    @route("PUT", "/v2.1/flavors/<flavor_id>/os-extra_specs/<key>", admin=True)
    def update_extra_spec(self, request: NovaRequest, flavor_id: str, key: str) -> Answer:
        specs = _as_strings(request.valid_body(UPDATE))
        if key not in specs:
            raise Invalid("Request body and URI mismatch")
        self.nova.flavors.find(flavor_id, request.caller).extra_specs.update(specs)
        return specs

    @route("DELETE", "/v2.1/flavors/<flavor_id>/os-extra_specs/<key>", admin=True)
    def delete_extra_spec(self, request: NovaRequest, flavor_id: str, key: str) -> Answer:
        del self._specs_with(request, flavor_id, key)[key]
        return 200, None

    def _specs_with(self, request: NovaRequest, flavor_id: str, key: str) -> dict[str, str]:
        """Return the extra specs of a flavor, which must have ``key``."""
        specs = self.nova.flavors.find(flavor_id, request.caller).extra_specs
        if key not in specs:
            raise Missing(f"Flavor {flavor_id} has no extra specs with key {key}.")
        return specs


def _as_strings(specs: dict[str, str | float]) -> dict[str, str]:
    return {key: str(value) for key, value in specs.items()}
