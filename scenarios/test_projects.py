"""More than one project, more than one session."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance
from pytest_doctor_maint.protocol import Step


@pytest.mark.maintenance(computes=(3, 4, 5, 8))
def test_two_projects_share_the_computes(maintenance: Maintenance, computes: int) -> None:
    """One session hits two projects; each gets messages about its own instances and replies for itself."""
    then = maintenance.when(maintenance.given(computes).full_with_projects("doctor", "nurse"))
    messages, ended = then.sent(Step.MAINTENANCE), then.sent(Step.MAINTENANCE_COMPLETE)
    assert {event.data["project_id"] for event in messages} == {event.data["project_id"] for event in ended}
    then.holds()


@pytest.mark.maintenance(computes=(4, 5, 8), at_least=4)
def test_two_sessions_run_at_once_on_different_computes(maintenance: Maintenance, computes: int) -> None:
    """Half of the computes are maintained in one session, half in another, at the same time."""
    then = maintenance.when(maintenance.given(computes).full_in_two_sessions())
    assert len(then.history.of("session.created")) == 2
    then.holds()


@pytest.mark.maintenance(computes=(3, 4, 5, 8))
def test_one_compute_of_many_is_maintained(maintenance: Maintenance, computes: int) -> None:
    """A session for one compute: its instances go to room that is outside the session."""
    then = maintenance.when(maintenance.given(computes).with_room_but_no_empty_compute().maintaining("compute-1"))
    assert then.sent(Step.PREPARE_MAINTENANCE)
    assert not then.sent(Step.PLANNED_MAINTENANCE)
    then.holds()
