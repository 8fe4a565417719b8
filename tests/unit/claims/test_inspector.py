"""Claims about the Inspector."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, HistoryBuilder, assert_holds, assert_violated, verdict_on

cases = ClaimCases()


@cases.violates("failures_are_managed_once")
def a_failure_is_not_managed(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE")).log("inspector", "host.failure", host="compute-2")


def fail(run: HistoryBuilder) -> None:
    """A failure of compute-2, handled as due."""
    run.before(run.one("notification", state="DOWN_SCALE")).log("inspector", "host.failure", host="compute-2")
    run.log("inspector", "fault_management", host="compute-2", action="force_down", server_id=None)
    for name in ("ha_1", "app_1"):
        run.log("inspector", "fault_management", host="compute-2", action="reset_state", server_id=f"id-{name}")


@cases.violates("failures_are_managed_once")
def a_failure_is_managed_twice(run: HistoryBuilder) -> None:
    fail(run)
    fault = run.one("fault_management", action="force_down")
    run.after(fault).log("inspector", "fault_management", **fault.data)


@cases.violates("failures_are_managed_once")
def an_instance_is_not_reset(run: HistoryBuilder) -> None:
    fail(run)
    run.drop(run.one("fault_management", server_id="id-app_1"))


@cases.violates("failures_are_managed_once")
def forced_down_without_a_report(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE"))
    run.log("inspector", "fault_management", host="compute-2", action="force_down", server_id=None)


@cases.violates("inspector_hears_of_maintenance")
def the_inspector_hears_nothing(run: HistoryBuilder) -> None:
    run.drop(*[draft for draft in run.all("alarm") if draft.actor == "inspector"])


@cases.violates("inspector_hears_of_maintenance")
def the_inspector_does_not_hear_of_the_return(run: HistoryBuilder) -> None:
    run.drop(run.one("alarm", state="MAINTENANCE_COMPLETE"))


@cases.violates("inspector_hears_of_maintenance")
def an_inspector_elsewhere_refuses_a_message(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", event_type="maintenance.host")
    run.after(alarm).log(alarm.actor, "alarm.refused", cause=alarm, status=500, error="no")


@cases.violates("inspector_hears_of_maintenance")
def the_inspector_hears_twice(run: HistoryBuilder) -> None:
    alarm = run.one("alarm", state="IN_MAINTENANCE")
    run.after(alarm).log("inspector", "alarm", cause=alarm.cause, **alarm.data)


@cases.violates("inspector_hears_of_maintenance")
def the_inspector_hears_in_the_wrong_order(run: HistoryBuilder) -> None:
    entered = run.one("alarm", state="IN_MAINTENANCE")
    run.drop(entered).after(run.one("alarm", state="MAINTENANCE_COMPLETE"))
    run.log("inspector", "alarm", cause=entered.cause, **entered.data)


@cases.violates("inspector_keeps_still_in_maintenance")
def forced_down_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-1")).compute("compute-1", "disabled", "down", forced=True)


@cases.violates("inspector_keeps_still_in_maintenance")
def the_inspector_acts_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-1"))
    run.log("inspector", "fault_management", host="compute-1", action="force_down", server_id=None)


@cases.violates("inspector_keeps_still_in_maintenance")
def a_server_is_reset_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-1"))
    run.server("app_9", "compute-1", "ERROR", action="os-resetState", by="admin-project")


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


def test_the_refusal_of_a_message_is_shown(run: HistoryBuilder) -> None:
    an_inspector_elsewhere_refuses_a_message(run)
    violation = verdict_on(run, "inspector_hears_of_maintenance").violations[0]
    assert violation.message == "IN_MAINTENANCE of compute-3 reached the Inspector 0 times; allowed: once"
    assert run.number(run.one("alarm.refused")) in violation.events
