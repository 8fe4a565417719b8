"""The claim that the admin tool waits for the answers of the projects."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, assert_holds, assert_violated, verdict_on
from tests.support.fenix_runs import vnf_workflow
from tests.support.history_builder import ADMIN, OTHER_PROJECT, PROJECT, SESSION, Data, HistoryBuilder

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
    """The message has a URL instead of instances, and no reply names the instances."""
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


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)
