"""Claims about what the admin tool does after a project agreed."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import Outcome
from tests.support.claims import (
    ADMIN,
    OTHER_PROJECT,
    PROJECT,
    SESSION,
    Case,
    ClaimCases,
    Data,
    HistoryBuilder,
    assert_holds,
    assert_violated,
    verdict_on,
)
from tests.support.fenix_runs import change_constraint, choose, vnf_workflow

HOSTS = ["compute-1", "compute-2", "compute-3"]
#: A message to a project; a message to the admin may have the same state.
PLANNED: Data = {"event_type": "maintenance.scheduled", "state": "PLANNED_MAINTENANCE"}

cases = ClaimCases()


# -- admin_tool_waits_for_answers --------------------------------------------------------------------------------------


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


@cases.violates("admin_tool_waits_for_answers")
def the_work_starts_a_moment_too_early(run: HistoryBuilder) -> None:
    run.shift(run.one("notification", state="DOWN_SCALE"), -0.001)


@cases.keeps("admin_tool_waits_for_answers")
def the_work_starts_when_it_may(run: HistoryBuilder) -> None:
    assert run.one("notification", state="DOWN_SCALE").at == 30


def before_the_start(run: HistoryBuilder, seconds: float) -> HistoryBuilder:
    """Write what happens so many seconds before the start of the maintenance."""
    run.before(run.one("notification", state="DOWN_SCALE")).wait(-seconds)
    return run


@cases.violates("admin_tool_waits_for_answers")
def a_host_message_a_moment_before_the_start(run: HistoryBuilder) -> None:
    before_the_start(run, 0.001).host_message("compute-1", "MAINTENANCE_COMPLETE")


@cases.keeps("admin_tool_waits_for_answers")
def a_host_message_at_the_start(run: HistoryBuilder) -> None:
    before_the_start(run, 0).host_message("compute-1", "MAINTENANCE_COMPLETE")


@cases.violates("admin_tool_waits_for_answers")
def work_a_moment_before_the_start(run: HistoryBuilder) -> None:
    before_the_start(run, 0.001).log("admin_tool", "host.work", host="compute-1", session_id=SESSION, phase="started")


@cases.keeps("admin_tool_waits_for_answers")
def work_of_another_session_before_the_start(run: HistoryBuilder) -> None:
    before_the_start(run, 0.001).log("admin_tool", "host.work", host="c", session_id="session-2", phase="started")


@cases.violates("admin_tool_waits_for_answers")
def nova_compute_is_disabled_a_moment_before_the_start(run: HistoryBuilder) -> None:
    before_the_start(run, 0.001).compute("compute-1", "disabled")


@cases.keeps("admin_tool_waits_for_answers")
def nova_compute_is_disabled_at_the_start(run: HistoryBuilder) -> None:
    before_the_start(run, 0).compute("compute-1", "disabled")


@cases.keeps("admin_tool_waits_for_answers")
def nova_compute_is_disabled_before_the_session(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).compute("compute-1", "disabled")


@cases.keeps("admin_tool_waits_for_answers")
def nova_compute_of_a_compute_that_is_not_maintained_is_disabled(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).compute("compute-4")
    before_the_start(run, 1).compute("compute-4", "disabled")


def start_to_migrate(run: HistoryBuilder, by: str = ADMIN) -> None:
    run.server("app_3", "compute-3", "RESIZE", action="migrate", by=by, task="resize_prep")
    run.server("app_3", "compute-3", action="migrate", by=by)


def early_moves(run: HistoryBuilder) -> list[str]:
    messages = [each.message for each in verdict_on(run, "admin_tool_waits_for_answers").violations]
    return [message for message in messages if "before the start of the maintenance" in message]


@cases.keeps("admin_tool_waits_for_answers")
def the_project_itself_migrates_before_the_start(run: HistoryBuilder) -> None:
    start_to_migrate(before_the_start(run, 1), by=PROJECT)


@cases.keeps("admin_tool_waits_for_answers")
def a_session_that_does_not_say_when_it_starts(run: HistoryBuilder) -> None:
    nova_compute_is_disabled_a_moment_before_the_start(run)
    run.one("session.created").data["maintenance_at"] = "soon"


@cases.keeps("admin_tool_waits_for_answers")
def two_projects_are_asked_at_once(run: HistoryBuilder) -> None:
    message = run.after(run.one("notification", state="DOWN_SCALE")).message("DOWN_SCALE", project=OTHER_PROJECT)
    run.reply(message)


@cases.violates("admin_tool_waits_for_answers")
def one_of_two_projects_does_not_agree_to_scale_down(run: HistoryBuilder) -> None:
    run.after(run.one("notification", state="DOWN_SCALE")).message("DOWN_SCALE", project=OTHER_PROJECT)


@cases.violates("admin_tool_waits_for_answers")
def the_same_step_twice_before_the_answer(run: HistoryBuilder) -> None:
    message = run.after(run.one("notification", state="DOWN_SCALE")).message("DOWN_SCALE")
    run.reply(message)


@cases.keeps("admin_tool_waits_for_answers")
def a_failed_session_reports_a_compute_back_without_an_answer(run: HistoryBuilder) -> None:
    run.after(run.one("notification", 1, state="PLANNED_MAINTENANCE")).fail()
    run.host_message("compute-1", "MAINTENANCE_COMPLETE")


@cases.violates("admin_tool_waits_for_answers")
def another_compute_is_maintained_before_the_answer_about_this_one(run: HistoryBuilder) -> None:
    """The message has a URL instead of instances, and no reply names them."""
    reply = run.one("reply", 1, state="ACK_PLANNED_MAINTENANCE")
    reply.data["body"].pop("instance_actions")
    run.before(reply).host_message("compute-3", "IN_MAINTENANCE")


@cases.keeps("admin_tool_waits_for_answers", base=vnf_workflow)
def another_compute_is_maintained_before_the_answer_about_an_instance(run: HistoryBuilder) -> None:
    run.after(run.one("notification", 1, **PLANNED)).host_message("compute-4", "IN_MAINTENANCE")


@cases.keeps("admin_tool_waits_for_answers", base=vnf_workflow)
def preparing_one_instance_while_another_is_planned(run: HistoryBuilder) -> None:
    first = run.one("notification", **PLANNED)
    run.reply(run.after(first).message("PREPARE_MAINTENANCE", window=20, instances=["id-ha_1"]))


@cases.violates("admin_tool_waits_for_answers", base=vnf_workflow)
def preparing_an_instance_while_it_is_planned(run: HistoryBuilder) -> None:
    first = run.one("notification", **PLANNED)
    run.reply(run.after(first).message("PREPARE_MAINTENANCE", window=20, instances=["id-ha_0"]))


@cases.violates("admin_tool_waits_for_answers")
def the_sample_prepares_one_instance_while_another_is_planned(run: HistoryBuilder) -> None:
    first = run.one("notification", state="PLANNED_MAINTENANCE")
    run.reply(run.after(first).message("PREPARE_MAINTENANCE", instances=["id-app_1"]))


@cases.keeps("admin_tool_waits_for_answers", base=vnf_workflow)
def a_move_is_reported_while_another_instance_is_planned(run: HistoryBuilder) -> None:
    report = run.after(run.one("notification", **PLANNED))
    report.message("INSTANCE_ACTION_DONE", window=None, instances=["id-ha_1"])


@cases.violates("admin_tool_waits_for_answers", base=vnf_workflow)
def a_move_is_reported_while_the_instance_is_planned(run: HistoryBuilder) -> None:
    report = run.after(run.one("notification", **PLANNED))
    report.message("INSTANCE_ACTION_DONE", window=None, instances=["id-ha_0"])


@cases.keeps("admin_tool_waits_for_answers", base=vnf_workflow)
def a_move_of_another_project_is_reported_while_an_instance_is_planned(run: HistoryBuilder) -> None:
    report = run.after(run.one("notification", **PLANNED))
    report.message("INSTANCE_ACTION_DONE", window=None, instances=["id-ha_0"], project=OTHER_PROJECT)


@cases.violates("admin_tool_waits_for_answers", base=vnf_workflow)
def complete_while_an_instance_is_planned(run: HistoryBuilder) -> None:
    run.after(run.one("notification", **PLANNED)).message("MAINTENANCE_COMPLETE", window=60)


@cases.violates("admin_tool_waits_for_answers")
def a_move_although_the_project_never_agreed(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PLANNED_MAINTENANCE").data["state"] = "NACK_PLANNED_MAINTENANCE"


@cases.violates(
    "admin_tool_waits_for_answers",
    base=vnf_workflow,
    says="IN_MAINTENANCE for compute-3 was sent before doctor agreed to MAINTENANCE; allowed: after the ACK",
)
def an_empty_compute_is_maintained_before_the_project_agreed_to_the_maintenance(run: HistoryBuilder) -> None:
    message = run.one("notification", state="MAINTENANCE", event_type="maintenance.scheduled")
    message.data["instance_ids"] = ["id-ha_0"]
    run.drop(run.one("reply", state="ACK_MAINTENANCE"))
    run.before(run.one("session.state", state="PLANNED_MAINTENANCE")).reply(message)


@cases.violates("admin_tool_waits_for_answers", base=vnf_workflow)
def an_empty_compute_is_maintained_before_the_project_agreed_to_scale_down(run: HistoryBuilder) -> None:
    first = run.one("notification", state="IN_MAINTENANCE")
    message = run.before(first).message("SCALE_IN", window=60, instances=["id-ha_0"])
    run.after(first).reply(message)


@cases.violates("admin_tool_waits_for_answers", base=vnf_workflow)
def planning_what_is_not_named_while_an_instance_is_planned(run: HistoryBuilder) -> None:
    run.after(run.one("notification", **PLANNED)).message("PLANNED_MAINTENANCE", window=20)


@cases.violates("admin_tool_waits_for_answers", base=vnf_workflow)
def planning_no_instance_while_an_instance_is_planned(run: HistoryBuilder) -> None:
    run.reply(run.after(run.one("notification", **PLANNED)).message("PLANNED_MAINTENANCE", window=20, instances=[]))


@cases.violates("admin_tool_waits_for_answers", base=vnf_workflow)
def preparing_what_is_not_named_while_an_instance_is_planned(run: HistoryBuilder) -> None:
    run.reply(run.after(run.one("notification", **PLANNED)).message("PREPARE_MAINTENANCE", window=20))


@cases.violates("admin_tool_waits_for_answers", base=vnf_workflow)
def preparing_no_instance_while_an_instance_is_planned(run: HistoryBuilder) -> None:
    run.reply(run.after(run.one("notification", **PLANNED)).message("PREPARE_MAINTENANCE", window=20, instances=[]))


@cases.violates(
    "admin_tool_waits_for_answers",
    says="IN_MAINTENANCE for compute-1 was sent before doctor agreed to PLANNED_MAINTENANCE; allowed: after the ACK",
)
def a_compute_with_one_of_two_instances_is_maintained_before_the_answer(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    reply.data["body"]["instance_actions"] = {"id-ha_1": "MIGRATE", "id-app_3": "MIGRATE"}
    run.before(reply).host_message("compute-1", "IN_MAINTENANCE")


@cases.keeps("admin_tool_waits_for_answers")
def nova_compute_reports_again_before_the_start(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).compute("compute-1", "disabled")
    run.after(run.one("session.created")).compute("compute-1", "disabled", "down")
    run.compute("compute-1")
    run.compute("compute-1", state="down")


@cases.keeps("admin_tool_waits_for_answers")
def the_states_of_the_computes_are_not_known(run: HistoryBuilder) -> None:
    run.drop(*run.all("compute"))


@cases.violates(
    "admin_tool_waits_for_answers",
    says="migrate of other_0 from compute-1 started without a message about it to other; allowed: after the ACK of one",
)
def a_move_of_an_instance_of_a_project_that_got_no_message(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).boot("other_0", "compute-1", OTHER_PROJECT)
    run.before(run.one("notification", 1, state="PLANNED_MAINTENANCE"))
    run.server("other_0", "compute-1", "RESIZE", action="migrate", by=ADMIN, task="x", project=OTHER_PROJECT)
    run.server("other_0", "compute-3", action="confirmResize", by=ADMIN, project=OTHER_PROJECT)


@pytest.mark.parametrize(
    ("at", "source", "hosts", "is_early"),
    [
        (29.999, "compute-3", HOSTS, True),
        (30, "compute-3", HOSTS, False),
        (29.999, "compute-3", HOSTS[:2], False),
    ],
)
def test_a_move_before_the_start_is_reported(
    run: HistoryBuilder, at: float, source: str, hosts: list[str], is_early: bool
) -> None:
    run.one("session.created").data["hosts"] = hosts
    start_to_migrate(before_the_start(run, 30 - at))
    messages = [each.message for each in verdict_on(run, "admin_tool_waits_for_answers").violations]
    early = [message for message in messages if "before the start of the maintenance" in message]
    text = (
        "migrate of app_3 from compute-3 started 0.001 s before the start of the maintenance; allowed: from 00:00:30 on"
    )
    assert early == ([text] if is_early else [])


def test_a_move_before_the_session_was_created_is_not_early(run: HistoryBuilder) -> None:
    start_to_migrate(run.before(run.one("session.created")))
    messages = [each.message for each in verdict_on(run, "admin_tool_waits_for_answers").violations]
    assert not [message for message in messages if "before the start of the maintenance" in message]


def test_an_ack_that_came_after_the_move_is_shown(run: HistoryBuilder) -> None:
    a_move_before_the_answer(run)
    (violation,) = verdict_on(run, "admin_tool_waits_for_answers").violations
    assert run.number(run.one("reply", state="ACK_PLANNED_MAINTENANCE")) in violation.events


# -- agreed_actions_are_taken ------------------------------------------------------------------------------------------


@cases.violates("agreed_actions_are_taken")
def another_action_than_agreed(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "LIVE_MIGRATE"}


@cases.violates("agreed_actions_are_taken")
def the_projects_own_action_is_done_by_the_admin_tool(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "OWN_ACTION"}


def _stop_app_3(run: HistoryBuilder, status: str = "SHUTOFF") -> None:
    for draft in run.all("server", name="app_3"):
        if draft.data["status"] == "ACTIVE":
            draft.data["status"] = status


@cases.keeps("agreed_actions_are_taken")
def a_stopped_instance_is_moved_cold_whatever_was_agreed_on(run: HistoryBuilder) -> None:
    another_action_than_agreed(run)
    _stop_app_3(run)


@cases.violates("agreed_actions_are_taken")
def a_paused_instance_is_not_moved_live(run: HistoryBuilder) -> None:
    another_action_than_agreed(run)
    _stop_app_3(run, "PAUSED")


@cases.violates("agreed_actions_are_taken")
def a_stopped_instance_is_moved_by_the_admin_tool_in_place_of_its_project(run: HistoryBuilder) -> None:
    the_projects_own_action_is_done_by_the_admin_tool(run)
    _stop_app_3(run)


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


@cases.violates("agreed_actions_are_taken")
def an_ack_without_actions(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"].pop("instance_actions")


@cases.keeps("agreed_actions_are_taken")
def a_nack_without_actions(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PREPARE_MAINTENANCE")
    reply.data["state"] = "NACK_PREPARE_MAINTENANCE"
    reply.data["body"].pop("instance_actions")


@cases.keeps("agreed_actions_are_taken")
def an_ack_of_another_step_without_actions(run: HistoryBuilder) -> None:
    assert "instance_actions" not in run.one("reply", state="ACK_DOWN_SCALE").data["body"]


@cases.violates("agreed_actions_are_taken")
def an_action_for_an_instance_that_does_not_exist(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PREPARE_MAINTENANCE")
    reply.data["body"]["instance_actions"]["nothing"] = "MIGRATE"


@cases.keeps("agreed_actions_are_taken")
def a_failed_session_does_not_move(run: HistoryBuilder) -> None:
    run.after(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).fail()


@cases.violates("agreed_actions_are_taken")
def a_session_does_not_move(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PREPARE_MAINTENANCE")
    run.drop(*[draft for draft in run.all("server", name="app_3") if draft.at >= reply.at])


@cases.keeps("agreed_actions_are_taken")
def an_instance_that_is_lost_with_its_compute(run: HistoryBuilder) -> None:
    a_session_does_not_move(run)
    run.after(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).fault("compute-3")


@cases.keeps("agreed_actions_are_taken")
def the_project_removes_the_instance_instead(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PREPARE_MAINTENANCE")
    reply.data["body"]["instance_actions"]["id-app_3"] = "OWN_ACTION"
    a_session_does_not_move(run)
    run.one("reply", state="ACK_PLANNED_MAINTENANCE").data["body"]["instance_actions"].pop("id-app_3")
    run.after(reply).delete("app_3")


@cases.keeps("agreed_actions_are_taken")
def each_move_is_judged_by_the_reply_before_it(run: HistoryBuilder) -> None:
    """Another action is agreed on for the second move of the same instance."""
    second = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    second.data["body"]["instance_actions"]["id-app_3"] = "LIVE_MIGRATE"
    for draft in run.all("server", name="app_3"):
        if draft.at > second.at and draft.data["action"] in ("migrate", "confirmResize"):
            draft.data["action"] = "os-migrateLive"


@cases.violates("agreed_actions_are_taken")
def the_second_move_is_not_by_the_reply_before_it(run: HistoryBuilder) -> None:
    second = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    second.data["body"]["instance_actions"]["id-app_3"] = "LIVE_MIGRATE"


@cases.violates("agreed_actions_are_taken")
def an_action_for_an_instance_that_comes_later(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"]["id-app_4"] = "MIGRATE"


@cases.violates("agreed_actions_are_taken", says="MIGRATE of app_3 was agreed on; allowed: none")
def an_action_where_none_was_allowed(run: HistoryBuilder) -> None:
    run.one("notification", state="PREPARE_MAINTENANCE").data["allowed_actions"] = []


@cases.violates("agreed_actions_are_taken", base=vnf_workflow)
def a_cold_migration_instead_of_the_projects_own_action(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", max_interruption_time=0.1)
    choose(run, "app_1", "OWN_ACTION")


@cases.keeps("agreed_actions_are_taken", base=vnf_workflow)
def a_cold_migration_because_a_live_one_would_take_too_long(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", max_interruption_time=0.499)
    choose(run, "app_1", "LIVE_MIGRATE")


@cases.violates("agreed_actions_are_taken", base=vnf_workflow)
def a_cold_migration_although_a_live_one_would_be_short_enough(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", max_interruption_time=0.5)
    choose(run, "app_1", "LIVE_MIGRATE")


@cases.violates("agreed_actions_are_taken")
def a_second_move_after_the_first_was_reported(run: HistoryBuilder) -> None:
    run.after(run.one("notification", state="ADMIN_ACTION_DONE"))
    run.server("app_3", "compute-1", "MIGRATING", action="os-migrateLive", by=ADMIN, task="migrating")
    run.server("app_3", "compute-1", action="os-migrateLive", by=ADMIN)


@pytest.mark.parametrize(("limit", "outcome"), [(0.3, Outcome.VIOLATED), (0.301, Outcome.HOLDS)])
@pytest.mark.parametrize("claim", ["agreed_actions_are_taken", "migration_types_are_respected"])
def test_the_interruption_that_is_expected_of_a_live_migration_is_a_parameter(
    vnf_run: HistoryBuilder, claim: str, limit: float, outcome: Outcome
) -> None:
    change_constraint(
        vnf_run,
        "constraint.instance",
        60,
        which="id-app_1",
        migration_type="LIVE_MIGRATE",
        max_interruption_time=0.3,
    )
    choose(vnf_run, "app_1", "LIVE_MIGRATE")
    verdict = verdict_on(vnf_run, claim, expected_interruption_s=limit)
    assert verdict.outcome is outcome
    assert verdict.figures["expected_interruption_s"] == limit


def test_of_several_wrong_moves_the_first_is_reported(run: HistoryBuilder) -> None:
    another_action_than_agreed(run)
    run.before(run.one("notification", state="ADMIN_ACTION_DONE")).migrate("app_3", "compute-1", "compute-2")
    assert len(verdict_on(run, "agreed_actions_are_taken").violations) == 1


# -- admin_actions_are_reported_once -----------------------------------------------------------------------------------


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


@cases.violates("admin_actions_are_reported_once")
def a_move_is_reported_to_another_project(run: HistoryBuilder) -> None:
    run.one("notification", state="ADMIN_ACTION_DONE").data["project_id"] = OTHER_PROJECT


@cases.keeps("admin_actions_are_reported_once")
def the_reports_have_a_url_instead_of_instances(run: HistoryBuilder) -> None:
    for report in run.all("notification", state="ADMIN_ACTION_DONE"):
        report.data["instance_ids"] = "http://admin_tool/maintenance/session-1/project-1"


@cases.violates("admin_actions_are_reported_once")
def fewer_reports_with_a_url_than_moves(run: HistoryBuilder) -> None:
    the_reports_have_a_url_instead_of_instances(run)
    run.drop_with_effects(run.one("notification", state="ADMIN_ACTION_DONE"))


@cases.violates("admin_actions_are_reported_once")
def more_reports_with_a_url_than_moves(run: HistoryBuilder) -> None:
    run.after(run.one("alarm", state="ADMIN_ACTION_DONE")).action_done("app_3")
    the_reports_have_a_url_instead_of_instances(run)


@cases.violates("admin_actions_are_reported_once")
def one_report_with_a_url_too_few_and_the_others_with_instances(run: HistoryBuilder) -> None:
    first, second = run.all("notification", state="ADMIN_ACTION_DONE")[:2]
    first.data["instance_ids"] = "http://admin_tool/maintenance/session-1/project-1"
    run.drop_with_effects(second)


@cases.keeps("admin_actions_are_reported_once")
def a_session_that_failed_after_the_move_does_not_report_it(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="ADMIN_ACTION_DONE")).fail()


@cases.violates("admin_actions_are_reported_once")
def a_session_that_failed_sent_another_message_instead_of_the_report(run: HistoryBuilder) -> None:
    a_session_that_failed_after_the_move_does_not_report_it(run)
    run.before(run.one("session.state", state="MAINTENANCE_FAILED")).message("PLANNED_MAINTENANCE")


@cases.keeps("admin_actions_are_reported_once")
def the_project_moves_an_instance_itself(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).migrate("app_1", "compute-1", "compute-2", by=PROJECT)


@cases.violates("admin_actions_are_reported_once")
def the_second_move_of_an_instance_is_not_reported(run: HistoryBuilder) -> None:
    reports = [d for d in run.all("notification", state="ADMIN_ACTION_DONE") if d.data["instance_ids"] == ["id-app_3"]]
    run.drop_with_effects(reports[1])


@cases.violates("admin_actions_are_reported_once")
def both_moves_of_an_instance_are_reported_after_the_second(run: HistoryBuilder) -> None:
    first, second = [
        d for d in run.all("notification", state="ADMIN_ACTION_DONE") if d.data["instance_ids"] == ["id-app_3"]
    ]
    run.drop_with_effects(first).after(second).action_done("app_3")


@cases.violates("admin_actions_are_reported_once")
def a_move_after_the_session_failed_is_not_reported(run: HistoryBuilder) -> None:
    run.before(run.one("notification", 1, state="PLANNED_MAINTENANCE")).fail()
    run.migrate("ha_0", "compute-3", "compute-1")


@cases.violates("admin_actions_are_reported_once")
def the_failure_of_another_session_does_not_excuse_a_move(run: HistoryBuilder) -> None:
    created = run.one("session.created")
    data = {**created.data, "session_id": "session-2", "hosts": ["compute-9"]}
    run.after(created).log("admin_tool", "session.created", **data)
    report = run.all("notification", state="ADMIN_ACTION_DONE")[-1]
    run.before(report).log("admin_tool", "session.state", session_id="session-2", state="MAINTENANCE_FAILED")
    run.drop(*[draft for draft in run.all("notification") if run.number(draft) >= run.number(report)])


@cases.violates("admin_actions_are_reported_once")
def the_last_move_is_not_reported_and_nothing_else_is_sent(run: HistoryBuilder) -> None:
    report = run.all("notification", state="ADMIN_ACTION_DONE")[-1]
    run.drop(*[draft for draft in run.all("notification") if run.number(draft) >= run.number(report)])


@cases.keeps("admin_actions_are_reported_once")
def the_history_breaks_off_with_the_report(run: HistoryBuilder) -> None:
    report = run.all("notification", state="ADMIN_ACTION_DONE")[-1]
    run.drop(*run.drafts[run.number(report) :])


@cases.keeps("admin_actions_are_reported_once")
def the_reports_of_two_projects_have_a_url_instead_of_instances(run: HistoryBuilder) -> None:
    last = run.all("notification", state="ADMIN_ACTION_DONE")[-1]
    run.before(run.one("session.created")).boot("other_0", "compute-2", OTHER_PROJECT)
    run.after(last).server(
        "other_0", "compute-2", "MIGRATING", action="os-migrateLive", by=ADMIN, project=OTHER_PROJECT
    )
    run.server("other_0", "compute-1", action="os-migrateLive", by=ADMIN, project=OTHER_PROJECT)
    run.message("ADMIN_ACTION_DONE", window=None, instances=[], project=OTHER_PROJECT)
    the_reports_have_a_url_instead_of_instances(run)


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)
