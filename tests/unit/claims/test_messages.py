"""Claims about messages and the replies to them."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, HistoryBuilder, assert_holds, assert_violated, verdict_on

cases = ClaimCases()


@cases.violates("admin_actions_are_reported_once")
def a_move_is_not_reported(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="ADMIN_ACTION_DONE"))


@cases.violates("admin_actions_are_reported_once")
def a_move_is_reported_twice(run: HistoryBuilder) -> None:
    run.after(run.one("alarm", state="ADMIN_ACTION_DONE")).action_done("app_3")


@cases.violates("admin_actions_are_reported_once")
def a_move_is_reported_before_it_ended(run: HistoryBuilder) -> None:
    run.drop_with_effects(run.one("notification", state="ADMIN_ACTION_DONE"))
    run.before(run.one("server", name="app_3", action="confirmResize")).action_done("app_3")


@cases.violates("admin_actions_are_reported_once")
def what_did_not_move_is_reported(run: HistoryBuilder) -> None:
    run.after(run.one("alarm", state="ADMIN_ACTION_DONE")).action_done("app_1")


@cases.violates("admin_actions_are_reported_once")
def the_report_does_not_say_of_what(run: HistoryBuilder) -> None:
    run.after(run.one("alarm", state="ADMIN_ACTION_DONE")).message("ADMIN_ACTION_DONE", window=None, instances=[])


@cases.violates("admin_tool_waits_for_answers")
def the_work_starts_too_early(run: HistoryBuilder) -> None:
    for draft in run.drafts[run.drafts.index(run.one("notification", state="DOWN_SCALE")) :]:
        draft.at -= 5


@cases.violates("admin_tool_waits_for_answers")
def disabled_before_the_start(run: HistoryBuilder) -> None:
    run.after(run.one("session.created")).compute("compute-2", "disabled")


@cases.violates("admin_tool_waits_for_answers")
def the_next_message_before_the_answer(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.drop(reply).after(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).reply(reply.cause)


@cases.violates("admin_tool_waits_for_answers")
def a_compute_out_of_use_before_the_answer(run: HistoryBuilder) -> None:
    run.before(run.one("reply", state="ACK_PLANNED_MAINTENANCE")).host_message("compute-1", "IN_MAINTENANCE")


@cases.violates("admin_tool_waits_for_answers")
def a_move_before_the_answer(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    run.before(reply).server("ha_0", "compute-1", "RESIZE", action="migrate", by="admin-project", task="resize_prep")


@cases.violates("admin_tool_waits_for_answers")
def a_move_that_nobody_asked_about(run: HistoryBuilder) -> None:
    run.after(run.one("reply", 1, state="ACK_PLANNED_MAINTENANCE")).migrate("ha_0", "compute-3", "compute-1")


@cases.violates("admin_tool_waits_for_answers")
def the_same_server_moves_twice(run: HistoryBuilder) -> None:
    run.before(run.one("notification", 1, state="PLANNED_MAINTENANCE")).migrate("ha_0", "compute-3", "compute-1")


@cases.violates("agreed_actions_are_taken")
def another_action_than_agreed(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "LIVE_MIGRATE"}


@cases.violates("agreed_actions_are_taken")
def the_projects_own_action_is_done_by_the_admin_tool(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "OWN_ACTION"}


@cases.violates("agreed_actions_are_taken")
def an_action_that_was_not_allowed(run: HistoryBuilder) -> None:
    run.one("notification", state="PREPARE_MAINTENANCE").data["allowed_actions"] = ["LIVE_MIGRATE"]


@cases.violates("agreed_actions_are_taken")
def an_instance_without_action(run: HistoryBuilder) -> None:
    run.one("notification", state="PREPARE_MAINTENANCE").data["instance_ids"] = ["id-app_3", "id-app_1"]


@cases.violates("agreed_actions_are_taken")
def an_instance_that_stays(run: HistoryBuilder) -> None:
    actions = run.one("reply", state="ACK_PLANNED_MAINTENANCE").data["body"]["instance_actions"]
    actions["id-ha_1"] = "OWN_ACTION"
    run.drop(*run.all("reply", state="ACK_PLANNED_MAINTENANCE")[1:])
    run.drop(*[draft for draft in run.all("server", name="ha_1") if draft.data["action"] != "create"])


@cases.violates("every_project_is_told")
def a_project_is_forgotten(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).boot("other_0", "compute-1", project="project-2")


@cases.violates("every_project_is_told")
def a_project_elsewhere_is_told(run: HistoryBuilder) -> None:
    run.after(run.one("notification", state="MAINTENANCE")).message("MAINTENANCE", project="project-2")


@cases.violates("messages_are_answered")
def silence(run: HistoryBuilder) -> None:
    run.drop(run.one("reply", state="ACK_DOWN_SCALE"))


@cases.violates("messages_are_answered")
def only_a_refused_answer(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.after(reply).refuse(reply)


@cases.violates("messages_are_answered")
def answered_twice(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.after(reply).reply(reply.cause)


@cases.violates("messages_are_answered")
def answered_again_and_refused(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.refuse(run.after(reply).reply(reply.cause))


@cases.violates("messages_are_answered")
def answered_too_late(run: HistoryBuilder) -> None:
    late = False
    for draft in run.drafts:
        late = late or (draft.kind == "reply" and draft.data["state"] == "ACK_DOWN_SCALE")
        draft.at += 121 if late else 0


@cases.violates("messages_are_answered")
def answered_elsewhere(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_DOWN_SCALE").data["url"] = "http://admin_tool/maintenance/session-1/project-2"


@cases.violates("messages_are_answered")
def the_answer_to_the_first_compute_counts_for_the_second(run: HistoryBuilder) -> None:
    first, second = run.all("reply", state="ACK_PLANNED_MAINTENANCE")
    second.cause = first.cause


@cases.violates("messages_are_answered")
def the_answer_to_something_else_counts(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PLANNED_MAINTENANCE").data["state"] = "ACK_PREPARE_MAINTENANCE"


@cases.violates("messages_are_answered")
def answered_for_another_project(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_DOWN_SCALE").data["project_id"] = "project-2"


@cases.violates("messages_are_answered")
def answered_before_anything_was_asked(run: HistoryBuilder) -> None:
    message = run.one("notification", state="MAINTENANCE")
    run.before(message).reply(message).cause = None


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


@cases.violates("windows_are_long_enough")
def a_short_window(run: HistoryBuilder) -> None:
    message = run.one("notification", state="DOWN_SCALE")
    message.data["reply_at"] = message.data["actions_at"] = "2026-01-01T00:01:00Z"


@cases.violates("windows_are_long_enough")
def due_in_the_past(run: HistoryBuilder) -> None:
    run.one("notification", state="MAINTENANCE").data["reply_at"] = "2025-12-31 23:59:00"


@cases.violates("windows_are_long_enough")
def due_at_no_time(run: HistoryBuilder) -> None:
    message = run.one("notification", state="DOWN_SCALE")
    message.data["reply_at"] = message.data["actions_at"] = None


@cases.violates("windows_are_long_enough")
def another_start_than_the_admin_asked_for(run: HistoryBuilder) -> None:
    run.one("session.created").data["maintenance_at"] = "2026-01-01 00:02:00"


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


def test_the_refusal_of_a_message_is_shown(run: HistoryBuilder) -> None:
    a_message_is_refused_by_an_app_manager_elsewhere(run)
    (violation,) = verdict_on(run, "messages_reach_their_project").violations
    assert violation.message == "MAINTENANCE reached doctor 0 times; allowed: once"
    assert run.number(run.one("alarm.refused")) in violation.events
