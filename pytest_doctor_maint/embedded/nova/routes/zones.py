"""``/os-availability-zone``."""

from __future__ import annotations

from pytest_doctor_maint.embedded.nova.aggregates import INTERNAL_ZONE
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, route


class ZoneRoutes(NovaService):
    """``/os-availability-zone``."""

    @route("GET", "/v2.1/os-availability-zone", role="")
    def list_zones(self, request: NovaRequest) -> Answer:
        return {
            "availabilityZoneInfo": [
                {"zoneName": zone, "zoneState": {"available": available}, "hosts": None}
                for zone, available in self._zones().items()
            ]
        }

    @route("GET", "/v2.1/os-availability-zone/detail", admin=True)
    def list_zones_in_detail(self, request: NovaRequest) -> Answer:
        nova, now = self.nova, micros(request.now)
        control = {
            service: {"available": True, "active": True, "updated_at": now}
            for service in ("nova-conductor", "nova-scheduler")
        }
        zones = [{"zoneName": INTERNAL_ZONE, "zoneState": {"available": True}, "hosts": {"controller": control}}]
        for zone, available in self._zones().items():
            hosts = {
                compute.host: {
                    "nova-compute": {
                        "available": compute.state == "up",
                        "active": compute.enabled,
                        "updated_at": now if compute.state == "up" else None,
                    }
                }
                for compute in nova.known_computes()
                if nova.zone_of(compute.host) == zone
            }
            zones.append({"zoneName": zone, "zoneState": {"available": available}, "hosts": hosts})
        return {"availabilityZoneInfo": zones}

    def _zones(self) -> dict[str, bool]:
        """Return the zones of the computes by name; True for a zone with an enabled compute."""
        zones: dict[str, bool] = {}
        for compute in self.nova.known_computes():
            zone = self.nova.zone_of(compute.host)
            zones[zone] = zones.get(zone, False) or compute.enabled
        return dict(sorted(zones.items()))
