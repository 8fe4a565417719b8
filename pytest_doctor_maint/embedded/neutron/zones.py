"""The availability zones of networks and routers."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_doctor_maint.embedded.neutron.errors import not_found

#: All availability zones.
ZONES = ("nova",)


def check_zones(hints: Sequence[str]) -> None:
    """Check that these availability zones exist.

    Raises:
        NeutronError: 404, one does not exist.
    """
    for hint in hints:
        if hint not in ZONES:
            raise not_found("AvailabilityZoneNotFound", f"AvailabilityZone {hint} could not be found.")
