"""Known bugs of Fenix's release of 2019, and bugs that a Fenix could have: each violates a claim."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, assert_violated, verdict_on
from tests.support.fenix_runs import PROGRESS, default_workflow, vnf_workflow
from tests.support.history_builder import OTHER_PROJECT, PROJECT, SESSION, Data, HistoryBuilder

#: A message to a project; a message to the admin may have the same state.
PLANNED: Data = {"event_type": "maintenance.scheduled", "state": "PLANNED_MAINTENANCE"}

#: Faults of the default workflow, and of the vnf workflow.
default, vnf = ClaimCases(default_workflow), ClaimCases(vnf_workflow)


# -- the Fenix of 2019 -------------------------------------------------------------------------------------------------


@default.violates("windows_are_long_enough")
def reply_at_lies_in_the_past(run: HistoryBuilder) -> None:
    """Fenix subtracts the window from the current time."""
    run.one("notification", state="MAINTENANCE").data["reply_at"] = "2025-12-31 23:59:40"


@default.violates("messages_are_well_formed")
def a_message_about_a_compute_carries_the_projects_name(run: HistoryBuilder) -> None:
    run.one("notification", state="IN_MAINTENANCE").data["project_id"] = "admin"


def refused(run: HistoryBuilder) -> None:
    """The project refuses PLANNED_MAINTENANCE of the last compute; the session fails, and is deleted."""
    second = run.one("notification", 1, state="PLANNED_MAINTENANCE")
    end = run.drafts.index(second)
    gone = [draft for draft in run.drafts[end + 2 :] if draft.kind not in ("run.ended", "alarm.deleted")]
    run.drop(*gone).before(run.one("alarm.deleted")).reply(second, "NACK_PLANNED_MAINTENANCE")
    run.session_state("MAINTENANCE_FAILED")
    run.log("admin", "session.deleted", session_id=SESSION)


@default.violates("failed_sessions_put_everything_back")
def a_nack_of_planned_leaves_nova_compute_disabled(run: HistoryBuilder) -> None:
    refused(run)


@default.violates("services_are_back_in_the_end")
def nova_compute_is_disabled_also_after_the_session_is_deleted(run: HistoryBuilder) -> None:
    refused(run)


@default.violates("messages_in_order")
def scale_in_is_asked_again_every_second(run: HistoryBuilder) -> None:
    """The project agreed and did not scale in, so that there is no more room than before."""
    run.after(run.one("reply", state="ACK_SCALE_IN"))
    for _ in range(3):
        run.reply(run.wait(1).message("SCALE_IN", window=60))


@default.violates("sessions_end_well")
def live_migration_is_offered_but_fails(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PREPARE_MAINTENANCE")
    reply.data["body"]["instance_actions"] = {"id-app_3": "LIVE_MIGRATE"}
    end = run.drafts.index(reply)
    gone = [draft for draft in run.drafts[end + 1 :] if draft.kind not in ("run.ended", "alarm.deleted")]
    run.drop(*gone).after(reply).compute("compute-3")
    run.session_state("MAINTENANCE_FAILED")
    run.log("admin", "session.deleted", session_id=SESSION)


@default.violates("agreed_actions_are_taken")
def live_migration_is_offered_and_never_done(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "LIVE_MIGRATE"}


@default.violates("messages_are_answered")
def a_reply_for_another_project_counts(run: HistoryBuilder) -> None:
    """Fenix accepts replies without a check of the token."""
    reply = run.one("reply", state="ACK_SCALE_IN")
    run.before(reply).reply(reply.cause).data["project_id"] = OTHER_PROJECT


@default.violates("refusals_are_clear")
def a_reply_for_an_unknown_session_is_answered_with_500(run: HistoryBuilder) -> None:
    run.before(run.one("reply", state="ACK_SCALE_IN"))
    reply = run.reply(run.one("notification", state="SCALE_IN"))
    reply.data["session_id"] = "no-session"
    run.refuse(reply).data.update(status=500, error=None)


# -- words and form ----------------------------------------------------------------------------------------------------


@default.violates("messages_are_well_formed")
def the_use_cases_word_for_scale_in(run: HistoryBuilder) -> None:
    run.one("notification", state="SCALE_IN").data["state"] = "DOWN_SCALE"


@default.violates("messages_are_well_formed")
def no_reply_at(run: HistoryBuilder) -> None:
    run.one("notification", state="SCALE_IN").data["reply_at"] = None


@default.violates("messages_are_well_formed")
def the_moved_instance_is_a_url(run: HistoryBuilder) -> None:
    run.one("notification", state="INSTANCE_ACTION_DONE").data["instance_ids"] = "http://fenix/v1/maintenance/s/p"


@default.violates(
    "messages_are_well_formed",
    says="INSTANCE_ACTION_DONE to doctor has a bare id as instance_ids; due: a list with one id",
)
def the_moved_instance_is_a_bare_id(run: HistoryBuilder) -> None:
    run.one("notification", state="INSTANCE_ACTION_DONE").data["instance_ids"] = "some-id"


@default.violates("messages_are_well_formed")
def the_report_of_a_move_has_a_time(run: HistoryBuilder) -> None:
    run.one("notification", state="INSTANCE_ACTION_DONE").data["reply_at"] = "2026-01-01 01:00:00"


@default.violates("messages_are_well_formed")
def the_admins_message_carries_another_project(run: HistoryBuilder) -> None:
    run.one("notification", event_type=PROGRESS).data["project_id"] = PROJECT


@vnf.violates("messages_are_well_formed")
def two_instances_in_one_message(run: HistoryBuilder) -> None:
    run.one("notification", **PLANNED).data["instance_ids"] = ["id-ha_0", "id-app_0"]


@vnf.violates("messages_are_well_formed")
def a_url_instead_of_the_instance(run: HistoryBuilder) -> None:
    run.one("notification", **PLANNED).data["instance_ids"] = "http://fenix/v1/maintenance/s/p"


# -- several computes at once ------------------------------------------------------------------------------------------


@vnf.violates("admin_tool_waits_for_answers")
def two_messages_at_once_about_one_instance(run: HistoryBuilder) -> None:
    first = run.one("notification", **PLANNED)
    run.after(first).message("PLANNED_MAINTENANCE", window=20, instances=first.data["instance_ids"])


@vnf.violates("admin_tool_waits_for_answers")
def a_compute_is_out_of_use_before_its_instance_is_agreed_on(run: HistoryBuilder) -> None:
    run.after(run.one("notification", 1, **PLANNED)).host_message("compute-1", "IN_MAINTENANCE")


@vnf.violates("messages_in_order")
def preparing_after_planning(run: HistoryBuilder) -> None:
    run.all("notification", **PLANNED)[-1].data["state"] = "PREPARE_MAINTENANCE"


@vnf.violates("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_too_late_for_another(run: HistoryBuilder) -> None:
    back = run.one("compute", 1, host="compute-3", status="enabled")
    run.drop(back).after(run.all("reply", state="ACK_PLANNED_MAINTENANCE")[-1]).compute("compute-3")


@pytest.mark.parametrize("case", [*default.violated, *vnf.violated], ids=str)
def test_the_fault_is_reported(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


def test_a_failed_live_migration_is_named(fenix_run: HistoryBuilder) -> None:
    live_migration_is_offered_but_fails(fenix_run)
    reason = "LIVE_MIGRATE of app_3 was offered and agreed on, and was not done"
    assert verdict_on(fenix_run, "sessions_end_well").summary == f"the session failed: {reason}; due: MAINTENANCE_DONE"
