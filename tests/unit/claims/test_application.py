"""Claims about the application and its service."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, HistoryBuilder, assert_holds, assert_violated

cases = ClaimCases()


@cases.violates("act_and_stby_never_both_down")
def both_down(run: HistoryBuilder) -> None:
    run.before(run.one("guest", server_id="id-ha_0", up=True, reason="cold migration ended")).guest("ha_1", False)
    run.after(run.one("guest", server_id="id-ha_0", up=True, reason="cold migration ended"))
    run.one("guest", server_id="id-ha_1", up=False).at -= 3
    run.guest("ha_1", True)


@cases.violates("act_and_stby_on_two_computes")
def both_on_one_compute(run: HistoryBuilder) -> None:
    run.before(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).migrate("ha_1", "compute-2", "compute-1")


@cases.violates("downtime_is_zero")
def no_switch_over(run: HistoryBuilder) -> None:
    run.drop(run.one("floating_ip", server_id="id-ha_1"))


@cases.violates("downtime_is_zero")
def the_floating_ip_leads_nowhere_for_a_moment(run: HistoryBuilder) -> None:
    switch = run.one("floating_ip", server_id="id-ha_1")
    run.before(switch).floating_ip(None)
    switch.at += 0.3


@cases.violates("downtime_is_zero")
def never_up(run: HistoryBuilder) -> None:
    run.drop(*run.all("guest", server_id="id-ha_0"), *run.all("guest", server_id="id-ha_1"))


@cases.violates("everything_is_active_in_the_end")
def left_unconfirmed(run: HistoryBuilder) -> None:
    run.drop(run.one("server", name="app_1", action="confirmResize"))


@cases.violates("everything_is_active_in_the_end")
def left_in_error(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", "ERROR", action="os-resetState")


@cases.violates("everything_is_active_in_the_end")
def left_on_two_computes(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("app_1", "compute-1", held=["compute-1", "compute-2"])


@cases.violates("everything_is_active_in_the_end")
def active_but_silent(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).guest("app_1", False, "the guest crashed")


@cases.violates("scale_is_restored")
def not_scaled_back(run: HistoryBuilder) -> None:
    run.drop(*run.all("server", name="app_5"))


@cases.violates("scale_is_restored")
def more_than_before(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).boot("app_6", "compute-2")


@cases.violates("scale_is_restored")
def another_project_grew_instead(run: HistoryBuilder) -> None:
    for draft in run.all("server", name="app_5"):
        draft.data["project_id"] = "project-2"


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)
