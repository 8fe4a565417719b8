"""Several projects, and several sessions."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance
from pytest_doctor_maint.protocol import Step


@pytest.mark.maintenance(computes=(3, 4, 5, 8))
def test_two_projects_share_the_computes(maintenance: Maintenance, computes: int) -> None:
    """One session concerns two projects; each gets messages about its own instances, and replies for itself."""
    then = maintenance.when(maintenance.given(computes).full_with_projects("doctor", "nurse"))
    first, last = then.sent(Step.MAINTENANCE), then.sent(Step.MAINTENANCE_COMPLETE)
    assert {event.data["project_id"] for event in first} == {event.data["project_id"] for event in last}
    then.holds()


@pytest.mark.maintenance(computes=(4, 5, 8), at_least=4)
def test_two_sessions_run_at_once_on_different_computes(maintenance: Maintenance, computes: int) -> None:
    """One session maintains one half of the computes while another maintains the other half."""
    then = maintenance.when(maintenance.given(computes).full_in_two_sessions())
    assert len(then.history.of("session.created")) == 2
    then.holds()


@pytest.mark.maintenance(computes=(3, 4, 5, 8))
def test_one_compute_of_many_is_maintained(maintenance: Maintenance, computes: int) -> None:
    """The instances of the one compute of the session move to computes outside the session."""
    then = maintenance.when(maintenance.given(computes).with_room_but_no_empty_compute().maintaining("compute-1"))
    assert then.sent(Step.PREPARE_MAINTENANCE)
    assert not then.sent(Step.PLANNED_MAINTENANCE)
    then.holds()
