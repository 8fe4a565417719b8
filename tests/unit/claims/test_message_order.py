"""The claim that the messages of a session come in the order of the protocol."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, assert_holds, assert_violated, verdict_on
from tests.support.fenix_runs import default_workflow
from tests.support.history_builder import OTHER_PROJECT, SESSION, HistoryBuilder

cases = ClaimCases()


# -- messages_in_order -------------------------------------------------------------------------------------------------


@cases.violates("messages_in_order")
def maintenance_is_not_announced(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="MAINTENANCE"))


@cases.violates("messages_in_order")
def scaling_down_after_preparing(run: HistoryBuilder) -> None:
    run.after(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).message("DOWN_SCALE")


@cases.violates("messages_in_order")
def done_before_anything_was_asked(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE")).action_done("app_3")


@cases.violates("messages_in_order")
def never_complete(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.all("notification", state="MAINTENANCE_COMPLETE")[-1])


@cases.violates("messages_in_order")
def work_after_complete(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).host_message("compute-1", "IN_MAINTENANCE")


@cases.violates("messages_in_order")
def a_compute_comes_back_that_was_not_away(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="IN_MAINTENANCE"))


@cases.violates("messages_in_order")
def a_compute_does_not_come_back(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="MAINTENANCE_COMPLETE"))


@cases.violates("messages_in_order")
def a_compute_that_nobody_named(run: HistoryBuilder) -> None:
    run.before(run.one("notification", 1, state="PLANNED_MAINTENANCE")).host_message("compute-9", "IN_MAINTENANCE")


@cases.violates("messages_in_order")
def going_on_after_a_nack(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PLANNED_MAINTENANCE").data["state"] = "NACK_PLANNED_MAINTENANCE"


@cases.violates("messages_in_order")
def going_on_after_failing(run: HistoryBuilder) -> None:
    run.after(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).session_state("MAINTENANCE_FAILED")


@cases.keeps("messages_in_order")
def no_scaling_down(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="DOWN_SCALE"))


@cases.keeps("messages_in_order")
def no_preparation(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="PREPARE_MAINTENANCE"))
    run.drop_with_effects(run.one("notification", state="ADMIN_ACTION_DONE"))


@cases.keeps("messages_in_order")
def preparing_twice(run: HistoryBuilder) -> None:
    run.after(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).message("PREPARE_MAINTENANCE")


@cases.violates("messages_in_order")
def preparing_after_planning(run: HistoryBuilder) -> None:
    run.after(run.one("reply", state="ACK_PLANNED_MAINTENANCE")).message("PREPARE_MAINTENANCE")


@cases.violates("messages_in_order")
def the_sample_scales_down_twice(run: HistoryBuilder) -> None:
    run.before(run.one("server", name="app_2", status="DELETED")).message("DOWN_SCALE")


@cases.violates("messages_in_order")
def announcing_twice(run: HistoryBuilder) -> None:
    run.after(run.one("reply", state="ACK_MAINTENANCE")).message("MAINTENANCE")


@cases.violates("messages_in_order")
def a_project_gets_an_unknown_step(run: HistoryBuilder) -> None:
    run.after(run.one("reply", state="ACK_MAINTENANCE")).message("SOMETHING")


@cases.violates("messages_in_order")
def a_project_gets_a_step_for_computes(run: HistoryBuilder) -> None:
    run.after(run.one("reply", state="ACK_PLANNED_MAINTENANCE")).message("IN_MAINTENANCE")


@cases.violates(
    "messages_in_order",
    says="PLANNED_MAINTENANCE of compute-1 was sent; allowed: IN_MAINTENANCE and MAINTENANCE_COMPLETE",
)
def a_compute_gets_a_step_for_projects(run: HistoryBuilder) -> None:
    run.before(run.one("notification", 1, state="PLANNED_MAINTENANCE")).host_message("compute-1", "PLANNED_MAINTENANCE")


@cases.violates("messages_in_order")
def a_compute_goes_into_maintenance_twice(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-1")).host_message("compute-1", "IN_MAINTENANCE")


@cases.keeps("messages_in_order")
def a_compute_goes_into_maintenance_again(run: HistoryBuilder) -> None:
    run.before(run.one("notification", 1, state="PLANNED_MAINTENANCE")).maintain("compute-1")


@cases.violates("messages_in_order")
def a_message_of_a_session_that_was_never_created(run: HistoryBuilder) -> None:
    run.after(run.one("session.created")).message("MAINTENANCE", session="session-9")


@cases.violates("messages_in_order")
def a_message_about_a_compute_of_a_session_that_was_never_created(run: HistoryBuilder) -> None:
    run.after(run.one("session.created")).host_message("compute-1", "IN_MAINTENANCE", "session-9")


@cases.keeps("messages_in_order")
def maintenance_complete_goes_to_the_projects_one_after_the_other(run: HistoryBuilder) -> None:
    run.after(run.one("notification", state="MAINTENANCE")).message("MAINTENANCE", project=OTHER_PROJECT)
    run.after(run.one("reply", state="ACK_MAINTENANCE_COMPLETE"))
    run.message("MAINTENANCE_COMPLETE", project=OTHER_PROJECT)


@cases.keeps("messages_in_order")
def a_compute_comes_back_right_after_the_projects_are_notified(run: HistoryBuilder) -> None:
    back = run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-2")
    run.drop_with_effects(back).before(run.one("reply", state="ACK_MAINTENANCE_COMPLETE"))
    run.host_message("compute-2", "MAINTENANCE_COMPLETE")


@cases.violates("messages_in_order")
def a_move_is_reported_after_complete(run: HistoryBuilder) -> None:
    run.before(run.one("session.state", state="MAINTENANCE_DONE")).action_done("app_1")


def stop_in_maintenance_of_compute_3(run: HistoryBuilder) -> None:
    """The session fails while compute-3 is in maintenance."""
    run.after(run.one("host.work", host="compute-3")).fail()


@cases.keeps("messages_in_order")
def a_failed_session_leaves_a_compute_in_maintenance(run: HistoryBuilder) -> None:
    stop_in_maintenance_of_compute_3(run)


@cases.keeps("messages_in_order")
def a_failed_session_reports_a_compute_back(run: HistoryBuilder) -> None:
    stop_in_maintenance_of_compute_3(run)
    run.host_message("compute-3", "MAINTENANCE_COMPLETE")


@cases.violates("messages_in_order")
def a_failed_session_still_notifies_a_project(run: HistoryBuilder) -> None:
    stop_in_maintenance_of_compute_3(run)
    run.message("MAINTENANCE_COMPLETE")


@cases.keeps("messages_in_order")
def a_message_right_before_the_nack(run: HistoryBuilder) -> None:
    message = run.after(run.one("host.work", host="compute-3")).message("PLANNED_MAINTENANCE")
    run.fail()
    run.before(run.one("session.state", state="MAINTENANCE_FAILED")).reply(message, "NACK_PLANNED_MAINTENANCE")


@cases.violates("messages_in_order")
def a_message_after_the_session_was_deleted(run: HistoryBuilder) -> None:
    deleted = run.one("session.deleted")
    run.drop(deleted).before(run.one("notification", 1, state="PLANNED_MAINTENANCE"))
    run.log("admin", "session.deleted", session_id=SESSION)


@cases.violates(
    "messages_in_order",
    says="IN_MAINTENANCE of compute-9 was sent; allowed: compute-1, compute-2, compute-3",
)
def a_compute_that_is_not_in_the_session_is_maintained(run: HistoryBuilder) -> None:
    run.before(run.one("notification", 1, state="PLANNED_MAINTENANCE")).maintain("compute-9")


@cases.violates(
    "messages_in_order",
    says="IN_MAINTENANCE was sent after doctor got MAINTENANCE_COMPLETE; allowed: nothing else after it",
)
def a_compute_is_maintained_after_complete(run: HistoryBuilder) -> None:
    run.before(run.one("session.state", state="MAINTENANCE_DONE")).maintain("compute-1")


@cases.keeps("messages_in_order", base=default_workflow)
def fenix_goes_on_although_nothing_was_scaled_down(run: HistoryBuilder) -> None:
    run.drop(*run.all("server", status="DELETED"))


@cases.keeps("messages_in_order")
def a_session_that_is_not_deleted(run: HistoryBuilder) -> None:
    run.drop(run.one("session.deleted"))


@cases.violates("messages_in_order", says="doctor got PLANNED_MAINTENANCE first; allowed: MAINTENANCE")
def planning_first(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="MAINTENANCE")).message("PLANNED_MAINTENANCE")


@cases.violates("messages_in_order", says="doctor got PLANNED_MAINTENANCE after MAINTENANCE_COMPLETE; allowed: nothing")
def planning_last(run: HistoryBuilder) -> None:
    run.before(run.one("session.state", state="MAINTENANCE_DONE")).message("PLANNED_MAINTENANCE")


def test_the_step_before_is_shown(run: HistoryBuilder) -> None:
    preparing_after_planning(run)
    first = verdict_on(run, "messages_in_order").violations[0]
    assert first.message == (
        "doctor got PREPARE_MAINTENANCE after PLANNED_MAINTENANCE; allowed: PLANNED_MAINTENANCE or ADMIN_ACTION_DONE "
        "or MAINTENANCE_COMPLETE"
    )
    planned = run.one("notification", state="PLANNED_MAINTENANCE")
    assert first.events == (run.number(planned), run.number(run.one("notification", 1, state="PREPARE_MAINTENANCE")))


def test_a_message_after_a_nack_and_a_failure_is_reported_once(run: HistoryBuilder) -> None:
    message = run.after(run.one("host.work", host="compute-3")).message("PLANNED_MAINTENANCE")
    run.fail()
    run.before(run.one("session.state", state="MAINTENANCE_FAILED")).reply(message, "NACK_PLANNED_MAINTENANCE")
    run.after(run.one("session.state", state="MAINTENANCE_FAILED")).message("PLANNED_MAINTENANCE")
    assert [violation.message for violation in verdict_on(run, "messages_in_order").violations] == [
        "PLANNED_MAINTENANCE was sent after doctor answered NACK_PLANNED_MAINTENANCE; allowed: MAINTENANCE_COMPLETE of "
        "computes"
    ]


def test_a_message_after_two_projects_got_complete_is_reported_once(run: HistoryBuilder) -> None:
    maintenance_complete_goes_to_the_projects_one_after_the_other(run)
    run.maintain("compute-1")
    assert [violation.message for violation in verdict_on(run, "messages_in_order").violations] == [
        "IN_MAINTENANCE was sent after doctor got MAINTENANCE_COMPLETE; allowed: nothing else after it"
    ]


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)
