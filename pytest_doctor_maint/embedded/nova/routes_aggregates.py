"""Nova's host aggregates and availability zones over HTTP."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova import body as read
from pytest_doctor_maint.embedded.nova.aggregates import INTERNAL_ZONE, ZONE_KEY, Aggregate
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, route

FIELDS: dict[str, read.Reader] = {
    "name": read.trimmed,
    "availability_zone": lambda name, value: None if value is None else _zone(name, value),
}
HOST: dict[str, read.Reader] = {"host": read.text()}
METADATA: dict[str, read.Reader] = {"metadata": read.pairs(removable=True)}
IMAGES: dict[str, read.Reader] = {
    "cache": lambda name, value: [
        read.section({"image": item}, "image", {"id": read.text()}, ("id",)) for item in value
    ]
}


def _zone(name: str, value: Any) -> str:
    zone = read.trimmed(name, value)
    if ":" in zone:
        raise Invalid(f"Invalid input for field/attribute {name}. Value: {value}. It must not hold a colon.")
    return zone


class AggregateRoutes(NovaService):
    """``/os-aggregates`` and ``/os-availability-zone``."""

    @route("GET", "/v2.1/os-aggregates", admin=True)
    def list_aggregates(self, request: NovaRequest) -> Answer:
        return {"aggregates": [self._aggregate_view(request, aggregate) for aggregate in self.nova.aggregates]}

    @route("POST", "/v2.1/os-aggregates", admin=True)
    def create_aggregate(self, request: NovaRequest) -> Answer:
        values = read.section(request.json_object(), "aggregate", FIELDS, ("name",))
        aggregate = self.nova.aggregates.create(values["name"], values.get("availability_zone"))
        shown = self._aggregate_view(request, aggregate)
        # What is empty is not shown of an aggregate just made.
        return {"aggregate": {name: value for name, value in shown.items() if name not in ("hosts", "metadata")}}

    @route("GET", "/v2.1/os-aggregates/<aggregate_id>", admin=True)
    def show_aggregate(self, request: NovaRequest, aggregate_id: str) -> Answer:
        return {"aggregate": self._aggregate_view(request, self._aggregate(aggregate_id))}

    @route("PUT", "/v2.1/os-aggregates/<aggregate_id>", admin=True)
    def update_aggregate(self, request: NovaRequest, aggregate_id: str) -> Answer:
        values = read.section(request.json_object(), "aggregate", FIELDS)
        if not values:
            raise Invalid("Invalid input received: name or availability_zone must be given")
        aggregates = self.nova.aggregates
        aggregate = self._aggregate(aggregate_id)
        name = aggregate.name
        if "name" in values:
            aggregates.rename(aggregate, values["name"])
        if "availability_zone" in values:
            try:
                aggregates.set_metadata(aggregate, {ZONE_KEY: values["availability_zone"]})
            except Exception:
                # All or nothing.
                aggregate.name = name
                raise
        return {"aggregate": self._aggregate_view(request, aggregate)}

    @route("DELETE", "/v2.1/os-aggregates/<aggregate_id>", admin=True)
    def delete_aggregate(self, request: NovaRequest, aggregate_id: str) -> Answer:
        self.nova.aggregates.delete(self._aggregate(aggregate_id))
        return 200, None

    @route("POST", "/v2.1/os-aggregates/<aggregate_id>/action", admin=True)
    def change_aggregate(self, request: NovaRequest, aggregate_id: str) -> Answer:
        body = request.json_object()
        aggregates = self.nova.aggregates
        action = next(iter(body), "")
        if len(body) != 1 or action not in ("add_host", "remove_host", "set_metadata"):
            raise Invalid("There is no such action: it must be add_host, remove_host or set_metadata")
        if action == "set_metadata":
            metadata = read.section(body, action, METADATA, ("metadata",))["metadata"]
            if metadata.get(ZONE_KEY) is not None:
                metadata[ZONE_KEY] = _zone(ZONE_KEY, metadata[ZONE_KEY])
            aggregate = self._aggregate(aggregate_id)
            aggregates.set_metadata(aggregate, metadata)
        else:
            host = read.section(body, action, HOST, ("host",))["host"]
            aggregate = self._aggregate(aggregate_id)
            (aggregates.add_host if action == "add_host" else aggregates.remove_host)(aggregate, host)
        return {"aggregate": self._aggregate_view(request, aggregate)}

    @route("POST", "/v2.1/os-aggregates/<aggregate_id>/images", admin=True, min=(2, 81))
    def cache_images(self, request: NovaRequest, aggregate_id: str) -> Answer:
        body = request.json_object()
        if not isinstance(body.get("cache"), list) or not body["cache"]:
            raise Invalid("Invalid input received: the body must be {'cache': [{'id': …}, …]}")
        wanted = [item["id"] for item in read.values(body, IMAGES)["cache"]]
        self._aggregate(aggregate_id)
        for image_id in wanted:
            if image_id not in self.glance.images:
                raise Invalid(f"Image {image_id} could not be found.")
        # Computes of this cloud have every image at hand: there is nothing left to fetch.
        return 202, None

    @route("GET", "/v2.1/os-availability-zone")
    def list_zones(self, request: NovaRequest) -> Answer:
        return {
            "availabilityZoneInfo": [
                {"zoneName": zone, "zoneState": {"available": available}, "hosts": None}
                for zone, available in self._zones().items()
            ]
        }

    @route("GET", "/v2.1/os-availability-zone/detail", admin=True)
    def list_zones_in_detail(self, request: NovaRequest) -> Answer:
        nova = self.nova
        now = micros(self.core.clock.now())
        control = {
            service: {"available": True, "active": True, "updated_at": now}
            for service in ("nova-conductor", "nova-scheduler")
        }
        zones = [{"zoneName": INTERNAL_ZONE, "zoneState": {"available": True}, "hosts": {"controller": control}}]
        for zone, available in self._zones().items():
            hosts = {
                host: {
                    "nova-compute": {
                        "available": compute.state == "up",
                        "active": compute.enabled,
                        "updated_at": now if compute.state == "up" else None,
                    }
                }
                for host, compute in nova.computes.items()
                if nova.zone_of(host) == zone and not compute.deleted
            }
            zones.append({"zoneName": zone, "zoneState": {"available": available}, "hosts": hosts})
        return {"availabilityZoneInfo": zones}

    def _zones(self) -> dict[str, bool]:
        """The zones of computes by name, and whether any of a zone's computes is enabled."""
        zones: dict[str, bool] = {}
        for host, compute in self.nova.computes.items():
            if not compute.deleted:
                zone = self.nova.zone_of(host)
                zones[zone] = zones.get(zone, False) or compute.enabled
        return dict(sorted(zones.items()))

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
