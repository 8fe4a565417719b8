"""Claims about the end of a session and of a run."""

from __future__ import annotations

import pytest

from tests.support.claims import (
    Case,
    Change,
    ClaimCases,
    assert_holds,
    assert_not_applicable,
    assert_violated,
    case_name,
    verdict_on,
)
from tests.support.history_builder import ADMIN, PROJECT, SESSION, Draft, HistoryBuilder

cases = ClaimCases()


# -- alarms_are_gone_in_the_end ----------------------------------------------------------------------------------------


@cases.violates("alarms_are_gone_in_the_end")
def an_alarm_is_left(run: HistoryBuilder) -> None:
    run.drop(run.one("alarm.deleted", alarm_id="alarm-inspector"))


@cases.violates("alarms_are_gone_in_the_end")
def an_alarm_is_deleted_after_the_end(run: HistoryBuilder) -> None:
    deleted = run.one("alarm.deleted")
    run.drop(deleted).after(run.one("run.ended")).log(deleted.actor, "alarm.deleted", **deleted.data)


@cases.keeps("alarms_are_gone_in_the_end")
def an_alarm_is_deleted_right_before_the_end(run: HistoryBuilder) -> None:
    deleted = run.one("alarm.deleted")
    run.drop(deleted).before(run.one("run.ended")).log(deleted.actor, "alarm.deleted", **deleted.data)


@cases.keeps("alarms_are_gone_in_the_end")
def an_alarm_is_deleted_that_was_never_created(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).log("x", "alarm.deleted", alarm_id="alarm-x", project_id=PROJECT)


# -- failed_sessions_put_everything_back -------------------------------------------------------------------------------


@cases.violates("failed_sessions_put_everything_back")
def failed_and_left_disabled(run: HistoryBuilder) -> None:
    failed(run)
    run.before(run.one("run.ended")).compute("compute-1", "disabled")


@cases.violates("failed_sessions_put_everything_back")
def failed_and_left_half_moved(run: HistoryBuilder) -> None:
    failed(run)
    run.drop(run.one("server", name="app_1", action="confirmResize"))


def fail_in_maintenance(run: HistoryBuilder) -> None:
    """The session fails while compute-3 is in maintenance, and enables all computes."""
    run.after(run.one("host.work", host="compute-3")).fail()
    for host in ("compute-1", "compute-2", "compute-3"):
        run.compute(host)


@cases.keeps("failed_sessions_put_everything_back")
def failed_and_put_back(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)


@cases.violates("failed_sessions_put_everything_back")
def failed_and_left_one_compute_disabled(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)
    run.drop(run.all("compute")[-1])


@cases.keeps("failed_sessions_put_everything_back")
def failed_and_left_a_compute_of_others_disabled(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)
    run.compute("compute-4", "disabled")


@cases.keeps("failed_sessions_put_everything_back")
def failed_and_the_states_of_a_compute_are_not_known(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)
    run.drop(*run.all("compute", host="compute-3"))


@cases.violates("failed_sessions_put_everything_back")
def failed_and_left_a_resize(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)
    run.server("app_1", "compute-2", "RESIZE", task="resize_prep")


@cases.violates("failed_sessions_put_everything_back")
def failed_and_left_a_live_migration(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)
    run.server("app_1", "compute-2", "MIGRATING", task="migrating")


@cases.violates("failed_sessions_put_everything_back")
def failed_and_left_a_resize_to_be_confirmed(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)
    run.server("app_1", "compute-2", "VERIFY_RESIZE")


@cases.violates("failed_sessions_put_everything_back")
def failed_and_left_a_server_on_two_computes(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)
    run.server("app_1", "compute-2", held=["compute-2", "compute-1"])


@cases.violates("failed_sessions_put_everything_back")
def failed_and_left_a_server_that_holds_room_on_a_compute_of_the_session(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)
    run.server("app_1", "compute-9", "VERIFY_RESIZE", held=["compute-9", "compute-2"])


@cases.keeps("failed_sessions_put_everything_back")
def failed_and_left_a_server_elsewhere_half_moved(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)
    run.server("app_1", "compute-9", "VERIFY_RESIZE", held=["compute-9", "compute-8"])


@cases.keeps("failed_sessions_put_everything_back")
def failed_and_a_half_moved_server_was_deleted(run: HistoryBuilder) -> None:
    fail_in_maintenance(run)
    run.server("app_1", "compute-2", "DELETED", held=["compute-2", "compute-1"])


@cases.leaves_nothing("failed_sessions_put_everything_back", says="no session failed")
def another_session_left_a_compute_disabled(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).compute("compute-1", "disabled")


def test_how_many_sessions_failed_is_said(run: HistoryBuilder) -> None:
    assert verdict_on(run, "failed_sessions_put_everything_back").summary == "no session failed"
    fail_in_maintenance(run)
    summary = verdict_on(run, "failed_sessions_put_everything_back").summary
    assert summary == "1 failed sessions, each put everything back"


# -- sessions_end_well -------------------------------------------------------------------------------------------------


@cases.violates("sessions_end_well")
def hangs(run: HistoryBuilder) -> None:
    run.drop(run.one("session.state", state="MAINTENANCE_DONE"))


@cases.violates("sessions_end_well")
def failed(run: HistoryBuilder) -> None:
    run.one("session.state", state="MAINTENANCE_DONE").data.update(state="MAINTENANCE_FAILED", reason="no more")


@cases.violates("sessions_end_well")
def not_deleted(run: HistoryBuilder) -> None:
    run.drop(run.one("session.deleted"))


@cases.violates("sessions_end_well")
def deleted_right_before_the_last_state(run: HistoryBuilder) -> None:
    deleted = run.one("session.deleted")
    run.drop(deleted).before(run.one("session.state", state="MAINTENANCE_DONE"))
    run.log("admin", "session.deleted", session_id=SESSION)


@cases.keeps("sessions_end_well")
def deleted_right_before_the_end(run: HistoryBuilder) -> None:
    deleted = run.one("session.deleted")
    run.drop(deleted).before(run.one("run.ended")).log("admin", "session.deleted", session_id=SESSION)


@cases.violates("sessions_end_well")
def another_state_after_done(run: HistoryBuilder) -> None:
    run.after(run.one("session.state", state="MAINTENANCE_DONE")).session_state("MAINTENANCE_COMPLETE")


@cases.violates("sessions_end_well")
def no_state_at_all(run: HistoryBuilder) -> None:
    run.drop(*run.all("session.state"))


@cases.violates("sessions_end_well")
def failed_and_done(run: HistoryBuilder) -> None:
    run.before(run.one("session.state", state="MAINTENANCE_DONE")).session_state("MAINTENANCE_FAILED")


@cases.violates("sessions_end_well")
def one_of_two_sessions_is_not_deleted(run: HistoryBuilder) -> None:
    created = run.one("session.created")
    run.after(created).log("admin_tool", "session.created", **{**created.data, "session_id": "session-2"})
    run.log("admin_tool", "session.state", session_id="session-2", state="MAINTENANCE_DONE")


def fail_after(run: HistoryBuilder, reply: Draft) -> None:
    run.after(reply).fail()


def nack(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PREPARE_MAINTENANCE")
    reply.data["state"] = "NACK_PREPARE_MAINTENANCE"
    fail_after(run, reply)


def silence(run: HistoryBuilder) -> None:
    run.after(run.one("notification", state="PREPARE_MAINTENANCE")).fail()


def no_move(run: HistoryBuilder) -> None:
    fail_after(run, run.one("reply", state="ACK_PREPARE_MAINTENANCE"))


def a_move_that_failed(run: HistoryBuilder) -> None:
    no_move(run)
    run.before(run.one("session.state", state="MAINTENANCE_FAILED"))
    run.server("app_3", "compute-3", "RESIZE", action="migrate", by=ADMIN, task="resize_prep")
    run.server("app_3", "compute-3", action="migrate", by=ADMIN)


def a_move_of_another_instance(run: HistoryBuilder) -> None:
    no_move(run)
    run.before(run.one("session.state", state="MAINTENANCE_FAILED")).migrate("app_1", "compute-2", "compute-1")


def a_move_before_the_reply(run: HistoryBuilder) -> None:
    no_move(run)
    run.before(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).migrate("app_3", "compute-3", "compute-1")


def a_move(run: HistoryBuilder) -> None:
    no_move(run)
    run.before(run.one("session.state", state="MAINTENANCE_FAILED")).migrate("app_3", "compute-3", "compute-1")


def own_action(run: HistoryBuilder) -> None:
    no_move(run)
    run.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "OWN_ACTION"}


def a_reply_in_another_session(run: HistoryBuilder) -> None:
    own_action(run)
    reply = run.one("reply", state="ACK_PREPARE_MAINTENANCE")
    run.after(reply).reply(reply.cause, "NACK_PREPARE_MAINTENANCE").data["session_id"] = "session-2"


NO_MOVE = "MIGRATE of app_3 was offered and agreed on, and was not done"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (nack, "doctor answered NACK_PREPARE_MAINTENANCE"),
        (silence, "doctor did not answer PREPARE_MAINTENANCE"),
        (no_move, NO_MOVE),
        (a_move_that_failed, NO_MOVE),
        (a_move_of_another_instance, NO_MOVE),
        (a_move_before_the_reply, NO_MOVE),
        (a_move, "the history does not show why"),
        (own_action, "the history does not show why"),
        (a_reply_in_another_session, "the history does not show why"),
    ],
    ids=case_name,
)
def test_the_reason_of_a_failure_is_found_in_the_replies(run: HistoryBuilder, change: Change, reason: str) -> None:
    change(run)
    messages = [violation.message for violation in verdict_on(run, "sessions_end_well").violations]
    assert messages[0] == f"the session failed: {reason}; due: MAINTENANCE_DONE"


def test_the_reason_that_the_admin_got_comes_first(run: HistoryBuilder) -> None:
    nack(run)
    run.one("session.state", state="MAINTENANCE_FAILED").data["reason"] = "it was Friday"
    assert verdict_on(run, "sessions_end_well").summary == "the session failed: it was Friday; due: MAINTENANCE_DONE"


def test_the_longest_session_is_shown(run: HistoryBuilder) -> None:
    created, done = run.one("session.created"), run.one("session.state", state="MAINTENANCE_DONE")
    run.before(created).log("admin_tool", "session.created", **{**created.data, "session_id": "session-2"})
    run.before(done).log("admin_tool", "session.state", session_id="session-2", state="MAINTENANCE_DONE")
    run.drafts[run.drafts.index(done) - 1].at = 100
    run.before(run.one("run.ended")).log("admin", "session.deleted", session_id="session-2")
    assert verdict_on(run, "sessions_end_well").figures == {"sessions": 2, "longest_session_s": 290}
    run.drop(*run.all("session.state", state="MAINTENANCE_DONE"))
    assert verdict_on(run, "sessions_end_well").figures == {"sessions": 2}


# -- no_thread_died ----------------------------------------------------------------------------------------------------


@cases.violates("no_thread_died")
def a_thread_died(run: HistoryBuilder) -> None:
    run.log("admin_tool", "thread.died", thread="workflow", error="ZeroDivisionError: a bug")


@cases.keeps("no_thread_died")
def a_run_that_breaks_off(run: HistoryBuilder) -> None:
    run.drop(run.one("run.ended"))


@cases.violates("no_thread_died")
def a_thread_died_in_the_run(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).log("admin_tool", "thread.died", thread="workflow", error="KeyError: 'a'")


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.idle, ids=str)
def test_the_claim_is_not_applicable(case: Case) -> None:
    assert_not_applicable(case.run(), case.claim, case.says)
