"""Claims about sessions, and about actors that end in order."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import Outcome
from tests.support.claims import (
    PROJECT,
    SESSION,
    Case,
    ClaimCases,
    HistoryBuilder,
    assert_holds,
    assert_violated,
    verdict_on,
)
from tests.support.fenix_runs import PROGRESS, vnf_workflow

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


@cases.keeps("failed_sessions_put_everything_back")
def another_session_left_a_compute_disabled(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).compute("compute-1", "disabled")


# -- progress_is_consistent --------------------------------------------------------------------------------------------


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_falls(run: HistoryBuilder) -> None:
    run.one("notification", event_type=PROGRESS, state="MAINTENANCE_COMPLETE").data["percent_done"] = 54


@cases.violates("progress_is_consistent", base=vnf_workflow)
def done_at_less_than_all(run: HistoryBuilder) -> None:
    run.one("notification", event_type=PROGRESS, state="MAINTENANCE_DONE").data["percent_done"] = 99


@cases.violates("progress_is_consistent", base=vnf_workflow)
def more_than_all(run: HistoryBuilder) -> None:
    run.one("notification", event_type=PROGRESS, state="PLANNED_MAINTENANCE").data["percent_done"] = 155


@cases.violates("progress_is_consistent", base=vnf_workflow)
def no_percentage(run: HistoryBuilder) -> None:
    del run.one("notification", event_type=PROGRESS, state="PLANNED_MAINTENANCE").data["percent_done"]


@cases.violates("progress_is_consistent", base=vnf_workflow)
def a_state_without_a_message(run: HistoryBuilder) -> None:
    run.drop(run.one("notification", event_type=PROGRESS, state="PLANNED_MAINTENANCE"))


@cases.violates("progress_is_consistent", base=vnf_workflow)
def going_on_after_the_end(run: HistoryBuilder) -> None:
    done = run.one("notification", event_type=PROGRESS, state="MAINTENANCE_DONE")
    run.after(done).log("admin_tool", "notification", **{**done.data, "state": "PLANNED_MAINTENANCE"})


def percent_done(run: HistoryBuilder, state: str, percent: object) -> None:
    run.one("notification", event_type=PROGRESS, state=state).data["percent_done"] = percent


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def percent_done_stays(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_COMPLETE", 55)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_falls_by_one(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_COMPLETE", 54)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_falls_below_an_earlier_one(run: HistoryBuilder) -> None:
    percent_done(run, "START_MAINTENANCE", 60)
    percent_done(run, "PLANNED_MAINTENANCE", 55)
    percent_done(run, "MAINTENANCE_COMPLETE", 58)


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def percent_done_as_text(run: HistoryBuilder) -> None:
    percent_done(run, "PLANNED_MAINTENANCE", "55")


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_of_no_number(run: HistoryBuilder) -> None:
    percent_done(run, "PLANNED_MAINTENANCE", "half")


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_of_null(run: HistoryBuilder) -> None:
    percent_done(run, "PLANNED_MAINTENANCE", None)


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def percent_done_of_100_before_the_end(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_COMPLETE", 100)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_above_100(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_DONE", 100.001)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_below_0(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE", -0.001)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def done_at_a_moment_before_100(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_DONE", 99.999)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def going_on_after_failing(run: HistoryBuilder) -> None:
    run.one("notification", event_type=PROGRESS, state="PLANNED_MAINTENANCE").data["state"] = "MAINTENANCE_FAILED"


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def failing_at_less_than_100(run: HistoryBuilder) -> None:
    for draft in [*run.all("session.state"), *run.all("notification", event_type=PROGRESS)]:
        if draft.data["state"] == "MAINTENANCE_DONE":
            draft.data.update(state="MAINTENANCE_FAILED", percent_done=95)


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def a_state_that_the_admin_never_saw(run: HistoryBuilder) -> None:
    run.drop(run.one("session.state", state="PLANNED_MAINTENANCE"))


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def two_sessions_with_a_progress_each(run: HistoryBuilder) -> None:
    created = run.one("session.created")
    run.after(created).log("admin_tool", "session.created", **{**created.data, "session_id": "session-2"})
    first = run.one("notification", event_type=PROGRESS, state="MAINTENANCE_COMPLETE")
    run.after(first).log("admin_tool", "notification", **{**first.data, "session_id": "session-2", "percent_done": 0})


@cases.keeps("progress_is_consistent")
def an_admin_tool_that_reports_no_progress(run: HistoryBuilder) -> None:
    assert not run.all("notification", event_type=PROGRESS)


# -- refusals_are_clear ------------------------------------------------------------------------------------------------


@cases.violates("refusals_are_clear")
def the_admin_tool_breaks_upon_an_answer(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    refusal = run.refuse(run.before(reply).reply(reply.cause))
    refusal.data["status"] = 500


@cases.violates("refusals_are_clear")
def a_refusal_does_not_say_why(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.refuse(run.before(reply).reply(reply.cause)).data["error"] = None


@cases.violates("refusals_are_clear")
def the_admin_tool_breaks_upon_a_session(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).log("admin_tool", "session.refused", status=503, error="no")


def refuse_a_reply(run: HistoryBuilder, status: int, error: str | None = "no") -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.refuse(run.before(reply).reply(reply.cause), status, error)


def refuse_a_session(run: HistoryBuilder, status: int, error: str | None = "no") -> None:
    run.before(run.one("session.created")).log("admin_tool", "session.refused", status=status, error=error)


@cases.keeps("refusals_are_clear")
def a_reply_is_refused_with_499(run: HistoryBuilder) -> None:
    refuse_a_reply(run, 499)


@cases.violates("refusals_are_clear")
def a_reply_is_refused_with_500(run: HistoryBuilder) -> None:
    refuse_a_reply(run, 500)


@cases.violates("refusals_are_clear")
def a_reply_is_refused_with_509(run: HistoryBuilder) -> None:
    refuse_a_reply(run, 509)


@cases.keeps("refusals_are_clear")
def a_session_is_refused_with_499(run: HistoryBuilder) -> None:
    refuse_a_session(run, 499)


@cases.violates("refusals_are_clear")
def a_session_is_refused_with_500(run: HistoryBuilder) -> None:
    refuse_a_session(run, 500)


@cases.violates("refusals_are_clear")
def a_session_is_refused_with_508(run: HistoryBuilder) -> None:
    refuse_a_session(run, 508)


@cases.keeps("refusals_are_clear")
def a_session_is_refused_with_509(run: HistoryBuilder) -> None:
    refuse_a_session(run, 509)


@cases.violates("refusals_are_clear")
def a_session_is_refused_with_510(run: HistoryBuilder) -> None:
    refuse_a_session(run, 510)


@cases.violates("refusals_are_clear")
def a_session_is_refused_without_a_reason(run: HistoryBuilder) -> None:
    refuse_a_session(run, 400, "")


@cases.violates("refusals_are_clear")
def a_session_is_refused_with_509_without_a_reason(run: HistoryBuilder) -> None:
    refuse_a_session(run, 509, None)


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
    assert_violated(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


def test_a_fenix_that_reports_no_progress_is_unknown(vnf_run: HistoryBuilder) -> None:
    vnf_run.drop(*vnf_run.all("notification", event_type=PROGRESS))
    assert verdict_on(vnf_run, "progress_is_consistent").outcome is Outcome.UNKNOWN
