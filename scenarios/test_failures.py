"""A compute fails while it is maintained, or while others are."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.faults.catalogue.compute_dies import ComputeDies
from pytest_doctor_maint.fixtures.maintenance import Maintenance
from pytest_doctor_maint.protocol import Step

pytestmark = pytest.mark.maintenance(computes=(3, 4, 5, 8))


def test_a_compute_dies_while_it_is_in_maintenance(maintenance: Maintenance, computes: int) -> None:
    """The compute is out on purpose: the Inspector does nothing, and the maintenance goes on when it is back."""
    dying = ComputeDies("compute-1", while_maintaining="compute-1", for_seconds=120)
    then = maintenance.when(maintenance.given(computes).full().with_faults(dying))
    assert [event.data["action"] for event in then.history.of("fault_management")] == ["suppressed"]
    then.holds()


# The claims that a session which fails must still satisfy.
FAILED_WELL = (
    "messages_in_order",
    "messages_are_answered",
    "admin_tool_waits_for_answers",
    "failures_are_managed_once",
    "failed_sessions_put_everything_back",
    "downtime_is_zero",
    "alarms_are_gone_in_the_end",
    "no_thread_died",
)
# If computes were maintained before.
MAINTAINED_WELL = (
    "computes_are_empty_in_maintenance",
    "inspector_hears_of_maintenance",
    "inspector_keeps_still_in_maintenance",
)


def test_a_compute_dies_before_maintenance_starts(maintenance: Maintenance, computes: int) -> None:
    """STBY's compute dies. The Inspector manages the failure once. ACT must not be moved then, so the session fails."""
    dying = ComputeDies("compute-2", upon=Step.MAINTENANCE, for_seconds=None)
    given = maintenance.given(computes).full_with_act_on(0).deciding(scale_down="one_compute")
    then = maintenance.when(given.with_faults(dying))
    assert [event.data["host"] for event in then.history.of("fault_management", action="force_down")] == ["compute-2"]
    assert then.history.of("session.state", state="MAINTENANCE_FAILED")
    then.holds(*FAILED_WELL)


# The VNFM's workflow empties computes while others are maintained: the pair has switched over by then, and ACT would
# die.
@pytest.mark.maintenance(app_manager="sample", pinned=True)
def test_a_compute_dies_outside_its_maintenance(maintenance: Maintenance, computes: int) -> None:
    """STBY's compute dies while another compute is maintained."""
    given = maintenance.given(computes).full_with_act_on(0).deciding(scale_down="one_compute")
    then = maintenance.when(given.with_faults(ComputeDies("compute-2", for_seconds=None)))
    assert [event.data["host"] for event in then.history.of("fault_management", action="force_down")] == ["compute-2"]
    assert then.history.of("session.state", state="MAINTENANCE_FAILED")
    then.holds(*FAILED_WELL, *MAINTAINED_WELL)
