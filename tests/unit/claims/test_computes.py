"""Claims about computes."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, HistoryBuilder, assert_holds, assert_violated

cases = ClaimCases()


@cases.violates("at_least_three_computes")
def two_computes(run: HistoryBuilder) -> None:
    del run.one("run.started").data["computes"][2]


@cases.violates("at_least_three_computes")
def only_two_computes_are_there(run: HistoryBuilder) -> None:
    run.drop(*run.all("compute", host="compute-3"))


@cases.violates("computes_are_disabled_for_maintenance")
def a_compute_is_not_disabled(run: HistoryBuilder) -> None:
    run.drop(run.one("compute", host="compute-2", status="disabled"))


@cases.violates("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_too_early(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-1")).compute("compute-1")


@cases.violates("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_too_late(run: HistoryBuilder) -> None:
    back = run.one("compute", 1, host="compute-3", status="enabled")
    run.drop(back).after(run.one("host.work", host="compute-1")).compute("compute-3")


@cases.violates("computes_are_disabled_for_maintenance")
def a_compute_is_not_enabled_again(run: HistoryBuilder) -> None:
    run.drop(run.one("compute", 1, host="compute-2", status="enabled"))


@cases.violates("computes_are_empty_in_maintenance")
def a_server_is_made_on_a_compute_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-3")).boot("app_9", "compute-3")


@cases.violates("computes_are_empty_in_maintenance")
def a_migration_is_not_confirmed(run: HistoryBuilder) -> None:
    run.drop(run.one("server", name="ha_0", action="confirmResize"))


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


@cases.violates("planned_moves_go_to_maintained_computes")
def a_move_to_a_compute_still_to_be_maintained(run: HistoryBuilder) -> None:
    for draft in run.all("server", name="app_3", host="compute-3"):
        if draft.at > run.one("notification", state="PLANNED_MAINTENANCE").at:
            draft.data["host"] = "compute-2"
            draft.data["held_on"] = [draft.data["host"] if h == "compute-3" else h for h in draft.data["held_on"]]


@cases.violates("planned_moves_go_to_maintained_computes")
def a_move_to_a_compute_that_is_being_maintained(run: HistoryBuilder) -> None:
    complete = run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3")
    run.drop_with_effects(complete).after(run.one("server", name="ha_0", action="confirmResize"))
    run.host_message("compute-3", "MAINTENANCE_COMPLETE")


@cases.violates("services_are_back_in_the_end")
def left_disabled(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).compute("compute-1", "disabled")


@cases.violates("services_are_back_in_the_end")
def left_down(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).compute("compute-1", state="down", forced=True)


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)
