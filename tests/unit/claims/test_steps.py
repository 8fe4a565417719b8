"""Claims about the steps of a session, and the computes that it is about."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import Outcome
from tests.support.claims import Case, ClaimCases, assert_holds, assert_violated, verdict_on
from tests.support.fenix_runs import vnf_workflow
from tests.support.history_builder import OTHER_PROJECT, HistoryBuilder

cases = ClaimCases()


# -- every_needed_step_happens -----------------------------------------------------------------------------------------


@cases.violates("every_needed_step_happens")
def nothing_happens(run: HistoryBuilder) -> None:
    run.drop(*run.all("notification"), *run.all("alarm"), *run.all("reply"), *run.all("host.work"))


@cases.violates("every_needed_step_happens")
def no_scaling_down_on_a_full_cloud(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="DOWN_SCALE"))
    run.drop(*run.all("server", status="DELETED"))


@cases.violates("every_needed_step_happens")
def scaling_down_though_a_compute_is_empty(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="MAINTENANCE")).delete("app_2")
    run.delete("app_3")


@cases.violates("every_needed_step_happens")
def no_preparation_though_no_compute_is_empty(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="PREPARE_MAINTENANCE"))
    run.drop(*[draft for draft in run.all("server", name="app_3") if draft.data["host"] == "compute-1"])


@cases.violates("every_needed_step_happens")
def a_compute_is_skipped(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="IN_MAINTENANCE", host="compute-2"))


@cases.violates("every_needed_step_happens")
def a_compute_with_instances_is_not_planned(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="PLANNED_MAINTENANCE"))


def do_not_scale_down(run: HistoryBuilder, vcpus_of_compute_1: int) -> None:
    """There is no DOWN_SCALE, and compute-1 has so many VCPUs, 2 of which are used; 2 are used on each compute."""
    run.drop_with_effects(run.one("notification", state="DOWN_SCALE"))
    run.drop(*run.all("server", status="DELETED"))
    run.after(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).delete("app_2")
    run.one("compute", host="compute-1").data["vcpus"] = vcpus_of_compute_1


@cases.keeps("every_needed_step_happens")
def the_free_room_is_as_large_as_a_compute(run: HistoryBuilder) -> None:
    do_not_scale_down(run, vcpus_of_compute_1=4)


@cases.violates("every_needed_step_happens")
def the_free_room_is_one_vcpu_too_small(run: HistoryBuilder) -> None:
    do_not_scale_down(run, vcpus_of_compute_1=3)


@cases.keeps("every_needed_step_happens")
def the_free_room_is_on_a_compute_that_is_not_maintained(run: HistoryBuilder) -> None:
    do_not_scale_down(run, vcpus_of_compute_1=2)
    run.before(run.one("session.created")).compute("compute-4", vcpus=2)


@cases.violates("every_needed_step_happens")
def the_free_room_on_the_compute_itself_does_not_count(run: HistoryBuilder) -> None:
    """Each compute is half full, but the room is on itself alone."""
    do_not_scale_down(run, vcpus_of_compute_1=2)
    for host in ("compute-1", "compute-2"):
        run.one("session.created").data["hosts"].remove(host)
    run.one("compute", host="compute-3").data["vcpus"] = 4


@cases.violates("every_needed_step_happens")
def preparation_although_a_compute_is_empty(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="PREPARE_MAINTENANCE")).delete("app_3")


@cases.violates("every_needed_step_happens")
def a_session_without_computes(run: HistoryBuilder) -> None:
    run.one("session.created").data["hosts"] = []


@cases.keeps("every_needed_step_happens")
def a_compute_that_failed_has_nothing_to_plan(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", 1, state="PLANNED_MAINTENANCE"))
    run.after(run.one("notification", state="IN_MAINTENANCE")).fault("compute-2")


@cases.violates("every_needed_step_happens")
def a_failure_of_one_compute_does_not_excuse_two(run: HistoryBuilder) -> None:
    for message in run.all("notification", state="PLANNED_MAINTENANCE"):
        run.drop_with_effects(message)
    run.after(run.one("notification", state="IN_MAINTENANCE")).fault("compute-2")


@cases.keeps("every_needed_step_happens")
def a_compute_is_planned_once_more(run: HistoryBuilder) -> None:
    run.before(run.one("notification", 1, state="PLANNED_MAINTENANCE")).message("PLANNED_MAINTENANCE")


@cases.violates("every_needed_step_happens")
def another_project_with_instances_on_a_compute_is_not_planned(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="IN_MAINTENANCE")).boot("other_0", "compute-1", OTHER_PROJECT)


@cases.keeps("every_needed_step_happens")
def another_project_without_instances_is_not_planned(run: HistoryBuilder) -> None:
    run.after(run.one("notification", state="IN_MAINTENANCE")).boot("other_0", "compute-1", OTHER_PROJECT)


@cases.violates("every_needed_step_happens")
def only_scaling_down_happens(run: HistoryBuilder) -> None:
    run.after(run.one("alarm", state="DOWN_SCALE")).fail()


@cases.violates("every_needed_step_happens", says="no compute was empty; due: PREPARE_MAINTENANCE")
def no_preparation_though_all_is_planned(run: HistoryBuilder) -> None:
    no_preparation_though_no_compute_is_empty(run)
    run.after(run.one("reply", state="ACK_DOWN_SCALE")).message("PLANNED_MAINTENANCE")


@cases.violates("every_needed_step_happens")
def scaling_down_and_no_preparation_though_a_compute_is_empty(run: HistoryBuilder) -> None:
    scaling_down_though_a_compute_is_empty(run)
    run.drop_with_effects(run.one("notification", state="PREPARE_MAINTENANCE"))
    run.drop(*[draft for draft in run.all("server", name="app_3") if draft.at > 0 and draft.at < 46])


@cases.violates("every_needed_step_happens", says="compute-2 was never MAINTENANCE_COMPLETE; due: once")
def a_compute_does_not_come_back(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-2"))


@cases.keeps("every_needed_step_happens", base=vnf_workflow)
def a_compute_that_was_empty_at_the_first_step_is_filled_later(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="PLANNED_MAINTENANCE", event_type="maintenance.scheduled"))
    for host in ("compute-3", "compute-4"):
        run.server(f"filler_on_{host}", host)


@cases.keeps("every_needed_step_happens")
def a_compute_got_more_vcpus_before_the_session(run: HistoryBuilder) -> None:
    do_not_scale_down(run, vcpus_of_compute_1=2)
    run.before(run.one("session.created")).compute("compute-1", vcpus=4)


@cases.violates("every_needed_step_happens")
def each_compute_could_only_be_emptied_to_itself(run: HistoryBuilder) -> None:
    do_not_scale_down(run, vcpus_of_compute_1=2)
    run.one("session.created").data["hosts"] = ["compute-3"]
    for compute in run.all("compute", host="compute-3"):
        compute.data["vcpus"] = 4


# -- at_least_three_computes -------------------------------------------------------------------------------------------


@cases.violates("at_least_three_computes")
def two_computes(run: HistoryBuilder) -> None:
    del run.one("run.started").data["computes"][2]


@cases.violates("at_least_three_computes")
def only_two_computes_are_there(run: HistoryBuilder) -> None:
    run.drop(*run.all("compute", host="compute-3"))


@cases.keeps("at_least_three_computes")
def four_computes(run: HistoryBuilder) -> None:
    run.one("run.started").data["computes"].append({"name": "compute-4", "vcpus": 2})
    run.before(run.one("session.created")).compute("compute-4")


@cases.keeps("at_least_three_computes")
def computes_whose_states_are_not_known(run: HistoryBuilder) -> None:
    run.drop(*run.all("compute"))


@cases.violates("at_least_three_computes")
def one_compute_is_named_twice(run: HistoryBuilder) -> None:
    run.one("run.started").data["computes"][2]["name"] = "compute-1"


@pytest.mark.parametrize(("least", "outcome"), [(3, Outcome.HOLDS), (3.001, Outcome.VIOLATED), (4, Outcome.VIOLATED)])
def test_the_least_number_of_computes_is_a_parameter(run: HistoryBuilder, least: float, outcome: Outcome) -> None:
    assert verdict_on(run, "at_least_three_computes", least=least).outcome is outcome


# -- each_compute_is_maintained_once -----------------------------------------------------------------------------------


@cases.violates("each_compute_is_maintained_once")
def one_compute_is_never_maintained(run: HistoryBuilder) -> None:
    run.drop(*[draft for draft in run.drafts if draft.data.get("host") == "compute-2" and draft.kind != "compute"])


@cases.violates("each_compute_is_maintained_once")
def one_compute_is_maintained_twice(run: HistoryBuilder) -> None:
    run.before(run.one("notification", 1, state="PLANNED_MAINTENANCE")).maintain("compute-3")


@cases.violates("each_compute_is_maintained_once")
def no_work_on_a_compute(run: HistoryBuilder) -> None:
    run.drop(*run.all("host.work", host="compute-2"))


@cases.violates("each_compute_is_maintained_once")
def the_work_begins_before_the_message(run: HistoryBuilder) -> None:
    work = run.one("host.work", host="compute-2", phase="started")
    run.drop(work).before(run.one("notification", 1, state="PLANNED_MAINTENANCE"))
    run.log("admin_tool", "host.work", **work.data)


@cases.keeps("each_compute_is_maintained_once")
def work_that_nobody_could_observe(run: HistoryBuilder) -> None:
    run.one("run.started").data.update(observed_every=0.5, unseen=["host.work", "windows"])
    run.drop(*run.all("host.work"))


@cases.violates("each_compute_is_maintained_once", says="the work on compute-1 started 0 times; due: once")
def messages_alone_and_no_work(run: HistoryBuilder) -> None:
    run.drop(*run.all("host.work"))


@cases.violates("each_compute_is_maintained_once")
def the_work_is_never_ended(run: HistoryBuilder) -> None:
    run.drop(run.one("host.work", host="compute-2", phase="ended"))


@cases.violates("each_compute_is_maintained_once")
def the_work_begins_twice(run: HistoryBuilder) -> None:
    work = run.one("host.work", host="compute-2", phase="started")
    run.after(work).log("admin_tool", "host.work", **work.data)


@cases.violates("each_compute_is_maintained_once")
def the_work_ends_after_the_message(run: HistoryBuilder) -> None:
    work = run.one("host.work", host="compute-2", phase="ended")
    run.drop(work).after(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-2"))
    run.log("admin_tool", "host.work", **work.data)


@cases.keeps("each_compute_is_maintained_once")
def work_of_another_session(run: HistoryBuilder) -> None:
    work = run.one("host.work", host="compute-2", phase="started")
    run.after(work).log("admin_tool", "host.work", **{**work.data, "session_id": "session-2"})


@cases.violates("each_compute_is_maintained_once")
def a_compute_goes_into_maintenance_twice(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-2")).host_message("compute-2", "IN_MAINTENANCE")


@cases.violates("each_compute_is_maintained_once")
def a_compute_comes_back_twice(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).host_message("compute-2", "MAINTENANCE_COMPLETE")


def test_work_without_messages_about_the_compute_is_judged_by_its_number_alone(run: HistoryBuilder) -> None:
    run.drop(*run.all("notification", host="compute-2"), *run.all("alarm", host="compute-2"))
    assert [violation.message for violation in verdict_on(run, "each_compute_is_maintained_once").violations] == [
        "compute-2 was IN_MAINTENANCE 0 times; due: once",
        "compute-2 was MAINTENANCE_COMPLETE 0 times; due: once",
    ]


@cases.violates(
    "each_compute_is_maintained_once",
    says="the work on compute-2 started 0 times; due: once",
)
def the_work_is_never_started(run: HistoryBuilder) -> None:
    run.drop(run.one("host.work", host="compute-2", phase="started"))


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)
