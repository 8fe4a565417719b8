"""Every claim holds where all goes right, and is violated where its rule is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_doctor_maint.claims import CLAIMS, Outcome, judge

Story = Any  # conftest.py's; a test folder is no package to import from

#: What only Fenix has to keep: the tests of these stand in the folder fenix.
OF_FENIX_ALONE = (
    "progress_is_consistent",
    "lead_times_are_kept",
    "migration_types_are_respected",
    "interruptions_are_short_enough",
    "impacts_stay_within_the_limit",
    "groups_recover_between_impacts",
    "instances_per_host_stay_within_the_limit",
    "anti_affinity_is_kept",
    "impacts_are_mitigated",
)
BREAKS: list[tuple[str, Callable[[Story], object]]] = []


def breaks(claim: str) -> Callable[[Callable[[Story], object]], Callable[[Story], object]]:
    def register(way: Callable[[Story], object]) -> Callable[[Story], object]:
        BREAKS.append((claim, way))
        return way

    return register


# -- messages: form, way, order ----------------------------------------------------------------------------------------


@breaks("messages_are_well_formed")
def a_host_message_carries_the_projects_name(story: Story) -> None:
    story.one("notification", state="IN_MAINTENANCE").data["project_id"] = "admin"


@breaks("messages_are_well_formed")
def a_message_without_reply_url(story: Story) -> None:
    story.one("notification", state="DOWN_SCALE").data["reply_url"] = ""


@breaks("messages_are_well_formed")
def a_message_without_allowed_actions(story: Story) -> None:
    story.one("notification", state="PLANNED_MAINTENANCE").data["allowed_actions"] = []


@breaks("messages_are_well_formed")
def a_list_that_aodh_would_cut_off(story: Story) -> None:
    story.one("notification", state="PLANNED_MAINTENANCE").data["instance_ids"] = ["i" * 36] * 8


@breaks("messages_reach_their_project")
def a_message_does_not_arrive(story: Story) -> None:
    story.drop(story.one("alarm", state="DOWN_SCALE"))


@breaks("messages_reach_their_project")
def a_message_arrives_twice(story: Story) -> None:
    alarm = story.one("alarm", state="DOWN_SCALE")
    story.after(alarm).log("app_manager", "alarm", cause=alarm.cause, **alarm.data)


@breaks("messages_reach_their_project")
def a_project_hears_of_computes(story: Story) -> None:
    alarm = story.one("alarm", state="IN_MAINTENANCE")
    story.after(alarm).log("app_manager", "alarm", cause=alarm.cause, **{**alarm.data, "subscriber_id": "project-1"})


@breaks("every_project_is_told")
def a_project_is_forgotten(story: Story) -> None:
    story.before(story.one("session.created")).boots("other_0", "compute-1", project="project-2")


@breaks("every_project_is_told")
def a_project_elsewhere_is_told(story: Story) -> None:
    story.after(story.one("notification", state="MAINTENANCE")).tells("MAINTENANCE", project="project-2")


@breaks("messages_in_order")
def maintenance_is_not_announced(story: Story) -> None:
    story.drop_with_effects(story.one("notification", state="MAINTENANCE"))


@breaks("messages_in_order")
def scaling_down_after_preparing(story: Story) -> None:
    story.after(story.one("reply", state="ACK_PREPARE_MAINTENANCE")).tells("DOWN_SCALE")


@breaks("messages_in_order")
def done_before_anything_was_asked(story: Story) -> None:
    story.before(story.one("notification", state="DOWN_SCALE")).moved("app_3")


@breaks("messages_in_order")
def never_complete(story: Story) -> None:
    story.drop_with_effects(story.all("notification", state="MAINTENANCE_COMPLETE")[-1])


@breaks("messages_in_order")
def work_after_complete(story: Story) -> None:
    story.before(story.one("run.ended")).tells_of_host("compute-1", "IN_MAINTENANCE")


@breaks("messages_in_order")
def a_compute_comes_back_that_was_not_away(story: Story) -> None:
    story.drop_with_effects(story.one("notification", state="IN_MAINTENANCE"))


@breaks("messages_in_order")
def a_compute_does_not_come_back(story: Story) -> None:
    story.drop_with_effects(story.one("notification", state="MAINTENANCE_COMPLETE"))


@breaks("messages_in_order")
def a_compute_that_nobody_named(story: Story) -> None:
    story.before(story.one("notification", 1, state="PLANNED_MAINTENANCE")).tells_of_host("compute-9", "IN_MAINTENANCE")


@breaks("messages_in_order")
def going_on_after_a_nack(story: Story) -> None:
    story.one("reply", state="ACK_PLANNED_MAINTENANCE").data["state"] = "NACK_PLANNED_MAINTENANCE"


@breaks("messages_in_order")
def going_on_after_failing(story: Story) -> None:
    story.after(story.one("reply", state="ACK_PREPARE_MAINTENANCE")).state("MAINTENANCE_FAILED")


# -- answers -----------------------------------------------------------------------------------------------------------


@breaks("messages_are_answered")
def silence(story: Story) -> None:
    story.drop(story.one("reply", state="ACK_DOWN_SCALE"))


@breaks("messages_are_answered")
def only_a_refused_answer(story: Story) -> None:
    reply = story.one("reply", state="ACK_DOWN_SCALE")
    story.after(reply).refused(reply)


@breaks("messages_are_answered")
def answered_twice(story: Story) -> None:
    reply = story.one("reply", state="ACK_DOWN_SCALE")
    story.after(reply).answers(reply.cause)


@breaks("messages_are_answered")
def answered_again_and_refused(story: Story) -> None:
    reply = story.one("reply", state="ACK_DOWN_SCALE")
    story.refused(story.after(reply).answers(reply.cause))


@breaks("messages_are_answered")
def answered_too_late(story: Story) -> None:
    late = False
    for draft in story.drafts:
        late = late or (draft.kind == "reply" and draft.data["state"] == "ACK_DOWN_SCALE")
        draft.at += 121 if late else 0


@breaks("messages_are_answered")
def answered_elsewhere(story: Story) -> None:
    story.one("reply", state="ACK_DOWN_SCALE").data["url"] = "http://admin_tool/maintenance/session-1/project-2"


@breaks("messages_are_answered")
def the_answer_to_the_first_compute_counts_for_the_second(story: Story) -> None:
    first, second = story.all("reply", state="ACK_PLANNED_MAINTENANCE")
    second.cause = first.cause


@breaks("messages_are_answered")
def the_answer_to_something_else_counts(story: Story) -> None:
    story.one("reply", state="ACK_PLANNED_MAINTENANCE").data["state"] = "ACK_PREPARE_MAINTENANCE"


@breaks("messages_are_answered")
def answered_for_another_project(story: Story) -> None:
    story.one("reply", state="ACK_DOWN_SCALE").data["project_id"] = "project-2"


@breaks("messages_are_answered")
def answered_before_anything_was_asked(story: Story) -> None:
    notice = story.one("notification", state="MAINTENANCE")
    story.before(notice).answers(notice).cause = None


@breaks("windows_are_long_enough")
def a_short_window(story: Story) -> None:
    notice = story.one("notification", state="DOWN_SCALE")
    notice.data["reply_at"] = notice.data["actions_at"] = "2026-01-01T00:01:00Z"


@breaks("windows_are_long_enough")
def due_in_the_past(story: Story) -> None:
    story.one("notification", state="MAINTENANCE").data["reply_at"] = "2025-12-31 23:59:00"


@breaks("windows_are_long_enough")
def due_at_no_time(story: Story) -> None:
    notice = story.one("notification", state="DOWN_SCALE")
    notice.data["reply_at"] = notice.data["actions_at"] = None


@breaks("windows_are_long_enough")
def another_start_than_the_admin_asked_for(story: Story) -> None:
    story.one("session.created").data["maintenance_at"] = "2026-01-01 00:02:00"


@breaks("admin_tool_waits_for_answers")
def the_work_starts_too_early(story: Story) -> None:
    for draft in story.drafts[story.drafts.index(story.one("notification", state="DOWN_SCALE")) :]:
        draft.at -= 5


@breaks("admin_tool_waits_for_answers")
def disabled_before_the_start(story: Story) -> None:
    story.after(story.one("session.created")).compute("compute-2", "disabled")


@breaks("admin_tool_waits_for_answers")
def the_next_message_before_the_answer(story: Story) -> None:
    reply = story.one("reply", state="ACK_DOWN_SCALE")
    story.drop(reply).after(story.one("reply", state="ACK_PREPARE_MAINTENANCE")).answers(reply.cause)


@breaks("admin_tool_waits_for_answers")
def a_compute_out_of_use_before_the_answer(story: Story) -> None:
    story.before(story.one("reply", state="ACK_PLANNED_MAINTENANCE")).tells_of_host("compute-1", "IN_MAINTENANCE")


@breaks("admin_tool_waits_for_answers")
def a_move_before_the_answer(story: Story) -> None:
    reply = story.one("reply", state="ACK_PLANNED_MAINTENANCE")
    story.before(reply).server("ha_0", "compute-1", "RESIZE", action="migrate", by="admin-project", task="resize_prep")


@breaks("admin_tool_waits_for_answers")
def a_move_that_nobody_asked_about(story: Story) -> None:
    story.after(story.one("reply", 1, state="ACK_PLANNED_MAINTENANCE")).migrates("ha_0", "compute-3", "compute-1")


@breaks("admin_tool_waits_for_answers")
def the_same_server_moves_twice(story: Story) -> None:
    story.before(story.one("notification", 1, state="PLANNED_MAINTENANCE")).migrates("ha_0", "compute-3", "compute-1")


# -- actions -----------------------------------------------------------------------------------------------------------


@breaks("agreed_actions_are_taken")
def another_action_than_agreed(story: Story) -> None:
    story.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "LIVE_MIGRATE"}


@breaks("agreed_actions_are_taken")
def the_projects_own_action_is_done_by_the_admin_tool(story: Story) -> None:
    story.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "OWN_ACTION"}


@breaks("agreed_actions_are_taken")
def an_action_that_was_not_allowed(story: Story) -> None:
    story.one("notification", state="PREPARE_MAINTENANCE").data["allowed_actions"] = ["LIVE_MIGRATE"]


@breaks("agreed_actions_are_taken")
def an_instance_without_action(story: Story) -> None:
    story.one("notification", state="PREPARE_MAINTENANCE").data["instance_ids"] = ["id-app_3", "id-app_1"]


@breaks("agreed_actions_are_taken")
def an_instance_that_stays(story: Story) -> None:
    actions = story.one("reply", state="ACK_PLANNED_MAINTENANCE").data["body"]["instance_actions"]
    actions["id-ha_1"] = "OWN_ACTION"
    story.drop(*story.all("reply", state="ACK_PLANNED_MAINTENANCE")[1:])
    story.drop(*[draft for draft in story.all("server", name="ha_1") if draft.data["action"] != "create"])


@breaks("admin_actions_are_reported_once")
def a_move_is_not_reported(story: Story) -> None:
    story.drop_with_effects(story.one("notification", state="ADMIN_ACTION_DONE"))


@breaks("admin_actions_are_reported_once")
def a_move_is_reported_twice(story: Story) -> None:
    story.after(story.one("alarm", state="ADMIN_ACTION_DONE")).moved("app_3")


@breaks("admin_actions_are_reported_once")
def a_move_is_reported_before_it_ended(story: Story) -> None:
    story.drop_with_effects(story.one("notification", state="ADMIN_ACTION_DONE"))
    story.before(story.one("server", name="app_3", action="confirmResize")).moved("app_3")


@breaks("admin_actions_are_reported_once")
def what_did_not_move_is_reported(story: Story) -> None:
    story.after(story.one("alarm", state="ADMIN_ACTION_DONE")).moved("app_1")


@breaks("admin_actions_are_reported_once")
def the_report_does_not_say_of_what(story: Story) -> None:
    story.after(story.one("alarm", state="ADMIN_ACTION_DONE")).tells("ADMIN_ACTION_DONE", window=None, instances=[])


# -- computes ----------------------------------------------------------------------------------------------------------


@breaks("every_needed_step_happens")
def nothing_happens(story: Story) -> None:
    story.drop(*story.all("notification"), *story.all("alarm"), *story.all("reply"), *story.all("host.work"))


@breaks("every_needed_step_happens")
def no_scaling_down_on_a_full_cloud(story: Story) -> None:
    story.drop_with_effects(story.one("notification", state="DOWN_SCALE"))
    story.drop(*story.all("server", status="DELETED"))


@breaks("every_needed_step_happens")
def scaling_down_though_a_compute_is_empty(story: Story) -> None:
    story.before(story.one("notification", state="MAINTENANCE")).deleted("app_2")
    story.deleted("app_3")


@breaks("every_needed_step_happens")
def no_preparation_though_no_compute_is_empty(story: Story) -> None:
    story.drop_with_effects(story.one("notification", state="PREPARE_MAINTENANCE"))
    story.drop(*[draft for draft in story.all("server", name="app_3") if draft.data["host"] == "compute-1"])


@breaks("every_needed_step_happens")
def a_compute_is_skipped(story: Story) -> None:
    story.drop_with_effects(story.one("notification", state="IN_MAINTENANCE", host="compute-2"))


@breaks("every_needed_step_happens")
def a_compute_with_instances_is_not_planned(story: Story) -> None:
    story.drop_with_effects(story.one("notification", state="PLANNED_MAINTENANCE"))


@breaks("at_least_three_computes")
def two_computes(story: Story) -> None:
    del story.one("run.started").data["computes"][2]


@breaks("at_least_three_computes")
def only_two_computes_are_there(story: Story) -> None:
    story.drop(*story.all("compute", host="compute-3"))


@breaks("each_compute_is_maintained_once")
def one_compute_is_never_maintained(story: Story) -> None:
    story.drop(*[draft for draft in story.drafts if draft.data.get("host") == "compute-2" and draft.kind != "compute"])


@breaks("each_compute_is_maintained_once")
def one_compute_is_maintained_twice(story: Story) -> None:
    story.before(story.one("notification", 1, state="PLANNED_MAINTENANCE")).maintains("compute-3")


@breaks("each_compute_is_maintained_once")
def no_work_on_a_compute(story: Story) -> None:
    story.drop(*story.all("host.work", host="compute-2"))


@breaks("each_compute_is_maintained_once")
def the_work_begins_before_the_message(story: Story) -> None:
    work = story.one("host.work", host="compute-2", phase="started")
    story.drop(work).before(story.one("notification", 1, state="PLANNED_MAINTENANCE"))
    story.log("admin_tool", "host.work", **work.data)


@breaks("computes_are_empty_in_maintenance")
def a_server_is_made_on_a_compute_in_maintenance(story: Story) -> None:
    story.after(story.one("host.work", host="compute-3")).boots("app_9", "compute-3")


@breaks("computes_are_empty_in_maintenance")
def a_migration_is_not_confirmed(story: Story) -> None:
    story.drop(story.one("server", name="ha_0", action="confirmResize"))


@breaks("computes_are_disabled_for_maintenance")
def a_compute_is_not_disabled(story: Story) -> None:
    story.drop(story.one("compute", host="compute-2", status="disabled"))


@breaks("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_too_early(story: Story) -> None:
    story.after(story.one("host.work", host="compute-1")).compute("compute-1")


@breaks("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_too_late(story: Story) -> None:
    back = story.one("compute", 1, host="compute-3", status="enabled")
    story.drop(back).after(story.one("host.work", host="compute-1")).compute("compute-3")


@breaks("computes_are_disabled_for_maintenance")
def a_compute_is_not_enabled_again(story: Story) -> None:
    story.drop(story.one("compute", 1, host="compute-2", status="enabled"))


@breaks("planned_moves_go_to_maintained_computes")
def a_move_to_a_compute_still_to_be_maintained(story: Story) -> None:
    for draft in story.all("server", name="app_3", host="compute-3"):
        if draft.at > story.one("notification", state="PLANNED_MAINTENANCE").at:
            draft.data["host"] = "compute-2"
            draft.data["held_on"] = [draft.data["host"] if h == "compute-3" else h for h in draft.data["held_on"]]


@breaks("planned_moves_go_to_maintained_computes")
def a_move_to_a_compute_that_is_being_maintained(story: Story) -> None:
    complete = story.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3")
    story.drop_with_effects(complete).after(story.one("server", name="ha_0", action="confirmResize"))
    story.tells_of_host("compute-3", "MAINTENANCE_COMPLETE")


# -- Inspector ---------------------------------------------------------------------------------------------------------


@breaks("inspector_hears_of_maintenance")
def the_inspector_hears_nothing(story: Story) -> None:
    story.drop(*[draft for draft in story.all("alarm") if draft.actor == "inspector"])


@breaks("inspector_hears_of_maintenance")
def the_inspector_does_not_hear_of_the_return(story: Story) -> None:
    story.drop(story.one("alarm", state="MAINTENANCE_COMPLETE"))


@breaks("inspector_hears_of_maintenance")
def the_inspector_hears_twice(story: Story) -> None:
    alarm = story.one("alarm", state="IN_MAINTENANCE")
    story.after(alarm).log("inspector", "alarm", cause=alarm.cause, **alarm.data)


@breaks("inspector_hears_of_maintenance")
def the_inspector_hears_in_the_wrong_order(story: Story) -> None:
    entered = story.one("alarm", state="IN_MAINTENANCE")
    story.drop(entered).after(story.one("alarm", state="MAINTENANCE_COMPLETE"))
    story.log("inspector", "alarm", cause=entered.cause, **entered.data)


@breaks("inspector_keeps_still_in_maintenance")
def forced_down_in_maintenance(story: Story) -> None:
    story.after(story.one("host.work", host="compute-1")).compute("compute-1", "disabled", "down", forced=True)


@breaks("inspector_keeps_still_in_maintenance")
def the_inspector_acts_in_maintenance(story: Story) -> None:
    story.after(story.one("host.work", host="compute-1"))
    story.log("inspector", "fault_management", host="compute-1", action="force_down", server_id=None)


@breaks("inspector_keeps_still_in_maintenance")
def a_server_is_reset_in_maintenance(story: Story) -> None:
    story.after(story.one("host.work", host="compute-1"))
    story.server("app_9", "compute-1", "ERROR", action="os-resetState", by="admin-project")


@breaks("failures_are_managed_once")
def a_failure_is_not_managed(story: Story) -> None:
    story.before(story.one("notification", state="DOWN_SCALE")).log("inspector", "host.failure", host="compute-2")


@breaks("failures_are_managed_once")
def a_failure_is_managed_twice(story: Story) -> None:
    fails(story)
    fault = story.one("fault_management", action="force_down")
    story.after(fault).log("inspector", "fault_management", **fault.data)


@breaks("failures_are_managed_once")
def an_instance_is_not_reset(story: Story) -> None:
    fails(story)
    story.drop(story.one("fault_management", server_id="id-app_1"))


@breaks("failures_are_managed_once")
def forced_down_without_a_report(story: Story) -> None:
    story.before(story.one("notification", state="DOWN_SCALE"))
    story.log("inspector", "fault_management", host="compute-2", action="force_down", server_id=None)


def fails(story: Story) -> None:
    """A failure of compute-2, managed as it should be."""
    story.before(story.one("notification", state="DOWN_SCALE")).log("inspector", "host.failure", host="compute-2")
    story.log("inspector", "fault_management", host="compute-2", action="force_down", server_id=None)
    for name in ("ha_1", "app_1"):
        story.log("inspector", "fault_management", host="compute-2", action="reset_state", server_id=f"id-{name}")


# -- the service -------------------------------------------------------------------------------------------------------


@breaks("act_and_stby_on_two_computes")
def both_on_one_compute(story: Story) -> None:
    story.before(story.one("reply", state="ACK_PREPARE_MAINTENANCE")).migrates("ha_1", "compute-2", "compute-1")


@breaks("act_and_stby_never_both_down")
def both_down(story: Story) -> None:
    story.before(story.one("guest", server_id="id-ha_0", up=True, reason="cold migration ended")).guest("ha_1", False)
    story.after(story.one("guest", server_id="id-ha_0", up=True, reason="cold migration ended"))
    story.one("guest", server_id="id-ha_1", up=False).at -= 3
    story.guest("ha_1", True)


@breaks("downtime_is_zero")
def no_switch_over(story: Story) -> None:
    story.drop(story.one("floating_ip", server_id="id-ha_1"))


@breaks("downtime_is_zero")
def the_floating_ip_leads_nowhere_for_a_moment(story: Story) -> None:
    switch = story.one("floating_ip", server_id="id-ha_1")
    story.before(switch).leads_to(None)
    switch.at += 0.3


@breaks("downtime_is_zero")
def never_up(story: Story) -> None:
    story.drop(*story.all("guest", server_id="id-ha_0"), *story.all("guest", server_id="id-ha_1"))


@breaks("refusals_are_clear")
def the_admin_tool_breaks_upon_an_answer(story: Story) -> None:
    reply = story.one("reply", state="ACK_DOWN_SCALE")
    refusal = story.refused(story.before(reply).answers(reply.cause))
    refusal.data["status"] = 500


@breaks("refusals_are_clear")
def a_refusal_does_not_say_why(story: Story) -> None:
    reply = story.one("reply", state="ACK_DOWN_SCALE")
    story.refused(story.before(reply).answers(reply.cause)).data["error"] = None


@breaks("refusals_are_clear")
def the_admin_tool_breaks_upon_a_session(story: Story) -> None:
    story.before(story.one("session.created")).log("admin_tool", "session.refused", status=503, error="no")


# -- the end -----------------------------------------------------------------------------------------------------------


@breaks("everything_is_active_in_the_end")
def left_unconfirmed(story: Story) -> None:
    story.drop(story.one("server", name="app_1", action="confirmResize"))


@breaks("everything_is_active_in_the_end")
def left_in_error(story: Story) -> None:
    story.before(story.one("run.ended")).server("app_1", "compute-1", "ERROR", action="os-resetState")


@breaks("everything_is_active_in_the_end")
def left_on_two_computes(story: Story) -> None:
    story.before(story.one("run.ended")).server("app_1", "compute-1", held=["compute-1", "compute-2"])


@breaks("everything_is_active_in_the_end")
def active_but_silent(story: Story) -> None:
    story.before(story.one("run.ended")).guest("app_1", False, "the guest crashed")


@breaks("scale_is_restored")
def not_scaled_back(story: Story) -> None:
    story.drop(*story.all("server", name="app_5"))


@breaks("scale_is_restored")
def more_than_before(story: Story) -> None:
    story.before(story.one("run.ended")).boots("app_6", "compute-2")


@breaks("scale_is_restored")
def another_project_grew_instead(story: Story) -> None:
    for draft in story.all("server", name="app_5"):
        draft.data["project_id"] = "project-2"


@breaks("services_are_back_in_the_end")
def left_disabled(story: Story) -> None:
    story.before(story.one("run.ended")).compute("compute-1", "disabled")


@breaks("services_are_back_in_the_end")
def left_down(story: Story) -> None:
    story.before(story.one("run.ended")).compute("compute-1", state="down", forced=True)


@breaks("sessions_end_well")
def hangs(story: Story) -> None:
    story.drop(story.one("session.state", state="MAINTENANCE_DONE"))


@breaks("sessions_end_well")
def failed(story: Story) -> None:
    story.one("session.state", state="MAINTENANCE_DONE").data.update(state="MAINTENANCE_FAILED", reason="no more")


@breaks("sessions_end_well")
def not_deleted(story: Story) -> None:
    story.drop(story.one("session.deleted"))


@breaks("failed_sessions_put_everything_back")
def failed_and_left_disabled(story: Story) -> None:
    failed(story)
    story.before(story.one("run.ended")).compute("compute-1", "disabled")


@breaks("failed_sessions_put_everything_back")
def failed_and_left_half_moved(story: Story) -> None:
    failed(story)
    story.drop(story.one("server", name="app_1", action="confirmResize"))


@breaks("alarms_are_gone_in_the_end")
def an_alarm_is_left(story: Story) -> None:
    story.drop(story.one("alarm.deleted", alarm_id="alarm-inspector"))


@breaks("no_thread_died")
def a_thread_died(story: Story) -> None:
    story.log("admin_tool", "thread.died", thread="workflow", error="ZeroDivisionError: a bug")


@pytest.mark.parametrize("claim", CLAIMS)
def test_holds_where_all_goes_right(story: Story, claim: str) -> None:
    verdict = judge(story.history(), [claim]).of(claim)
    assert verdict.outcome is Outcome.HOLDS, verdict.summary
    assert verdict.summary
    assert verdict.figures


@pytest.mark.parametrize(("claim", "way"), BREAKS, ids=lambda value: getattr(value, "__name__", value))
def test_is_violated(story: Story, claim: str, way: Callable[[Story], object]) -> None:
    way(story)
    verdict = judge(story.history(), [claim]).of(claim)
    assert verdict.outcome is Outcome.VIOLATED, verdict.summary
    for violation in verdict.violations:
        assert violation.events
        assert violation.subject
        assert "id-" not in violation.message


def test_every_claim_is_broken_here() -> None:
    assert {claim for claim, _ in BREAKS} == set(CLAIMS) - set(OF_FENIX_ALONE)
