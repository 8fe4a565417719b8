"""Fenix asks a project that frees capacity until there is enough, and does not ask a project again that frees none."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance
from pytest_doctor_maint.protocol import Step

# The use case asks once; Fenix asks again.
pytestmark = [
    pytest.mark.maintenance(computes=(3, 4, 5)),
    pytest.mark.maintenance(admin_tool="fenix", pinned=True),
]


def test_one_instance_at_a_time(maintenance: Maintenance, computes: int) -> None:
    """A compute has two instances, so two must be removed before one can be emptied; all are back in the end."""
    given = maintenance.given(computes).full_with_act_on(0).deciding(scale_down_by=1)
    then = maintenance.when(given)
    assert len(then.sent(Step.DOWN_SCALE)) == 2
    then.holds()


def test_none_at_all(maintenance: Maintenance, computes: int) -> None:
    """The project agrees to SCALE_IN and removes nothing: the session fails, and no instance was impacted."""
    given = maintenance.given(computes).full_with_act_on(0).deciding(scale_down=())
    then = maintenance.when(given)
    assert len(then.sent(Step.DOWN_SCALE)) == 1
    (failed,) = then.history.of("session.state", state="MAINTENANCE_FAILED")
    assert "there is no room to empty any of compute-1" in failed.data["reason"]
    then.holds("failed_sessions_put_everything_back", "downtime_is_zero", "messages_in_order", "messages_are_answered")
