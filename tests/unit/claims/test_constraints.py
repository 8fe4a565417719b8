"""Claims about constraints: a breach is reported by its own claim, and by no other claim about constraints."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import CLAIMS, Outcome, Topic, judge
from tests.support.claims import (
    ADMIN,
    Case,
    ClaimCases,
    Draft,
    HistoryBuilder,
    assert_holds,
    assert_violated,
    failing,
)
from tests.support.fenix_runs import change_constraint, vnf_workflow

CONSTRAINTS = tuple(name for name in CLAIMS if CLAIMS[name].topic is Topic.CONSTRAINTS)
DONE = "INSTANCE_ACTION_DONE"

cases = ClaimCases(vnf_workflow)


def move_of(run: HistoryBuilder, name: str) -> list[Draft]:
    """What the cloud shows of the move of an instance."""
    states = run.all("server", name=name) + run.all("guest", server_id=f"id-{name}")
    return [draft for draft in states if draft.at > 1]


def make_live(run: HistoryBuilder, name: str, pause: float) -> None:
    """The move of an instance is a live migration that stops it for so long."""
    for draft in run.all("server", name=name):
        if draft.data["action"] in ("migrate", "confirmResize"):
            resting = draft.data["action"] == "confirmResize"
            draft.data["action"] = "os-migrateLive"
            draft.data["status"] = "ACTIVE" if resting else "MIGRATING"
            draft.data["task_state"] = None if resting else "migrating"
    down, up = (draft for draft in run.all("guest", server_id=f"id-{name}") if draft.at > 1)
    down.at = up.at - pause
    run.sort()


def choose(run: HistoryBuilder, name: str, action: str) -> None:
    for draft in run.all("reply", state="ACK_PLANNED_MAINTENANCE"):
        if draft.cause is not None and draft.cause.data["instance_ids"] == [f"id-{name}"]:
            draft.data["body"]["instance_action"] = action


# -- lead time ---------------------------------------------------------------------------------------------------------


@cases.violates("lead_times_are_kept")
def moved_too_early(run: HistoryBuilder) -> None:
    for draft in move_of(run, "app_1"):
        draft.at -= 20
    run.sort()


@cases.violates("lead_times_are_kept")
def a_longer_lead_time_was_in_force(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", lead_time=300)


@cases.violates("lead_times_are_kept")
def moved_without_a_message(run: HistoryBuilder) -> None:
    for draft in run.all("notification", state="PLANNED_MAINTENANCE"):
        if draft.data.get("instance_ids") == ["id-app_1"]:
            run.drop_with_effects(draft)


@cases.keeps(*CONSTRAINTS)
def a_longer_lead_time_came_after_the_message(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 95, which="id-app_1", lead_time=300)


@cases.keeps(*CONSTRAINTS)
def a_constraint_that_was_taken_back(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", lead_time=300, deleted=True)


# -- kind of migration and interruption --------------------------------------------------------------------------------


@cases.violates("migration_types_are_respected")
def another_kind_of_migration(run: HistoryBuilder) -> None:
    make_live(run, "app_1", 0.2)


@cases.violates("migration_types_are_respected")
def another_kind_is_offered(run: HistoryBuilder) -> None:
    for draft in run.all("notification", state="PLANNED_MAINTENANCE"):
        draft.data["allowed_actions"] = ["LIVE_MIGRATE"]


@cases.violates("migration_types_are_respected")
def cold_without_need(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE")
    choose(run, "app_1", "LIVE_MIGRATE")


@cases.violates("migration_types_are_respected")
def what_the_project_wanted_to_do_itself(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", migration_type="OWN_ACTION")
    choose(run, "app_1", "OWN_ACTION")


@cases.keeps(*CONSTRAINTS)
def the_project_chooses_another_kind(run: HistoryBuilder) -> None:
    make_live(run, "app_1", 0.2)
    choose(run, "app_1", "LIVE_MIGRATE")


@cases.keeps(*CONSTRAINTS)
def a_live_migration_that_is_short_enough(run: HistoryBuilder) -> None:
    change_constraint(
        run, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE", max_interruption_time=0.2
    )
    make_live(run, "app_1", 0.2)
    choose(run, "app_1", "LIVE_MIGRATE")


@cases.keeps(*CONSTRAINTS)
def a_cold_migration_after_a_live_one_that_failed(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE")
    choose(run, "app_1", "LIVE_MIGRATE")
    run.before(move_of(run, "app_1")[0])
    run.server("app_1", "compute-2", "MIGRATING", task="migrating", action="os-migrateLive", by=ADMIN)
    run.server("app_1", "compute-2", action="os-migrateLive", by=ADMIN)


@cases.violates("interruptions_are_short_enough")
def a_live_migration_that_takes_too_long(run: HistoryBuilder) -> None:
    change_constraint(
        run, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE", max_interruption_time=1
    )
    make_live(run, "app_1", 1.5)
    choose(run, "app_1", "LIVE_MIGRATE")


# -- groups over time --------------------------------------------------------------------------------------------------


@cases.violates("impacts_stay_within_the_limit")
def too_many_at_once(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)


@cases.violates("impacts_stay_within_the_limit")
def hit_though_none_may_be(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=0)


@cases.violates("impacts_stay_within_the_limit")
def an_instance_that_joins_the_group(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-ha_0", group_id="others")


@cases.keeps(*CONSTRAINTS)
def a_lower_limit_after_the_begin(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 135, which="others", max_impacted_members=1)


@cases.keeps(*CONSTRAINTS)
def an_instance_that_leaves_the_group(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)
    change_constraint(run, "constraint.instance", 60, which="id-app_0", group_id="nobody's")


@cases.violates("groups_recover_between_impacts")
def no_time_to_recover(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="pair", recovery_time=300)


@cases.violates("groups_recover_between_impacts")
def the_next_one_right_after(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)
    for draft in [*move_of(run, "app_1"), *run.all("notification", instance_ids=["id-app_1"], state=DONE)]:
        draft.at += 14
    run.sort()


@cases.keeps(*CONSTRAINTS)
def the_next_one_after_the_recovery(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)
    for draft in move_of(run, "app_1"):
        draft.at += 15
    run.sort()


# -- groups over computes ----------------------------------------------------------------------------------------------


@cases.violates("instances_per_host_stay_within_the_limit")
def too_many_on_one_compute(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_instances_per_host=1)


@cases.violates("anti_affinity_is_kept")
def together_on_one_compute(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", anti_affinity_group=True)


@cases.keeps(*CONSTRAINTS)
def as_many_as_are_allowed(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_instances_per_host=2)


@cases.keeps(*CONSTRAINTS)
def together_by_the_projects_own_doing(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", anti_affinity_group=True, max_instances_per_host=1)
    run.drop(*move_of(run, "app_1"))
    change_constraint(run, "constraint.instance", 60, which="id-app_1", migration_type="OWN_ACTION")
    choose(run, "app_1", "OWN_ACTION")
    run.time = 132
    run.delete("app_1")
    run.boot("app_1b", "compute-4")
    constraint = run.one("constraint.instance", instance_id="id-app_1")
    run.log("admin_tool", "constraint.instance", **{**constraint.data, "instance_id": "id-app_1b"})
    run.sort()


# -- mitigation --------------------------------------------------------------------------------------------------------


@cases.violates("impacts_are_mitigated")
def told_before_there_is_room(run: HistoryBuilder) -> None:
    run.time = 90
    for name in ("app_8", "app_9"):
        run.boot(name, "compute-4")
    run.sort()
    run.after(run.all("reply", state="ACK_PLANNED_MAINTENANCE")[2])
    for name in ("app_8", "app_9"):
        run.delete(name)


@cases.violates("impacts_are_mitigated")
def the_room_is_on_a_compute_that_is_out_of_use(run: HistoryBuilder) -> None:
    back = run.one("compute", 1, host="compute-4", status="enabled")
    run.drop(back).after(run.all("reply", state="ACK_PLANNED_MAINTENANCE")[2])
    run.compute("compute-4")


@cases.keeps(*CONSTRAINTS)
def no_room_where_none_was_asked_for(run: HistoryBuilder) -> None:
    told_before_there_is_room(run)
    for name in ("ha_0", "ha_1", "app_0", "app_1"):
        change_constraint(run, "constraint.instance", 60, which=f"id-{name}", resource_mitigation=False)


@cases.keeps(*CONSTRAINTS)
def an_instance_that_came_back_needs_no_room_any_more(run: HistoryBuilder) -> None:
    run.time = 144.5
    run.server("app_1", "compute-2")
    run.boot("app_9", "compute-4")
    run.sort()


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated_and_no_other_claim_about_constraints(case: Case) -> None:
    assert_violated(case.run(), case.claim)
    assert set(failing(case.run(), CONSTRAINTS)) == {case.claim}


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


def test_each_claim_about_constraints_is_tested_from_both_sides() -> None:
    assert cases.claims() == set(CONSTRAINTS)


def test_a_run_of_the_vnf_workflow_without_constraints_says_nothing_about_them(vnf_run: HistoryBuilder) -> None:
    vnf_run.drop(*vnf_run.all("constraint.instance"), *vnf_run.all("constraint.group"))
    assert {verdict.outcome for verdict in judge(vnf_run.history(), CONSTRAINTS).verdicts} == {Outcome.UNKNOWN}


def test_constraints_that_nobody_set_are_kept(run: HistoryBuilder) -> None:
    for verdict in judge(run.history(), CONSTRAINTS).verdicts:
        assert verdict.outcome is Outcome.HOLDS
        assert verdict.figures["constraints"] == 0
