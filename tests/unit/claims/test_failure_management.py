"""The claim on what the Inspector does about failures."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, assert_holds, assert_not_applicable, assert_violated
from tests.support.history_builder import ADMIN, HistoryBuilder
from tests.support.inspector_events import act

cases = ClaimCases()


# -- failures_are_managed_once -----------------------------------------------------------------------------------------


def manage(run: HistoryBuilder) -> None:
    """The Inspector handles a failure of compute-2 as required."""
    run.log("inspector", "fault_management", host="compute-2", action="force_down", server_id=None)
    for name in ("ha_1", "app_1"):
        run.log("inspector", "fault_management", host="compute-2", action="reset_state", server_id=f"id-{name}")


def fail(run: HistoryBuilder) -> None:
    """A failure of compute-2 that is handled as required."""
    run.before(run.one("notification", state="DOWN_SCALE")).log("inspector", "host.failure", host="compute-2")
    manage(run)


@cases.violates("failures_are_managed_once")
def a_failure_is_not_managed(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE")).log("inspector", "host.failure", host="compute-2")


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


@cases.keeps("failures_are_managed_once")
def a_failure_is_managed(run: HistoryBuilder) -> None:
    fail(run)


@cases.keeps("failures_are_managed_once")
def a_failure_is_reported_twice(run: HistoryBuilder) -> None:
    fail(run)
    run.log("inspector", "host.failure", host="compute-2")
    run.log("inspector", "fault_management", host="compute-2", action="repeated", server_id=None)


@cases.keeps("failures_are_managed_once")
def a_compute_that_is_forced_down_already_is_left_alone(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE")).compute("compute-2", state="down", forced=True)
    run.log("inspector", "host.failure", host="compute-2")
    run.log("inspector", "fault_management", host="compute-2", action="repeated", server_id=None)


@cases.violates("failures_are_managed_once")
def a_compute_that_is_down_and_not_forced_down_is_left_alone(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE")).compute("compute-2", state="down")
    run.log("inspector", "host.failure", host="compute-2")
    run.log("inspector", "fault_management", host="compute-2", action="repeated", server_id=None)


@cases.violates("failures_are_managed_once")
def an_instance_is_reset_twice(run: HistoryBuilder) -> None:
    fail(run)
    reset = run.one("fault_management", server_id="id-app_1")
    run.after(reset).log("inspector", "fault_management", **reset.data)


@cases.violates("failures_are_managed_once")
def a_failure_is_managed_before_it_is_reported(run: HistoryBuilder) -> None:
    fail(run)
    report = run.one("host.failure")
    run.drop(report).before(run.one("notification", state="DOWN_SCALE")).log("inspector", "host.failure", **report.data)


@cases.keeps("failures_are_managed_once")
def a_failure_in_maintenance_is_ignored(run: HistoryBuilder) -> None:
    run.after(run.one("alarm", state="IN_MAINTENANCE", host="compute-3"))
    run.log("inspector", "host.failure", host="compute-3")


@cases.violates("failures_are_managed_once")
def a_failure_right_before_the_maintenance_is_ignored(run: HistoryBuilder) -> None:
    run.before(run.one("alarm", state="IN_MAINTENANCE", host="compute-3"))
    run.log("inspector", "host.failure", host="compute-3")


@cases.keeps("failures_are_managed_once")
def a_failure_right_before_the_maintenance_ends_is_ignored(run: HistoryBuilder) -> None:
    run.before(run.one("alarm", state="MAINTENANCE_COMPLETE", host="compute-3"))
    run.log("inspector", "host.failure", host="compute-3")


@cases.violates("failures_are_managed_once")
def a_failure_right_after_the_maintenance_is_ignored(run: HistoryBuilder) -> None:
    run.after(run.one("alarm", state="MAINTENANCE_COMPLETE", host="compute-3"))
    run.log("inspector", "host.failure", host="compute-3")


def fail_again(run: HistoryBuilder) -> None:
    """Compute-2 recovers from a failure that was managed, and a second failure is reported."""
    fail(run)
    run.compute("compute-2", state="down", forced=True)
    run.compute("compute-2")
    run.log("inspector", "host.failure", host="compute-2")


@cases.violates("failures_are_managed_once")
def the_second_failure_is_not_managed(run: HistoryBuilder) -> None:
    fail_again(run)


@cases.keeps("failures_are_managed_once")
def both_failures_are_managed(run: HistoryBuilder) -> None:
    fail_again(run)
    manage(run)


@cases.violates("failures_are_managed_once")
def a_failure_is_not_over_while_nova_compute_is_still_up(run: HistoryBuilder) -> None:
    """Nova-compute stays up, so the same failure is handled twice."""
    fail(run)
    run.compute("compute-2")
    run.log("inspector", "host.failure", host="compute-2")
    manage(run)


@cases.violates("failures_are_managed_once")
def a_failure_is_not_over_while_nova_compute_is_forced_down(run: HistoryBuilder) -> None:
    fail(run)
    run.compute("compute-2", state="down")
    run.compute("compute-2", state="up", forced=True)
    run.log("inspector", "host.failure", host="compute-2")
    manage(run)


@cases.keeps("failures_are_managed_once")
def an_instance_is_in_error_already(run: HistoryBuilder) -> None:
    an_instance_is_not_reset(run)
    run.before(run.one("host.failure")).server("app_1", "compute-2", "ERROR")


@cases.keeps("failures_are_managed_once")
def an_instance_is_deleted_meanwhile(run: HistoryBuilder) -> None:
    an_instance_is_not_reset(run)
    run.after(run.one("host.failure")).delete("app_1")


@cases.keeps("failures_are_managed_once")
def an_instance_is_moved_meanwhile(run: HistoryBuilder) -> None:
    an_instance_is_not_reset(run)
    run.after(run.one("host.failure")).server("app_1", "compute-1")


@cases.keeps("failures_are_managed_once")
def an_instance_is_reset_by_nova(run: HistoryBuilder) -> None:
    """After the last record of the Inspector, Nova shows a reset that the Inspector did not record."""
    an_instance_is_not_reset(run)
    last = run.all("fault_management")[-1]
    run.after(last).server("app_1", "compute-2", "ERROR", action="os-resetState", by=ADMIN)


@cases.violates("failures_are_managed_once")
def an_instance_is_moved_after_all_was_managed(run: HistoryBuilder) -> None:
    an_instance_is_not_reset(run)
    run.after(run.all("fault_management")[-1]).server("app_1", "compute-1")


@cases.keeps("failures_are_managed_once")
def a_failure_of_a_compute_whose_states_are_not_known(run: HistoryBuilder) -> None:
    fail(run)
    run.drop(*run.all("compute", host="compute-2"))


@cases.leaves_nothing("failures_are_managed_once", says="no failure of a compute was reported")
def nothing_is_done_without_a_report(run: HistoryBuilder) -> None:
    act(run.before(run.one("notification", state="DOWN_SCALE")), "suppressed")


@cases.violates("failures_are_managed_once")
def a_failure_is_ignored_while_another_compute_is_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("alarm", state="IN_MAINTENANCE", host="compute-3"))
    run.log("inspector", "host.failure", host="compute-2")


@cases.keeps("failures_are_managed_once")
def two_computes_fail_and_both_are_managed(run: HistoryBuilder) -> None:
    fail(run)
    run.log("inspector", "host.failure", host="compute-1")
    act(run, host="compute-1")
    for name in ("ha_0", "app_0"):
        run.log("inspector", "fault_management", host="compute-1", action="reset_state", server_id=f"id-{name}")


@cases.violates("failures_are_managed_once")
def a_compute_is_forced_down_after_a_report_of_another(run: HistoryBuilder) -> None:
    fail(run)
    act(run, host="compute-9")


@cases.violates("failures_are_managed_once")
def a_compute_is_forced_down_before_its_report_and_after_it(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE"))
    act(run, host="compute-2")
    fail(run)


@cases.keeps("failures_are_managed_once")
def a_failure_is_over_when_nova_compute_was_down(run: HistoryBuilder) -> None:
    fail(run)
    run.compute("compute-2", state="down")
    run.compute("compute-2")
    run.log("inspector", "host.failure", host="compute-2")
    manage(run)


@cases.keeps("failures_are_managed_once")
def a_failure_is_over_when_nova_compute_was_forced_down(run: HistoryBuilder) -> None:
    fail(run)
    run.compute("compute-2", forced=True)
    run.compute("compute-2")
    run.log("inspector", "host.failure", host="compute-2")
    manage(run)


@cases.keeps("failures_are_managed_once")
def a_deleted_instance_keeps_its_host(run: HistoryBuilder) -> None:
    an_instance_is_not_reset(run)
    run.after(run.one("host.failure")).server("app_1", "compute-2", "DELETED", action="delete")


@cases.keeps("failures_are_managed_once")
def a_failure_in_the_first_of_two_maintenances_is_ignored(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="PLANNED_MAINTENANCE")).maintain("compute-3")
    run.after(run.one("alarm", state="IN_MAINTENANCE", host="compute-3"))
    run.log("inspector", "host.failure", host="compute-3")


@cases.keeps("failures_are_managed_once")
def a_compute_fails_after_another_one_recovered(run: HistoryBuilder) -> None:
    fail(run)
    run.compute("compute-2", state="down")
    run.compute("compute-2")
    run.log("inspector", "host.failure", host="compute-1")
    act(run, host="compute-1")
    for name in ("ha_0", "app_0"):
        run.log("inspector", "fault_management", host="compute-1", action="reset_state", server_id=f"id-{name}")


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
