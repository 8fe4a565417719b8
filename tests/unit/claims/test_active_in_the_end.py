"""The claim that every server is active in the end."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, assert_holds, assert_violated
from tests.support.history_builder import ADMIN, HistoryBuilder

cases = ClaimCases()


# -- everything_is_active_in_the_end -----------------------------------------------------------------------------------


@cases.violates("everything_is_active_in_the_end")
def left_unconfirmed(run: HistoryBuilder) -> None:
    run.drop(run.one("server", name="app_1", action="confirmResize"))


@cases.violates("everything_is_active_in_the_end", says="app_1 is ERROR in the end; due: ACTIVE")
def left_in_error(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", "ERROR", action="os-resetState")


@cases.violates("everything_is_active_in_the_end")
def left_on_two_computes(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", held=["compute-1", "compute-2"])


@cases.violates("everything_is_active_in_the_end")
def active_but_silent(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).guest("app_1", False, "the guest crashed")


@cases.violates("everything_is_active_in_the_end")
def about_to_change(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", task="migrating")


@cases.violates("everything_is_active_in_the_end")
def on_one_compute_and_with_room_on_another_alone(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", held=["compute-2"])


@cases.violates("everything_is_active_in_the_end")
def on_one_compute_and_without_room(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", held=[])


@cases.keeps("everything_is_active_in_the_end")
def a_guest_that_was_never_asked(run: HistoryBuilder) -> None:
    run.drop(*run.all("guest", server_id="id-app_1"))


@cases.keeps("everything_is_active_in_the_end")
def a_server_that_was_deleted(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", None, "SOFT_DELETED", held=[], task="deleting")


@cases.keeps("everything_is_active_in_the_end")
def its_own_project_stops_it_and_the_admin_tool_moves_it(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", "SHUTOFF", action="os-stop")
    run.server("app_1", "compute-2", "VERIFY_RESIZE", action="migrate", by=ADMIN)
    run.server("app_1", "compute-2", "SHUTOFF", action="confirmResize", by=ADMIN)
    run.guest("app_1", False, "stopped")


@cases.keeps("everything_is_active_in_the_end")
def its_own_project_shelves_it(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", None, "SHELVED_OFFLOADED", held=[], action="shelve")


@cases.violates("everything_is_active_in_the_end", says="app_1 is SHUTOFF in the end; due: ACTIVE")
def an_admin_stops_it(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", "SHUTOFF", action="os-stop", by=ADMIN)


@cases.violates("everything_is_active_in_the_end", says="app_1 is SHUTOFF in the end; due: ACTIVE")
def its_own_project_starts_it_again_and_an_admin_stops_it(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", "SHUTOFF", action="stop")
    run.server("app_1", "compute-1", action="start")
    run.server("app_1", "compute-1", "SHUTOFF", action="stop", by=ADMIN)


@cases.violates("everything_is_active_in_the_end", says="ha_1 is SHUTOFF in the end; due: ACTIVE")
def its_own_project_stops_a_redundant_server(run: HistoryBuilder) -> None:
    state = run.all("server", name="ha_1")[-1].data
    run.before(run.one("run.ended")).server("ha_1", state["host"], "SHUTOFF", action="os-stop")


@cases.violates("everything_is_active_in_the_end", says="app_1 is ERROR in the end; due: ACTIVE")
def its_own_project_stops_it_and_it_breaks(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", "SHUTOFF", action="os-stop")
    run.server("app_1", "compute-1", "ERROR", action="migrate", by=ADMIN)


@cases.keeps("everything_is_active_in_the_end")
def an_error_because_of_a_fault(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).fault("compute-1")
    run.server("app_1", "compute-1", "ERROR")


@cases.violates("everything_is_active_in_the_end")
def an_error_of_a_redundant_server_because_of_a_fault(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).fault("compute-1")
    run.server("ha_1", "compute-1", "ERROR")


@cases.violates("everything_is_active_in_the_end")
def an_error_on_another_compute_than_that_of_the_fault(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).fault("compute-2")
    run.server("app_1", "compute-1", "ERROR")


@cases.violates("everything_is_active_in_the_end")
def an_error_before_the_fault_was_on_this_compute(run: HistoryBuilder) -> None:
    """The fault was injected when the server was on another compute."""
    run.after(run.one("session.created")).fault("compute-1")
    run.before(run.one("run.ended")).server("app_1", "compute-1", "ERROR")


@cases.violates("everything_is_active_in_the_end")
def an_error_after_a_fault_that_ended_only(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).fault("compute-1", "ended")
    run.server("app_1", "compute-1", "ERROR")


@cases.violates("everything_is_active_in_the_end", says="app_1 is ACTIVE (migrating) in the end; due: ACTIVE")
def a_task_is_named(run: HistoryBuilder) -> None:
    about_to_change(run)


@cases.violates(
    "everything_is_active_in_the_end",
    says="app_1 is on compute-1 and takes room on no compute in the end; due: on its compute only",
)
def no_room_is_named(run: HistoryBuilder) -> None:
    on_one_compute_and_without_room(run)


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)
