"""Claims about the constraints of groups: a breach violates the claim about it, and no other one."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import CLAIMS, Topic, judge
from tests.support.claims import (
    Case,
    ClaimCases,
    assert_holds,
    assert_not_applicable,
    assert_violated,
    failing,
    verdict_on,
)
from tests.support.fenix_runs import change_constraint, choose, move_of, vnf_workflow
from tests.support.history_builder import ADMIN, PROJECT, HistoryBuilder

CONSTRAINTS = tuple(name for name in CLAIMS if CLAIMS[name].topic is Topic.CONSTRAINTS)
#: Nothing is live migrated in these runs.
JUDGED = tuple(name for name in CONSTRAINTS if name != "interruptions_are_short_enough")
DONE = "INSTANCE_ACTION_DONE"

cases = ClaimCases(vnf_workflow)


# -- groups_recover_between_impacts ------------------------------------------------------------------------------------


@cases.violates("groups_recover_between_impacts")
def no_time_to_recover(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="pair", recovery_time=300)


@cases.violates("groups_recover_between_impacts")
def the_next_one_right_after(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)
    for draft in [*move_of(run, "app_1"), *run.all("notification", instance_ids=["id-app_1"], state=DONE)]:
        draft.at += 14
    run.sort()


@cases.keeps(*JUDGED)
def the_next_one_after_the_recovery(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)
    for draft in move_of(run, "app_1"):
        draft.at += 15
    run.sort()


def recover(run: HistoryBuilder, recovery_time: float | None) -> None:
    """The pair's constraint is set again; 62 s pass between the moves of its two members."""
    change_constraint(run, "constraint.group", 60, which="pair", recovery_time=recovery_time)


@cases.keeps("groups_recover_between_impacts")
def just_enough_time_to_recover(run: HistoryBuilder) -> None:
    recover(run, 62)


@cases.violates("groups_recover_between_impacts")
def a_moment_too_little_time_to_recover(run: HistoryBuilder) -> None:
    recover(run, 62.001)


@cases.leaves_nothing(
    "groups_recover_between_impacts", says="the admin tool moved no two instances of a group with recovery_time"
)
def no_time_was_given(run: HistoryBuilder) -> None:
    recover(run, None)


@cases.violates("groups_recover_between_impacts")
def a_move_that_failed_is_an_impact_too(run: HistoryBuilder) -> None:
    recover(run, 62)
    run.before(run.one("server", name="ha_1", status="RESIZE")).wait(-10)
    run.server("ha_0", "compute-3", "RESIZE", task="resize_prep", action="migrate", by=ADMIN)
    run.server("ha_0", "compute-3", action="migrate", by=ADMIN)
    run.sort()


@cases.keeps("groups_recover_between_impacts")
def another_try_of_the_same_instance_may_come_at_once(run: HistoryBuilder) -> None:
    recover(run, 62)
    run.before(run.one("server", name="ha_1", status="RESIZE"))
    run.server("ha_1", "compute-2", "RESIZE", task="resize_prep", action="migrate", by=ADMIN)
    run.server("ha_1", "compute-2", action="migrate", by=ADMIN)


@cases.violates("groups_recover_between_impacts")
def the_last_impact_counts(run: HistoryBuilder) -> None:
    """An instance that joined the pair is impacted after the first one."""
    recover(run, 62)
    change_constraint(run, "constraint.instance", 150, which="id-app_0", group_id="pair")
    for draft in move_of(run, "app_0"):
        draft.at += 0.001
    run.sort()


@cases.leaves_nothing("groups_recover_between_impacts")
def the_project_moved_the_first_one_itself(run: HistoryBuilder) -> None:
    recover(run, 300)
    for draft in run.all("server", name="ha_0"):
        draft.data["by"] = PROJECT


@cases.keeps("groups_recover_between_impacts")
def a_move_that_never_ended(run: HistoryBuilder) -> None:
    the_first_one_never_ended(run)


# -- impacts_stay_within_the_limit -------------------------------------------------------------------------------------


@cases.violates("impacts_stay_within_the_limit")
def too_many_at_once(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)


@cases.violates("impacts_stay_within_the_limit")
def impacted_though_none_may_be(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=0)


@cases.violates("impacts_stay_within_the_limit")
def an_instance_that_joins_the_group(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-ha_0", group_id="others")


@cases.keeps(*JUDGED)
def a_lower_limit_after_the_begin(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 135, which="others", max_impacted_members=1)


@cases.keeps(*JUDGED)
def an_instance_that_leaves_the_group(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)
    change_constraint(run, "constraint.instance", 60, which="id-app_0", group_id="nobody's")


@cases.keeps("impacts_stay_within_the_limit")
def as_many_at_once_as_are_allowed(run: HistoryBuilder) -> None:
    """Two of the group are moved at the same time, and two are allowed."""
    assert run.one("constraint.group", group_id="others").data["max_impacted_members"] == 2


@cases.keeps("impacts_stay_within_the_limit")
def any_number_at_once_where_no_limit_was_given(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=None)


@cases.keeps("impacts_stay_within_the_limit")
def the_second_one_right_after_the_first_one_ended(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)
    end = run.one("server", name="app_0", action="confirmResize")
    for draft in move_of(run, "app_1"):
        run.drafts.remove(draft)
        draft.at += 13
        run.drafts.insert(run.drafts.index(end) + 1, draft)
    run.sort()


@cases.violates("impacts_stay_within_the_limit")
def the_second_one_right_before_the_first_one_ended(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)
    for draft in move_of(run, "app_1"):
        draft.at += 12.999
    run.sort()


@cases.violates("impacts_stay_within_the_limit")
def the_first_one_never_ended(run: HistoryBuilder) -> None:
    the_second_one_right_after_the_first_one_ended(run)
    run.drop(run.one("server", name="app_0", action="confirmResize"))


@cases.keeps("impacts_stay_within_the_limit")
def another_try_of_the_same_instance(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="pair", max_impacted_members=1)
    run.before(move_of(run, "ha_0")[0])
    run.server("ha_0", "compute-1", "RESIZE", task="resize_prep", action="migrate", by=ADMIN)
    run.server("ha_0", "compute-1", action="migrate", by=ADMIN)


@cases.keeps("impacts_stay_within_the_limit")
def the_project_moves_one_itself_at_the_same_time(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_impacted_members=1)
    for draft in run.all("server", name="app_1"):
        draft.data["by"] = PROJECT


def test_the_most_instances_that_were_impacted_at_once_are_shown(vnf_run: HistoryBuilder, run: HistoryBuilder) -> None:
    assert verdict_on(vnf_run, "impacts_stay_within_the_limit").figures == {"constraints": 6, "most_at_once": 2}
    assert verdict_on(run, "impacts_stay_within_the_limit").figures == {"constraints": 0, "most_at_once": 0}


# -- instances_per_host_stay_within_the_limit --------------------------------------------------------------------------


@cases.violates("instances_per_host_stay_within_the_limit")
def too_many_on_one_compute(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_instances_per_host=1)


@cases.keeps("instances_per_host_stay_within_the_limit")
def any_number_on_one_compute_where_no_limit_was_given(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_instances_per_host=0)


@cases.keeps("instances_per_host_stay_within_the_limit")
def one_member_has_left_the_compute_before(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_instances_per_host=1)
    run.before(run.one("server", name="app_1", status="VERIFY_RESIZE")).server("app_0", "compute-3")


@cases.violates("instances_per_host_stay_within_the_limit")
def one_member_leaves_the_compute_after(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_instances_per_host=1)
    run.after(run.one("server", name="app_1", status="VERIFY_RESIZE")).server("app_0", "compute-3")


@cases.keeps("instances_per_host_stay_within_the_limit")
def instances_of_other_groups_do_not_count(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_instances_per_host=2)
    run.time = 100
    run.boot("app_9", "compute-4")
    run.sort()


@cases.keeps("instances_per_host_stay_within_the_limit")
def a_member_that_was_deleted_does_not_count(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_instances_per_host=1)
    state = run.before(run.one("server", name="app_1", status="VERIFY_RESIZE"))
    state.server("app_0", "compute-4", "SOFT_DELETED", action="delete")


@cases.keeps("instances_per_host_stay_within_the_limit")
def a_move_that_failed_brings_nothing_to_a_compute(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_instances_per_host=1)
    for draft in move_of(run, "app_1"):
        if draft.kind == "server":
            draft.data.update(host="compute-2", held_on=["compute-2"])


# -- anti_affinity_is_kept ---------------------------------------------------------------------------------------------


@cases.violates("anti_affinity_is_kept")
def together_on_one_compute(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", anti_affinity_group=True)


@cases.keeps(*JUDGED)
def as_many_as_are_allowed(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", max_instances_per_host=2)


@cases.keeps(*JUDGED)
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


@cases.keeps("anti_affinity_is_kept")
def together_without_anti_affinity(run: HistoryBuilder) -> None:
    assert run.one("constraint.group", group_id="others").data["anti_affinity_group"] is False


@cases.violates("anti_affinity_is_kept")
def together_with_two_others_on_one_compute(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 60, which="others", anti_affinity_group=True)
    run.time = 100
    run.boot("app_9", "compute-4")
    constraint = run.one("constraint.instance", instance_id="id-app_1")
    run.log("admin_tool", "constraint.instance", **{**constraint.data, "instance_id": "id-app_9"})
    run.sort()


@cases.keeps("anti_affinity_is_kept")
def anti_affinity_was_set_after_the_move_began(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.group", 135, which="others", anti_affinity_group=True)


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated_and_no_other_claim_about_constraints(case: Case) -> None:
    run = case.run()
    assert_violated(run, case.claim, case.says)
    assert set(failing(run, CONSTRAINTS)) == {case.claim}


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.idle, ids=str)
def test_the_claim_is_not_applicable(case: Case) -> None:
    assert_not_applicable(case.run(), case.claim, case.says)


@pytest.mark.parametrize(
    "value", ["%s", 10**400, -1, {"more": 1}, [2]], ids=["text", "large", "negative", "object", "list"]
)
def test_a_limit_that_is_no_number_asks_for_nothing(vnf_run: HistoryBuilder, value: object) -> None:
    """A foreign VNFM may send anything."""
    for constraint in [*vnf_run.all("constraint.group"), *vnf_run.all("constraint.instance")]:
        for field in ("max_impacted_members", "max_instances_per_host", "recovery_time", "lead_time"):
            if field in constraint.data:
                constraint.data[field] = value
    verdicts = judge(vnf_run.history()).verdicts
    assert [each.summary for each in verdicts if "the claim itself failed" in each.summary] == []
