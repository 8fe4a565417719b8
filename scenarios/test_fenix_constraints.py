"""The constraints of VNFMs determine when Fenix moves an instance, and how (ETSI NFV FEAT03): one constraint each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_doctor_maint.actors.app_manager.vnfm import GroupConstraint, InstanceConstraint
from pytest_doctor_maint.faults.catalogue.live_migration_breaks_off import LiveMigrationBreaksOff
from pytest_doctor_maint.fixtures.maintenance import Maintenance
from pytest_doctor_maint.fixtures.queries import most_at_once, shortest_pause
from pytest_doctor_maint.protocol import Action

# Only a VNFM sets constraints, and only Fenix respects them, whatever else is under test.
pytestmark = [
    pytest.mark.maintenance(computes=(4, 8), at_least=4),
    pytest.mark.maintenance(admin_tool="fenix", app_manager="vnfm", pinned=True),
]

FREE = GroupConstraint(max_impacted_members=16, recovery_time=0)
"""A group without limits."""


def test_an_instance_with_a_long_lead_time_moves_last_from_its_compute(maintenance: Maintenance, computes: int) -> None:
    """The other instance of the compute, whose message is sent at the same time, does not wait for it."""
    slow = {"doctor_nonha_app_0": InstanceConstraint(lead_time=300)}
    given = maintenance.given(computes).with_one_empty_compute()
    (usual,) = maintenance.when(given).moves("nonha_app_0")
    then = maintenance.when(given.constrained(instances=slow))
    (late,) = then.moves("nonha_app_0")
    assert usual.began - usual.notified < 300 <= late.began - late.notified
    assert all(move.ended <= late.began for move in then.moves() if move.source == late.source and move != late)
    then.holds()


def test_an_instance_that_tolerates_no_interruption_is_not_live_migrated(
    maintenance: Maintenance, computes: int
) -> None:
    """A live migration would interrupt the instance for too long: the message offers a cold migration instead."""
    live = InstanceConstraint(migration_type=Action.LIVE_MIGRATE)
    tender = InstanceConstraint(migration_type=Action.LIVE_MIGRATE, max_interruption_time=0)
    given = maintenance.given(computes).with_one_empty_compute()
    then = maintenance.when(given.constrained(instance=live, instances={"doctor_nonha_app_1": tender}))
    actions = {move.what: move.action for move in then.moves()}
    assert actions.pop("doctor_nonha_app_1") == "migrate"
    assert set(actions.values()) == {"os-migrateLive"}
    then.holds()


def test_a_live_migration_that_fails_is_followed_by_a_cold_one(maintenance: Maintenance, computes: int) -> None:
    """The fallback: the instance still leaves its compute, and its project, which was ready, is not harmed."""
    live = InstanceConstraint(migration_type=Action.LIVE_MIGRATE)
    given = maintenance.given(computes).with_one_empty_compute().constrained(instance=live)
    then = maintenance.when(given.with_faults(LiveMigrationBreaksOff("doctor_nonha_app_0")))
    assert then.history.of("fault", name="live_migration_breaks_off")
    actions = {move.what: move.action for move in then.moves()}
    assert actions.pop("doctor_nonha_app_0") == "migrate"
    assert set(actions.values()) == {"os-migrateLive"}
    then.holds()


def test_each_instance_is_moved_by_its_own_migration_type(maintenance: Maintenance, computes: int) -> None:
    """Three instances, three ways: cold, live, and created again by the project, which the admin tool does not move."""
    kinds = {
        "doctor_nonha_app_0": InstanceConstraint(migration_type=Action.OWN_ACTION),
        "doctor_nonha_app_1": InstanceConstraint(migration_type=Action.LIVE_MIGRATE),
    }
    given = maintenance.given(computes).with_one_empty_compute()
    then = maintenance.when(given.constrained(instances=kinds))
    actions = {move.what: move.action for move in then.moves()}
    assert "doctor_nonha_app_0" not in actions
    assert actions.pop("doctor_nonha_app_1") == "os-migrateLive"
    assert set(actions.values()) == {"migrate"}
    then.holds()


def test_the_limit_of_a_group_is_kept_at_any_time(maintenance: Maintenance, computes: int) -> None:
    """With one member at a time the moves come one after the other; with more they overlap."""
    given = maintenance.given(computes).with_empty_computes(2)
    freely = maintenance.when(given.constrained(alone=FREE))
    singly = maintenance.when(given.constrained(alone=GroupConstraint(max_impacted_members=1, recovery_time=0)))
    assert most_at_once(freely.moves("nonha")) > 1
    assert most_at_once(singly.moves("nonha")) == 1
    freely.holds()
    singly.holds()


def test_a_group_recovers_between_two_impacts(maintenance: Maintenance, computes: int) -> None:
    """The next instance waits until the group has recovered from the one before."""
    given = maintenance.given(computes).with_one_empty_compute()
    slowly = GroupConstraint(max_impacted_members=1, recovery_time=90)
    usual = maintenance.when(given.constrained(alone=GroupConstraint(max_impacted_members=1, recovery_time=0)))
    then = maintenance.when(given.constrained(alone=slowly))
    assert shortest_pause(usual.moves("nonha")) < 90 <= shortest_pause(then.moves("nonha"))
    then.holds()


TOGETHER = {"nonha_0": 0, "nonha_1": 0, "ha_0": 1, "ha_1": 2}
"""Two instances share a compute at the start; each empty compute has room for both."""


# The compute whose group takes longest is emptied first, so the two find all the empty computes still empty.
SLOW = GroupConstraint(max_impacted_members=2, recovery_time=200)


@pytest.mark.parametrize(
    ("alone", "together"),
    [
        pytest.param(SLOW, 2, id="any-number"),
        pytest.param(replace(SLOW, max_instances_per_host=1), 1, id="one"),
        pytest.param(replace(SLOW, anti_affinity_group=True), 1, id="anti-affinity"),
    ],
)
def test_so_many_of_a_group_share_a_compute(
    maintenance: Maintenance, computes: int, alone: GroupConstraint, together: int
) -> None:
    """Instances of one compute go to one compute, unless their group forbids that."""
    then = maintenance.when(maintenance.given(computes).with_instances_on(**TOGETHER).constrained(alone=alone))
    targets = [move.target for move in then.moves("nonha")]
    assert max(targets.count(target) for target in targets) == together
    then.holds()


def test_room_is_reserved_before_the_project_is_notified(maintenance: Maintenance, computes: int) -> None:
    """Without mitigation the message is sent while the target is still maintained; with it, only afterwards."""
    given = maintenance.given(computes).with_one_empty_compute()
    mitigated = GroupConstraint(max_impacted_members=16, recovery_time=0, resource_mitigation=True)
    for group, waits in ((FREE, False), (mitigated, True)):
        then = maintenance.when(given.constrained(alone=group))
        maintained = {work.what: work.ended for work in then.works()}
        early = [move.what for move in then.moves("nonha") if move.notified < maintained[move.target]]
        assert bool(early) is not waits
        then.holds()
