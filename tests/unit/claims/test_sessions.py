"""Claims about sessions, and about actors that end in order."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import Outcome
from tests.support.claims import Case, ClaimCases, HistoryBuilder, assert_holds, assert_violated, verdict_on
from tests.support.fenix_runs import PROGRESS, vnf_workflow

cases = ClaimCases()


@cases.violates("alarms_are_gone_in_the_end")
def an_alarm_is_left(run: HistoryBuilder) -> None:
    run.drop(run.one("alarm.deleted", alarm_id="alarm-inspector"))


@cases.violates("failed_sessions_put_everything_back")
def failed_and_left_disabled(run: HistoryBuilder) -> None:
    failed(run)
    run.before(run.one("run.ended")).compute("compute-1", "disabled")


@cases.violates("failed_sessions_put_everything_back")
def failed_and_left_half_moved(run: HistoryBuilder) -> None:
    failed(run)
    run.drop(run.one("server", name="app_1", action="confirmResize"))


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


@cases.violates("sessions_end_well")
def hangs(run: HistoryBuilder) -> None:
    run.drop(run.one("session.state", state="MAINTENANCE_DONE"))


@cases.violates("sessions_end_well")
def failed(run: HistoryBuilder) -> None:
    run.one("session.state", state="MAINTENANCE_DONE").data.update(state="MAINTENANCE_FAILED", reason="no more")


@cases.violates("sessions_end_well")
def not_deleted(run: HistoryBuilder) -> None:
    run.drop(run.one("session.deleted"))


@cases.violates("no_thread_died")
def a_thread_died(run: HistoryBuilder) -> None:
    run.log("admin_tool", "thread.died", thread="workflow", error="ZeroDivisionError: a bug")


# -- progress ----------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


def test_a_fenix_that_reports_no_progress_is_unknown(vnf_run: HistoryBuilder) -> None:
    vnf_run.drop(*vnf_run.all("notification", event_type=PROGRESS))
    assert verdict_on(vnf_run, "progress_is_consistent").outcome is Outcome.UNKNOWN
