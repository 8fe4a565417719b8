"""Claims about the states of computes, and the servers on them."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import Outcome
from tests.support.claims import Case, ClaimCases, assert_holds, assert_not_applicable, assert_violated, verdict_on
from tests.support.fenix_runs import vnf_workflow
from tests.support.history_builder import ADMIN, HistoryBuilder

cases = ClaimCases()


# -- computes_are_empty_in_maintenance ---------------------------------------------------------------------------------


@cases.violates("computes_are_empty_in_maintenance")
def a_server_is_made_on_a_compute_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-3")).boot("app_9", "compute-3")


@cases.violates("computes_are_empty_in_maintenance")
def a_migration_is_not_confirmed(run: HistoryBuilder) -> None:
    run.drop(run.one("server", name="ha_0", action="confirmResize"))


@cases.keeps("computes_are_empty_in_maintenance")
def a_server_is_deleted_right_before_the_maintenance(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="IN_MAINTENANCE")).boot("app_9", "compute-3")
    run.delete("app_9")


@cases.violates("computes_are_empty_in_maintenance")
def a_server_is_deleted_right_after_the_maintenance_began(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="IN_MAINTENANCE")).boot("app_9", "compute-3")
    run.after(run.one("notification", state="IN_MAINTENANCE")).delete("app_9")


@cases.violates("computes_are_empty_in_maintenance")
def a_server_is_made_right_before_the_maintenance_ends(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3")).server("app_9", "compute-3")


@cases.keeps("computes_are_empty_in_maintenance")
def a_server_is_made_right_after_the_maintenance_ended(run: HistoryBuilder) -> None:
    run.after(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3")).server("app_9", "compute-3")


@cases.keeps("computes_are_empty_in_maintenance")
def a_deleted_server_keeps_its_host(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="IN_MAINTENANCE"))
    run.server("app_9", "compute-3", "SOFT_DELETED", action="delete")


def fail_in_maintenance_of_compute_3(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-3")).fail()


@cases.violates("computes_are_empty_in_maintenance")
def a_server_is_made_before_the_session_fails_in_maintenance(run: HistoryBuilder) -> None:
    fail_in_maintenance_of_compute_3(run)
    run.before(run.one("session.state", state="MAINTENANCE_FAILED")).server("app_9", "compute-3")


@cases.keeps("computes_are_empty_in_maintenance")
def a_server_is_made_after_the_session_failed_in_maintenance(run: HistoryBuilder) -> None:
    fail_in_maintenance_of_compute_3(run)
    run.after(run.one("session.state", state="MAINTENANCE_FAILED")).server("app_9", "compute-3")


@cases.violates("computes_are_empty_in_maintenance")
def a_maintenance_that_does_not_end_lasts_until_the_end_of_the_run(run: HistoryBuilder) -> None:
    run.drop(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-2"))


def test_a_server_that_is_on_a_compute_in_several_states_is_reported_once(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-3")).server("app_9", "compute-3", "BUILD")
    run.server("app_9", "compute-3")
    assert len(verdict_on(run, "computes_are_empty_in_maintenance").violations) == 1


# -- computes_are_disabled_for_maintenance -----------------------------------------------------------------------------


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


@cases.violates("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_right_after_the_first_one_went_into_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("notification", state="IN_MAINTENANCE")).compute("compute-2")
    run.compute("compute-2", "disabled")


@cases.keeps("computes_are_disabled_for_maintenance")
def a_compute_is_disabled_right_before_the_first_one_goes_into_maintenance(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="IN_MAINTENANCE")).compute("compute-2")
    run.compute("compute-2", "disabled")


@cases.keeps("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_right_after_it_came_back(run: HistoryBuilder) -> None:
    back = run.one("compute", 1, host="compute-3", status="enabled")
    assert run.number(back) > run.number(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3"))


@cases.violates("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_right_before_it_comes_back(run: HistoryBuilder) -> None:
    back = run.one("compute", 1, host="compute-3", status="enabled")
    run.drop(back).before(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3"))
    run.compute("compute-3")


@cases.keeps("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_right_before_the_project_agrees(run: HistoryBuilder) -> None:
    back = run.one("compute", 1, host="compute-3", status="enabled")
    run.drop(back).before(run.one("reply", state="ACK_PLANNED_MAINTENANCE")).compute("compute-3")


@cases.violates("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_right_after_the_project_agreed(run: HistoryBuilder) -> None:
    back = run.one("compute", 1, host="compute-3", status="enabled")
    run.drop(back).after(run.one("reply", state="ACK_PLANNED_MAINTENANCE")).compute("compute-3")


@cases.violates("computes_are_disabled_for_maintenance")
def the_last_compute_is_enabled_after_the_projects_were_notified(run: HistoryBuilder) -> None:
    back = run.one("compute", 1, host="compute-2", status="enabled")
    complete = run.one("notification", state="MAINTENANCE_COMPLETE", event_type="maintenance.scheduled")
    run.drop(back).after(complete).compute("compute-2")


def enable_after_the_next_agreement(run: HistoryBuilder, seconds: float) -> None:
    """In the vnf workflow compute-3 comes back at 90 s; a project agrees so many seconds later."""
    back = run.one("compute", 1, host="compute-3", status="enabled")
    first, *others = run.all("reply", state="ACK_PLANNED_MAINTENANCE")
    run.drop(back, *others[:2])
    first.at = 90 + seconds
    run.after(first).compute("compute-3")


@cases.keeps("computes_are_disabled_for_maintenance", base=vnf_workflow)
def the_project_agrees_while_the_compute_may_still_be_enabled(run: HistoryBuilder) -> None:
    enable_after_the_next_agreement(run, 4.999)


@cases.violates("computes_are_disabled_for_maintenance", base=vnf_workflow)
def the_project_agrees_when_the_compute_must_be_enabled(run: HistoryBuilder) -> None:
    enable_after_the_next_agreement(run, 5)


@cases.keeps("computes_are_disabled_for_maintenance")
def a_session_that_failed_enables_all_computes(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-3")).fail()
    for host in ("compute-1", "compute-2", "compute-3"):
        run.before(run.one("session.state", state="MAINTENANCE_FAILED")).compute(host)


@cases.violates("computes_are_disabled_for_maintenance")
def a_session_that_failed_went_on_after_it_enabled_a_compute(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-3")).fail()
    run.before(run.one("session.state", state="MAINTENANCE_FAILED")).compute("compute-2")
    run.message("PLANNED_MAINTENANCE")


@cases.leaves_nothing("computes_are_disabled_for_maintenance", says="no compute went into maintenance")
def a_session_that_maintains_nothing(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="IN_MAINTENANCE")).fail()


@cases.keeps("computes_are_disabled_for_maintenance")
def a_compute_whose_states_are_not_known(run: HistoryBuilder) -> None:
    run.drop(*run.all("compute", host="compute-2"))


@cases.violates("computes_are_disabled_for_maintenance")
def a_compute_that_does_not_come_back_is_enabled_in_the_end(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-2"))
    run.drop(run.one("compute", 1, host="compute-2", status="enabled"))
    run.before(run.one("run.ended")).compute("compute-2")


@pytest.mark.parametrize(
    ("seconds", "time_to_enable_s", "outcome"),
    [(2, 2, Outcome.VIOLATED), (2, 2.001, Outcome.HOLDS), (60, 60, Outcome.VIOLATED), (0.001, 0, Outcome.VIOLATED)],
)
def test_the_time_to_enable_nova_compute_is_a_parameter(
    vnf_run: HistoryBuilder, seconds: float, time_to_enable_s: float, outcome: Outcome
) -> None:
    enable_after_the_next_agreement(vnf_run, seconds)
    verdict = verdict_on(vnf_run, "computes_are_disabled_for_maintenance", time_to_enable_s=time_to_enable_s)
    assert verdict.outcome is outcome


def test_the_sample_has_no_time_to_enable_nova_compute(run: HistoryBuilder) -> None:
    a_compute_is_enabled_right_after_the_project_agreed(run)
    assert_violated(run, "computes_are_disabled_for_maintenance", time_to_enable_s=60)


def test_a_compute_that_is_enabled_again_and_again_is_reported_once(run: HistoryBuilder) -> None:
    run.after(run.one("notification", state="IN_MAINTENANCE"))
    for status in ("enabled", "disabled", "enabled", "disabled"):
        run.compute("compute-2", status)
    assert len(verdict_on(run, "computes_are_disabled_for_maintenance").violations) == 1


# -- planned_moves_go_to_maintained_computes ---------------------------------------------------------------------------


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


@cases.keeps("planned_moves_go_to_maintained_computes")
def a_move_to_a_compute_that_came_back_right_before(run: HistoryBuilder) -> None:
    complete = run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3")
    run.drop_with_effects(complete).before(run.one("server", name="ha_0", status="RESIZE"))
    run.host_message("compute-3", "MAINTENANCE_COMPLETE")


@cases.violates("planned_moves_go_to_maintained_computes")
def a_move_to_a_compute_that_came_back_right_after_the_move_began(run: HistoryBuilder) -> None:
    complete = run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3")
    run.drop_with_effects(complete).after(run.one("server", name="ha_0", status="RESIZE"))
    run.host_message("compute-3", "MAINTENANCE_COMPLETE")


@cases.keeps("planned_moves_go_to_maintained_computes")
def a_planned_move_that_failed(run: HistoryBuilder) -> None:
    complete = run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3")
    run.drop_with_effects(complete).before(run.one("notification", 1, state="PLANNED_MAINTENANCE"))
    run.host_message("compute-3", "MAINTENANCE_COMPLETE")
    for name in ("ha_0", "app_3"):
        for draft in run.all("server", name=name, host="compute-3"):
            if draft.at > 106:
                draft.data.update(host="compute-1", held_on=["compute-1"])


def test_only_planned_moves_count(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="MAINTENANCE"))
    run.server("app_1", "compute-2", "MIGRATING", action="os-migrateLive", by=ADMIN, task="migrating")
    run.server("app_1", "compute-3", action="os-migrateLive", by=ADMIN)
    assert verdict_on(run, "planned_moves_go_to_maintained_computes").figures == {"moves": 4}
    assert_holds(run, "planned_moves_go_to_maintained_computes")


# -- services_are_back_in_the_end --------------------------------------------------------------------------------------


@cases.violates("services_are_back_in_the_end")
def left_disabled(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).compute("compute-1", "disabled")


@cases.violates("services_are_back_in_the_end")
def left_down(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).compute("compute-1", state="down", forced=True)


def end_with(run: HistoryBuilder, status: str = "enabled", state: str = "up", forced: bool = False) -> None:
    run.before(run.one("run.ended")).compute("compute-1", status, state, forced=forced)


@cases.violates("services_are_back_in_the_end")
def down_and_not_forced_down(run: HistoryBuilder) -> None:
    end_with(run, state="down")


@cases.violates("services_are_back_in_the_end")
def forced_down_and_not_yet_down(run: HistoryBuilder) -> None:
    end_with(run, forced=True)


@cases.keeps("services_are_back_in_the_end")
def down_because_of_a_fault(run: HistoryBuilder) -> None:
    end_with(run, state="down", forced=True)
    run.fault("compute-1")


@cases.violates("services_are_back_in_the_end")
def disabled_and_down_because_of_a_fault(run: HistoryBuilder) -> None:
    end_with(run, "disabled", "down")
    run.fault("compute-1")


@cases.violates("services_are_back_in_the_end")
def down_after_a_fault_that_ended(run: HistoryBuilder) -> None:
    end_with(run, state="down")
    run.fault("compute-1")
    run.fault("compute-1", "ended")


@cases.violates("services_are_back_in_the_end")
def down_without_the_fault_of_another_compute(run: HistoryBuilder) -> None:
    end_with(run, state="down")
    run.fault("compute-2")


@cases.violates(
    "services_are_back_in_the_end",
    says="nova-compute on compute-1 is disabled and down and forced down in the end; due: enabled and up",
)
def all_that_is_wrong_is_said(run: HistoryBuilder) -> None:
    end_with(run, "disabled", "down", forced=True)


@cases.violates("services_are_back_in_the_end", says="nova-compute on compute-1 is disabled in the end; due: enabled")
def what_is_wrong_in_spite_of_a_fault_is_said(run: HistoryBuilder) -> None:
    disabled_and_down_because_of_a_fault(run)


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.idle, ids=str)
def test_the_claim_is_not_applicable(case: Case) -> None:
    assert_not_applicable(case.run(), case.claim, case.says)
