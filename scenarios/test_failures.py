"""A compute that fails while others, or it itself, are maintained."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance

pytestmark = pytest.mark.maintenance(computes=(3, 4, 5, 8))


def test_a_compute_dies_while_it_is_in_maintenance(maintenance: Maintenance, computes: int) -> None:
    """It is out on purpose: the Inspector keeps still, and the maintenance goes on when it is back."""
    from pytest_doctor_maint.nemesis.compute_dies import ComputeDies

    dying = ComputeDies("compute-1", while_maintaining="compute-1", for_seconds=120)
    then = maintenance.when(maintenance.given(computes).full().while_nemesis(dying))
    assert [event.data["action"] for event in then.history.of("fault_management")] == ["suppressed"]
    then.holds()


def test_a_compute_dies_outside_its_maintenance(maintenance: Maintenance, computes: int) -> None:
    """The Inspector manages the fault, once; the session fails and puts everything back; the service goes on."""
    from pytest_doctor_maint.nemesis.compute_dies import ComputeDies

    dead = f"compute-{computes}"
    dying = ComputeDies(dead, while_maintaining="compute-1", for_seconds=None)
    then = maintenance.when(maintenance.given(computes).full_with_act_on(0).while_nemesis(dying))
    assert [event.data["host"] for event in then.history.of("fault_management", action="force_down")] == [dead]
    assert then.history.of("session.state", state="MAINTENANCE_FAILED")
