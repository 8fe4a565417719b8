"""Claims that the admin tool takes the actions that a project agreed to, and reports each of them once."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import Outcome
from tests.support.claims import Case, ClaimCases, assert_holds, assert_violated, verdict_on
from tests.support.fenix_runs import change_constraint, choose, vnf_workflow
from tests.support.history_builder import ADMIN, OTHER_PROJECT, PROJECT, HistoryBuilder

cases = ClaimCases()


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
    """The project agrees to another action for the second move of the same instance."""
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
