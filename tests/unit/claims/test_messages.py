"""Claims about messages: their form, their way and their order."""

from __future__ import annotations

import pytest

from tests.support.claims import (
    OTHER_PROJECT,
    PROJECT,
    SESSION,
    Case,
    ClaimCases,
    HistoryBuilder,
    assert_holds,
    assert_violated,
    verdict_on,
)
from tests.support.fenix_runs import default_workflow

cases = ClaimCases()


# -- messages_are_well_formed ------------------------------------------------------------------------------------------


@cases.violates("messages_are_well_formed")
def a_host_message_carries_the_projects_name(run: HistoryBuilder) -> None:
    run.one("notification", state="IN_MAINTENANCE").data["project_id"] = "admin"


@cases.violates("messages_are_well_formed")
def a_message_without_reply_url(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["reply_url"] = ""


@cases.violates("messages_are_well_formed")
def a_message_without_allowed_actions(run: HistoryBuilder) -> None:
    run.one("notification", state="PLANNED_MAINTENANCE").data["allowed_actions"] = []


@cases.violates("messages_are_well_formed")
def a_list_that_aodh_would_cut_off(run: HistoryBuilder) -> None:
    run.one("notification", state="PLANNED_MAINTENANCE").data["instance_ids"] = ["i" * 36] * 8


@cases.violates("messages_are_well_formed")
def a_message_without_actions_at(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["actions_at"] = None


@cases.violates("messages_are_well_formed")
def a_reply_url_that_is_not_http(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["reply_url"] = "ftp://admin_tool/maintenance"


@cases.keeps("messages_are_well_formed")
def a_reply_url_with_tls(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["reply_url"] = "https://admin_tool/maintenance"


@cases.violates("messages_are_well_formed")
def a_trait_of_256_characters(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["reply_url"] = "http://admin_tool/".ljust(256, "x")


@cases.keeps("messages_are_well_formed")
def a_trait_of_255_characters(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["reply_url"] = "http://admin_tool/".ljust(255, "x")


@cases.violates("messages_are_well_formed")
def a_dict_of_256_characters(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["metadata"] = {"a": "x" * 247}


@cases.keeps("messages_are_well_formed")
def a_dict_of_255_characters(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["metadata"] = {"a": "x" * 246}


@cases.violates("messages_are_well_formed")
def a_list_of_256_characters(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["instance_ids"] = ["x" * 252]


@cases.keeps("messages_are_well_formed")
def a_list_of_255_characters(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["instance_ids"] = ["x" * 251]


@cases.violates("messages_are_well_formed")
def a_host_name_of_256_characters(run: HistoryBuilder) -> None:
    run.one("notification", state="IN_MAINTENANCE").data["host"] = "c" * 256


@cases.keeps("messages_are_well_formed")
def a_host_name_of_255_characters(run: HistoryBuilder) -> None:
    run.one("notification", state="IN_MAINTENANCE").data["host"] = "c" * 255


@cases.violates("messages_are_well_formed")
def a_message_of_no_step(run: HistoryBuilder) -> None:
    run.one("notification", state="ADMIN_ACTION_DONE").data["state"] = "ALL_DONE"


@cases.violates("messages_are_well_formed")
def a_message_that_names_no_instance(run: HistoryBuilder) -> None:
    run.one("notification", state="PLANNED_MAINTENANCE").data["instance_ids"] = []


@cases.keeps("messages_are_well_formed")
def a_message_that_names_one_instance(run: HistoryBuilder) -> None:
    run.one("notification", state="PLANNED_MAINTENANCE").data["instance_ids"] = ["id-ha_0"]


@cases.keeps("messages_are_well_formed")
def a_list_that_was_sent_as_text(run: HistoryBuilder) -> None:
    run.one("notification", state="PLANNED_MAINTENANCE").data["instance_ids"] = "['id-ha_0']"


@cases.violates("messages_are_well_formed")
def a_list_that_was_cut_off(run: HistoryBuilder) -> None:
    run.one("notification", state="PLANNED_MAINTENANCE").data["instance_ids"] = "['id-ha_0', 'id-a"


@cases.violates("messages_are_well_formed")
def an_action_that_is_not_in_the_protocol(run: HistoryBuilder) -> None:
    run.one("notification", state="PREPARE_MAINTENANCE").data["allowed_actions"] = ["MIGRATE", "EVACUATE"]


@cases.keeps("messages_are_well_formed")
def one_allowed_action(run: HistoryBuilder) -> None:
    run.one("notification", state="PREPARE_MAINTENANCE").data["allowed_actions"] = ["OWN_ACTION"]


@cases.keeps("messages_are_well_formed")
def the_sample_need_not_send_reply_at(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["reply_at"] = None


@cases.keeps("messages_are_well_formed")
def the_sample_may_report_two_moves_at_once(run: HistoryBuilder) -> None:
    run.one("notification", state="ADMIN_ACTION_DONE").data["instance_ids"] = ["id-app_3", "id-ha_0"]


@cases.violates("messages_are_well_formed", base=default_workflow)
def fenix_reports_two_moves_at_once(run: HistoryBuilder) -> None:
    run.one("notification", state="INSTANCE_ACTION_DONE").data["instance_ids"] = ["id-app_3", "id-ha_0"]


@cases.keeps("messages_are_well_formed", base=default_workflow)
def fenix_may_write_about_two_instances_in_its_default_workflow(run: HistoryBuilder) -> None:
    run.one("notification", state="PLANNED_MAINTENANCE").data["instance_ids"] = ["id-app_3", "id-ha_0"]


@cases.violates(
    "messages_are_well_formed",
    says="PREPARE_MAINTENANCE to doctor has the allowed_actions none; allowed: one or more of "
    "MIGRATE, LIVE_MIGRATE, OWN_ACTION",
)
def a_message_that_allows_no_action(run: HistoryBuilder) -> None:
    run.one("notification", state="PREPARE_MAINTENANCE").data["allowed_actions"] = []


@cases.violates(
    "messages_are_well_formed",
    says="ALL_SCALED to doctor has no known state; allowed: MAINTENANCE, DOWN_SCALE, PREPARE_MAINTENANCE, "
    "ADMIN_ACTION_DONE, IN_MAINTENANCE, PLANNED_MAINTENANCE, MAINTENANCE_COMPLETE",
)
def a_word_that_is_no_step(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data["state"] = "ALL_SCALED"


# -- messages_reach_their_project --------------------------------------------------------------------------------------


@cases.violates("messages_reach_their_project")
def a_message_does_not_arrive(run: HistoryBuilder) -> None:
    run.drop(run.one("alarm", state="DOWN_SCALE"))


@cases.violates("messages_reach_their_project")
def a_message_is_refused_by_an_app_manager_elsewhere(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", event_type="maintenance.scheduled")
    run.after(alarm).log(alarm.actor, "alarm.refused", cause=alarm, status=500, error="no")


@cases.violates("messages_reach_their_project")
def a_message_arrives_twice(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", state="DOWN_SCALE")
    run.after(alarm).log("app_manager", "alarm", cause=alarm.cause, **alarm.data)


@cases.violates("messages_reach_their_project")
def a_project_hears_of_computes(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", state="IN_MAINTENANCE")
    run.after(alarm).log("app_manager", "alarm", cause=alarm.cause, **{**alarm.data, "subscriber_id": "project-1"})


@cases.keeps("messages_reach_their_project")
def an_app_manager_elsewhere_takes_the_second_delivery(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", state="DOWN_SCALE")
    run.after(alarm).log(alarm.actor, "alarm.refused", cause=alarm, status=503, error="no")
    run.log("app_manager", "alarm", cause=alarm.cause, **alarm.data)


@cases.keeps("messages_reach_their_project")
def the_inspector_of_the_admin_project_gets_a_message_about_a_compute_again(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", state="IN_MAINTENANCE")
    run.after(alarm).log("inspector", "alarm", cause=alarm.cause, **alarm.data)


@cases.keeps("messages_reach_their_project")
def messages_that_can_be_seen_only_where_they_arrive(run: HistoryBuilder) -> None:
    run.drop(*run.all("notification"))


@cases.violates("messages_reach_their_project")
def no_message_arrives_anywhere(run: HistoryBuilder) -> None:
    run.drop(*run.all("alarm"))


@cases.keeps("messages_reach_their_project")
def another_subscriber_of_the_project_hears_too(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", state="DOWN_SCALE")
    run.after(alarm).log("witness", "alarm", cause=alarm.cause, **alarm.data)


# -- every_project_is_notified -----------------------------------------------------------------------------------------


@cases.violates("every_project_is_notified")
def a_project_is_forgotten(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).boot("other_0", "compute-1", project="project-2")


@cases.violates("every_project_is_notified")
def a_project_elsewhere_is_told(run: HistoryBuilder) -> None:
    run.after(run.one("notification", state="MAINTENANCE")).message("MAINTENANCE", project="project-2")


def involve(run: HistoryBuilder, *states: str) -> None:
    """The other project has an instance on compute-1, and gets these messages."""
    run.before(run.one("session.created")).boot("other_0", "compute-1", OTHER_PROJECT)
    for state in states:
        run.after(run.one("notification", state=state, project_id=PROJECT)).message(state, project=OTHER_PROJECT)


@cases.keeps("every_project_is_notified")
def two_projects_get_all_that_is_due(run: HistoryBuilder) -> None:
    involve(run, "MAINTENANCE", "DOWN_SCALE", "MAINTENANCE_COMPLETE")


@cases.violates("every_project_is_notified")
def one_project_does_not_get_maintenance(run: HistoryBuilder) -> None:
    involve(run, "DOWN_SCALE", "MAINTENANCE_COMPLETE")


@cases.violates("every_project_is_notified")
def one_project_does_not_get_down_scale(run: HistoryBuilder) -> None:
    involve(run, "MAINTENANCE", "MAINTENANCE_COMPLETE")


@cases.violates("every_project_is_notified")
def one_project_does_not_get_maintenance_complete(run: HistoryBuilder) -> None:
    involve(run, "MAINTENANCE", "DOWN_SCALE")


@cases.keeps("every_project_is_notified")
def nobody_gets_down_scale_where_it_is_not_sent(run: HistoryBuilder) -> None:
    involve(run, "MAINTENANCE", "MAINTENANCE_COMPLETE")
    run.drop(run.one("notification", state="DOWN_SCALE"))


@cases.keeps("every_project_is_notified")
def a_failed_session_sends_no_maintenance_complete(run: HistoryBuilder) -> None:
    involve(run, "MAINTENANCE", "DOWN_SCALE")
    run.after(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).fail()


@cases.keeps("every_project_is_notified")
def a_project_that_comes_after_the_session_began(run: HistoryBuilder) -> None:
    run.after(run.one("session.created")).boot("other_0", "compute-1", OTHER_PROJECT)


@cases.keeps("every_project_is_notified")
def a_project_on_a_compute_that_is_not_maintained(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).compute("compute-4")
    run.boot("other_0", "compute-4", OTHER_PROJECT)


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
def a_project_gets_what_is_no_step(run: HistoryBuilder) -> None:
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


def test_the_refusal_of_a_message_is_shown(run: HistoryBuilder) -> None:
    a_message_is_refused_by_an_app_manager_elsewhere(run)
    (violation,) = verdict_on(run, "messages_reach_their_project").violations
    assert violation.message == "MAINTENANCE reached doctor 0 times; allowed: once"
    assert run.number(run.one("alarm.refused")) in violation.events
