"""Claims about the Inspector: it gets messages about computes, and handles each failure outside maintenance once."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, assert_holds, assert_violated, verdict_on
from tests.support.history_builder import ADMIN, HistoryBuilder
from tests.support.inspector_events import act

cases = ClaimCases()


# -- inspector_hears_of_maintenance ------------------------------------------------------------------------------------


@cases.violates("inspector_hears_of_maintenance")
def the_inspector_hears_nothing(run: HistoryBuilder) -> None:
    run.drop(*[draft for draft in run.all("alarm") if draft.actor == "inspector"])


@cases.violates("inspector_hears_of_maintenance")
def the_inspector_does_not_hear_of_the_return(run: HistoryBuilder) -> None:
    run.drop(run.one("alarm", state="MAINTENANCE_COMPLETE"))


@cases.violates("inspector_hears_of_maintenance")
def an_inspector_elsewhere_refuses_a_message(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", event_type="maintenance.host")
    run.after(alarm).log(alarm.actor, "alarm.refused", cause=alarm, status=500, error="no")


@cases.violates("inspector_hears_of_maintenance")
def the_inspector_hears_twice(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", state="IN_MAINTENANCE")
    run.after(alarm).log("inspector", "alarm", cause=alarm.cause, **alarm.data)


@cases.violates("inspector_hears_of_maintenance")
def the_inspector_hears_in_the_wrong_order(run: HistoryBuilder) -> None:
    entered = run.one("alarm", state="IN_MAINTENANCE")
    run.drop(entered).after(run.one("alarm", state="MAINTENANCE_COMPLETE"))
    run.log("inspector", "alarm", cause=entered.cause, **entered.data)


@cases.violates("inspector_hears_of_maintenance")
def the_inspector_hears_once_of_what_was_sent_twice(run: HistoryBuilder) -> None:
    message = run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3")
    run.after(message).log("admin_tool", "notification", **message.data)


@cases.violates("inspector_hears_of_maintenance")
def a_compute_goes_into_maintenance_twice_in_a_row(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-3")).host_message("compute-3", "IN_MAINTENANCE")


@cases.keeps("inspector_hears_of_maintenance")
def a_compute_goes_into_maintenance_again(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="PLANNED_MAINTENANCE")).maintain("compute-3")


@cases.violates("inspector_hears_of_maintenance")
def a_compute_comes_back_that_was_not_away(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="IN_MAINTENANCE")).host_message("compute-3", "MAINTENANCE_COMPLETE")


@cases.violates("inspector_hears_of_maintenance")
def a_compute_does_not_come_back(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-2"))


@cases.keeps("inspector_hears_of_maintenance")
def a_compute_does_not_come_back_because_the_session_failed(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-3")).fail()


@cases.keeps("inspector_hears_of_maintenance")
def messages_that_can_be_seen_only_where_they_arrive(run: HistoryBuilder) -> None:
    run.drop(*run.all("notification", event_type="maintenance.host"))


@cases.keeps("inspector_hears_of_maintenance")
def another_subscriber_hears_too(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", state="IN_MAINTENANCE")
    run.after(alarm).log("witness", "alarm", cause=alarm.cause, **alarm.data)


@cases.keeps("inspector_hears_of_maintenance")
def a_compute_does_not_come_back_because_one_of_two_sessions_failed(run: HistoryBuilder) -> None:
    a_compute_does_not_come_back(run)
    created = run.one("session.created")
    run.after(created).log("admin_tool", "session.created", **{**created.data, "session_id": "session-2"})
    run.log("admin_tool", "session.state", session_id="session-2", state="MAINTENANCE_FAILED")


# -- inspector_keeps_still_in_maintenance ------------------------------------------------------------------------------


@cases.violates("inspector_keeps_still_in_maintenance")
def forced_down_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-1")).compute("compute-1", "disabled", "down", forced=True)


@cases.violates("inspector_keeps_still_in_maintenance")
def the_inspector_acts_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-1"))
    run.log("inspector", "fault_management", host="compute-1", action="force_down", server_id=None)


@cases.violates("inspector_keeps_still_in_maintenance")
def a_server_is_reset_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-1"))
    run.server("app_9", "compute-1", "ERROR", action="os-resetState", by="admin-project")


@cases.keeps("inspector_keeps_still_in_maintenance")
def the_inspector_acts_right_before_the_maintenance(run: HistoryBuilder) -> None:
    act(run.before(run.one("alarm", state="IN_MAINTENANCE", host="compute-3")))


@cases.violates("inspector_keeps_still_in_maintenance")
def the_inspector_acts_right_after_the_maintenance_began(run: HistoryBuilder) -> None:
    act(run.after(run.one("alarm", state="IN_MAINTENANCE", host="compute-3")))


@cases.violates("inspector_keeps_still_in_maintenance")
def the_inspector_acts_right_before_the_maintenance_ends(run: HistoryBuilder) -> None:
    act(run.before(run.one("alarm", state="MAINTENANCE_COMPLETE", host="compute-3")))


@cases.keeps("inspector_keeps_still_in_maintenance")
def the_inspector_acts_right_after_the_maintenance_ended(run: HistoryBuilder) -> None:
    act(run.after(run.one("alarm", state="MAINTENANCE_COMPLETE", host="compute-3")))


@cases.violates("inspector_keeps_still_in_maintenance")
def the_inspector_resets_in_maintenance(run: HistoryBuilder) -> None:
    act(run.after(run.one("host.work", host="compute-3")), "reset_state")


@cases.keeps("inspector_keeps_still_in_maintenance")
def the_inspector_ignores_a_report_in_maintenance(run: HistoryBuilder) -> None:
    act(run.after(run.one("host.work", host="compute-3")), "suppressed")


@cases.keeps("inspector_keeps_still_in_maintenance")
def the_inspector_acts_on_another_compute(run: HistoryBuilder) -> None:
    act(run.after(run.one("host.work", host="compute-3")), host="compute-1")


@cases.keeps("inspector_keeps_still_in_maintenance")
def a_server_elsewhere_is_reset(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-1"))
    run.server("app_9", "compute-2", "ERROR", action="os-resetState", by=ADMIN)


@cases.keeps("inspector_keeps_still_in_maintenance")
def a_compute_that_was_forced_down_before_is_maintained(run: HistoryBuilder) -> None:
    run.before(run.one("alarm", state="IN_MAINTENANCE", host="compute-3"))
    run.compute("compute-3", "disabled", "down", forced=True)


@cases.keeps("inspector_keeps_still_in_maintenance")
def a_compute_that_was_forced_down_before_comes_up_in_maintenance(run: HistoryBuilder) -> None:
    a_compute_that_was_forced_down_before_is_maintained(run)
    run.after(run.one("host.work", host="compute-3")).compute("compute-3", "disabled")


@cases.violates("inspector_keeps_still_in_maintenance")
def a_maintenance_that_does_not_end_lasts_until_the_end_of_the_run(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-2"))
    act(run.before(run.one("run.ended")), host="compute-2")


@cases.keeps("inspector_keeps_still_in_maintenance")
def a_compute_in_maintenance_whose_states_are_not_known(run: HistoryBuilder) -> None:
    run.drop(*run.all("compute", host="compute-3"))


@cases.keeps("inspector_keeps_still_in_maintenance")
def a_server_is_made_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-1")).server("app_9", "compute-1")


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


def test_the_refusal_of_a_message_is_shown(run: HistoryBuilder) -> None:
    an_inspector_elsewhere_refuses_a_message(run)
    violation = verdict_on(run, "inspector_hears_of_maintenance").violations[0]
    assert violation.message == "IN_MAINTENANCE of compute-3 reached the Inspector 0 times; allowed: once"
    assert run.number(run.one("alarm.refused")) in violation.events
