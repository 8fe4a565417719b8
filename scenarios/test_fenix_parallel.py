"""Within the constraints, Fenix does as much at a time as there is room for."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy, GroupConstraint, InstanceConstraint
from pytest_doctor_maint.fixtures.maintenance import Maintenance
from pytest_doctor_maint.fixtures.queries import most_at_once
from pytest_doctor_maint.protocol import Action, Step

pytestmark = [
    pytest.mark.maintenance(computes=(6, 8), at_least=6),
    pytest.mark.maintenance(admin_tool="fenix", app_manager="vnfm", pinned=True),
]

FREE = GroupConstraint(max_impacted_members=16, recovery_time=0)


@pytest.mark.parametrize("empty", [pytest.param(number, id=f"{number}-empty") for number in (1, 2, 3)])
def test_as_many_computes_are_maintained_at_once_as_are_empty(
    maintenance: Maintenance, computes: int, empty: int
) -> None:
    """No instance can move to a compute in work."""
    then = maintenance.when(maintenance.given(computes).with_empty_computes(empty).constrained(alone=FREE))
    assert most_at_once(then.works()) == empty
    then.holds()


def test_more_room_makes_the_maintenance_shorter(maintenance: Maintenance, computes: int) -> None:
    """The same cloud with two empty computes instead of one."""
    given = maintenance.given(computes).constrained(alone=FREE)
    ends = []
    for empty in (1, 2):
        then = maintenance.when(given.with_empty_computes(empty))
        works = then.works()
        ends.append(max(work.ended for work in works) - min(work.began for work in works))
        then.holds()
    assert ends[1] < 0.7 * ends[0]


def test_constraints_change_while_the_session_runs(maintenance: Maintenance, computes: int) -> None:
    """At the first message about an instance, the VNFM asks for live migrations; the later instances get one."""
    one_by_one = GroupConstraint(max_impacted_members=1, recovery_time=2)
    live = InstanceConstraint(migration_type=Action.LIVE_MIGRATE)
    changed = ConstraintPolicy(instance=live, alone=one_by_one)
    given = maintenance.given(computes).with_one_empty_compute()
    then = maintenance.when(given.constrained(alone=one_by_one, later={Step.PLANNED_MAINTENANCE: changed}))
    moves = then.moves("nonha")
    assert [move.action for move in moves] == ["migrate", *["os-migrateLive"] * (len(moves) - 1)]
    then.holds()


def test_a_group_whose_limit_is_raised_is_impacted_more_at_a_time(maintenance: Maintenance, computes: int) -> None:
    """The VNFM allows one impact at a time until the first instance has been moved, and then many."""
    held = GroupConstraint(max_impacted_members=1, recovery_time=60)
    given = maintenance.given(computes).with_empty_computes(2)
    usual = maintenance.when(given.constrained(alone=held))
    then = maintenance.when(given.constrained(alone=held, later={Step.ADMIN_ACTION_DONE: ConstraintPolicy(alone=FREE)}))
    assert most_at_once(usual.moves("nonha")) == 1
    assert most_at_once(then.moves("nonha")) > 1
    then.holds()
