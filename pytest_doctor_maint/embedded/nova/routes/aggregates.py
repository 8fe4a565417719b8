"""``/os-aggregates``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.aggregates import ZONE_KEY, Aggregate
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import (
    HOST,
    LOOSE_NAME,
    NAME,
    UUID,
    ZONE_NAME,
    array,
    nullable,
    object_,
    pairs,
    section,
    string,
)
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, route

_ZONE = nullable(ZONE_NAME)
CREATE = Schemas(section("aggregate", {"name": NAME, "availability_zone": _ZONE}, ["name"]))
_ANY_OF = [{"required": ["name"]}, {"required": ["availability_zone"]}]
UPDATE = Schemas(
    object_(
        {"aggregate": {**object_({"name": LOOSE_NAME, "availability_zone": _ZONE}), "anyOf": _ANY_OF}}, ["aggregate"]
    )
)
METADATA = pairs(nullable(string(0, 255)))
ACTIONS = {
    "add_host": Schemas(section("add_host", {"host": HOST}, ["host"])),
    "remove_host": Schemas(section("remove_host", {"host": HOST}, ["host"])),
    "set_metadata": Schemas(section("set_metadata", {"metadata": METADATA}, ["metadata"])),
}
IMAGES = Schemas(object_({"cache": array(object_({"id": UUID}, ["id"]), minItems=1)}, ["cache"]))
#: The zone in metadata is checked as a zone, too.
ZONE_IN_METADATA = Schemas(object_({ZONE_KEY: _ZONE}, additional=True))


class AggregateRoutes(NovaService):
    """``/os-aggregates``."""

    @route("GET", "/v2.1/os-aggregates", admin=True)
    def list_aggregates(self, request: NovaRequest) -> Answer:
        return {"aggregates": [self._aggregate_view(request, aggregate) for aggregate in self.nova.aggregates]}

    @route("POST", "/v2.1/os-aggregates", admin=True)
    def create_aggregate(self, request: NovaRequest) -> Answer:
        fields = _stripped(request.valid_body(CREATE)["aggregate"])
        aggregate = self.nova.aggregates.create(fields["name"], fields.get("availability_zone"))
        shown = self._aggregate_view(request, aggregate)
        # The answer does not show what is always empty for a new aggregate.
        return {"aggregate": {name: value for name, value in shown.items() if name not in ("hosts", "metadata")}}

    @route("GET", "/v2.1/os-aggregates/<aggregate_id>", admin=True)
    def show_aggregate(self, request: NovaRequest, aggregate_id: str) -> Answer:
        return {"aggregate": self._aggregate_view(request, self._aggregate(aggregate_id))}

    @route("PUT", "/v2.1/os-aggregates/<aggregate_id>", admin=True)
    def update_aggregate(self, request: NovaRequest, aggregate_id: str) -> Answer:
        fields = _stripped(request.valid_body(UPDATE)["aggregate"])
        aggregates = self.nova.aggregates
        aggregate = self._aggregate(aggregate_id)
        zone = {ZONE_KEY: fields["availability_zone"]} if "availability_zone" in fields else {}
        aggregates.update(aggregate, fields.get("name", aggregate.name), zone)
        return {"aggregate": self._aggregate_view(request, aggregate)}

    @route("DELETE", "/v2.1/os-aggregates/<aggregate_id>", admin=True)
    def delete_aggregate(self, request: NovaRequest, aggregate_id: str) -> Answer:
        self.nova.aggregates.delete(self._aggregate(aggregate_id))
        return 200, None

    @route("POST", "/v2.1/os-aggregates/<aggregate_id>/action", admin=True)
    def change_aggregate(self, request: NovaRequest, aggregate_id: str) -> Answer:
        """Add or remove a host, or change the metadata."""
        name = next(iter(request.json_object()), "")
        if name not in ACTIONS:
            raise Invalid(f"There is no such action: {name}.")
        fields = request.valid_body(ACTIONS[name])[name]
        aggregates = self.nova.aggregates
        if name == "set_metadata":
            ZONE_IN_METADATA.check_body(fields["metadata"])
            aggregate = self._aggregate(aggregate_id)
            aggregates.set_metadata(aggregate, fields["metadata"])
        else:
            aggregate = self._aggregate(aggregate_id)
            (aggregates.add_host if name == "add_host" else aggregates.remove_host)(aggregate, fields["host"])
        return {"aggregate": self._aggregate_view(request, aggregate)}

    @route("POST", "/v2.1/os-aggregates/<aggregate_id>/images", admin=True, min=(2, 81))
    def cache_images(self, request: NovaRequest, aggregate_id: str) -> Answer:
        """Cache images on the computes of an aggregate."""
        wanted = [item["id"] for item in request.valid_body(IMAGES)["cache"]]
        self._aggregate(aggregate_id)
        for image_id in wanted:
            if image_id not in self.glance.images:
                raise Invalid(f"Image {image_id} could not be found.")
        # The computes of this cloud have every image already.
        return 202, None

    def _aggregate(self, aggregate_id: str) -> Aggregate:
        if not aggregate_id.isdecimal():
            raise Missing(f"Aggregate {aggregate_id} could not be found.")
        return self.nova.aggregates.get(int(aggregate_id))

    def _aggregate_view(self, request: NovaRequest, aggregate: Aggregate) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": aggregate.id,
            "name": aggregate.name,
            "availability_zone": aggregate.zone,
            "hosts": list(aggregate.hosts),
            "metadata": dict(aggregate.metadata),
            "created_at": micros(aggregate.created_at),
            "updated_at": micros(aggregate.updated_at),
            "deleted": False,
            "deleted_at": None,
        }
        if request.version >= (2, 41):
            shown["uuid"] = aggregate.uuid
        return shown


def _stripped(fields: dict[str, str | None]) -> dict[str, Any]:
    """Return the fields without white space around their values."""
    return {name: value.strip() if value is not None else None for name, value in fields.items()}
