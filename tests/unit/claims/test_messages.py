"""Claims about the form of messages, and about who gets them."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, assert_holds, assert_violated, verdict_on
from tests.support.fenix_runs import default_workflow
from tests.support.history_builder import OTHER_PROJECT, PROJECT, HistoryBuilder

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
def a_message_of_an_unknown_step(run: HistoryBuilder) -> None:
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
def a_word_that_is_not_a_step(run: HistoryBuilder) -> None:
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
def a_project_elsewhere_is_notified(run: HistoryBuilder) -> None:
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
