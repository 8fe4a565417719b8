"""Claims about the application and its service."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import Outcome
from tests.support.claims import Case, ClaimCases, assert_holds, assert_violated, verdict_on
from tests.support.history_builder import HistoryBuilder

cases = ClaimCases()


# -- act_and_stby_on_two_computes --------------------------------------------------------------------------------------


@cases.violates("act_and_stby_on_two_computes")
def both_on_one_compute(run: HistoryBuilder) -> None:
    run.before(run.one("reply", state="ACK_PREPARE_MAINTENANCE")).migrate("ha_1", "compute-2", "compute-1")


@cases.keeps("act_and_stby_on_two_computes")
def one_moves_to_where_the_other_has_just_left(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("ha_1", "compute-2", action="os-migrateLive")
    run.server("ha_0", "compute-1", action="os-migrateLive")


@cases.violates("act_and_stby_on_two_computes")
def one_moves_to_where_the_other_still_is(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("ha_0", "compute-1", action="os-migrateLive")
    run.server("ha_1", "compute-2", action="os-migrateLive")


@cases.keeps("act_and_stby_on_two_computes")
def one_still_holds_room_on_the_compute_of_the_other(run: HistoryBuilder) -> None:
    """Its migration is not yet confirmed, but it runs on the target."""
    run.before(run.one("run.ended")).server("ha_0", "compute-3", "VERIFY_RESIZE", held=["compute-3", "compute-1"])


@cases.keeps("act_and_stby_on_two_computes")
def one_is_deleted_and_the_other_moves_to_its_compute(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).server("ha_0", "compute-3", "SOFT_DELETED", action="delete")
    run.server("ha_1", "compute-3", action="os-migrateLive")


@cases.keeps("act_and_stby_on_two_computes")
def both_are_not_yet_scheduled(run: HistoryBuilder) -> None:
    first = run.one("server", name="ha_0")
    run.before(first).server("ha_0", None, "BUILD")
    run.server("ha_1", None, "BUILD")


@cases.keeps("act_and_stby_on_two_computes")
def two_instances_without_anti_affinity_are_on_one_compute(run: HistoryBuilder) -> None:
    group = run.one("server_group")
    run.after(group).log("nova", "server_group", **{**group.data, "group_id": "group-2", "policy": "affinity"})
    run.all("server_group")[1].data["members"] = ["id-app_2", "id-app_3"]


@cases.violates("act_and_stby_on_two_computes")
def an_instance_that_joins_the_group_is_on_the_compute_of_a_member(run: HistoryBuilder) -> None:
    group = run.one("server_group")
    run.after(group).log("nova", "server_group", **{**group.data, "members": [*group.data["members"], "id-app_0"]})


def test_two_members_on_one_compute_are_reported_once(run: HistoryBuilder) -> None:
    one_moves_to_where_the_other_still_is(run)
    last = run.all("server", name="ha_1")[-1]
    run.drop(last).before(run.one("run.ended")).server("ha_1", "compute-1", task="powering-off")
    assert len(verdict_on(run, "act_and_stby_on_two_computes").violations) == 1


# -- act_and_stby_never_both_down --------------------------------------------------------------------------------------


@cases.violates("act_and_stby_never_both_down")
def both_down(run: HistoryBuilder) -> None:
    run.before(run.one("guest", server_id="id-ha_0", up=True, reason="cold migration ended")).guest("ha_1", False)
    run.after(run.one("guest", server_id="id-ha_0", up=True, reason="cold migration ended"))
    run.one("guest", server_id="id-ha_1", up=False).at -= 3
    run.guest("ha_1", True)


def outage_of_both(run: HistoryBuilder, seconds: float) -> None:
    """The guests of ha_0 and ha_1 are both down for so many seconds."""
    run.before(run.one("server", name="ha_0", status="VERIFY_RESIZE")).wait(-6).guest("ha_1", False, "a crash")
    run.wait(seconds).guest("ha_1", True, "it is back")


@cases.keeps("act_and_stby_never_both_down")
def both_are_down_for_no_time(run: HistoryBuilder) -> None:
    outage_of_both(run, 0)


@cases.violates("act_and_stby_never_both_down")
def both_are_down_for_a_moment(run: HistoryBuilder) -> None:
    outage_of_both(run, 0.001)


@cases.keeps("act_and_stby_never_both_down")
def one_goes_down_when_the_other_comes_back(run: HistoryBuilder) -> None:
    up = run.one("guest", server_id="id-ha_0", up=True, reason="cold migration ended")
    run.after(up).guest("ha_1", False, "a crash")
    run.wait(1).guest("ha_1", True)


@cases.keeps("act_and_stby_never_both_down")
def the_second_one_boots_later(run: HistoryBuilder) -> None:
    """Until both members were up once, the group cannot be down."""
    boot = run.one("guest", server_id="id-ha_0")
    run.after(boot).wait(0.1).guest("ha_0", False)
    run.wait(0.1).guest("ha_0", True)
    run.sort()
    run.one("guest", server_id="id-ha_1").at = 0.3
    run.sort()


@cases.violates("act_and_stby_never_both_down")
def both_are_down_in_the_end(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended"))
    for name in ("ha_0", "ha_1"):
        run.guest(name, False, "a crash")
    run.one("run.ended").at += 0.001


def test_an_outage_of_a_group_that_is_derived_from_the_servers_says_so(run: HistoryBuilder) -> None:
    run.one("run.started").data["observed_every"] = 0.5
    for claim in ("act_and_stby_never_both_down", "downtime_is_zero"):
        summary = verdict_on(run, claim).summary
        assert summary.endswith(" (derived from the servers' states, seen every 0.5 s; no guest was asked)")
    assert "derived" not in verdict_on(run, "act_and_stby_on_two_computes").summary


# -- downtime_is_zero --------------------------------------------------------------------------------------------------


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


def outage(run: HistoryBuilder, seconds: float) -> None:
    """The floating IP leads to no server for so many seconds."""
    switch = run.one("floating_ip", server_id="id-ha_1")
    run.before(switch).floating_ip(None)
    switch.at += seconds


@cases.keeps("downtime_is_zero")
def an_outage_of_no_time(run: HistoryBuilder) -> None:
    outage(run, 0)


@cases.violates("downtime_is_zero")
def an_outage_of_a_moment(run: HistoryBuilder) -> None:
    outage(run, 0.001)


@cases.keeps("downtime_is_zero")
def down_before_it_is_first_up(run: HistoryBuilder) -> None:
    first = run.one("guest", server_id="id-ha_0")
    run.before(first).guest("ha_0", False)
    run.one("floating_ip").at += 0.5
    run.sort()


@cases.violates("downtime_is_zero")
def down_in_the_end(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).floating_ip(None)
    run.one("run.ended").at += 0.001


@cases.keeps("downtime_is_zero")
def down_after_the_end(run: HistoryBuilder) -> None:
    run.floating_ip(None)


@cases.violates("downtime_is_zero", says="the service behind 10.0.0.9 was never up; due: up")
def a_service_that_was_never_up(run: HistoryBuilder) -> None:
    never_up(run)


def two_outages(run: HistoryBuilder) -> None:
    """Outages of 1 s and 2 s, 3 s in all."""
    run.before(run.one("run.ended")).wait(1).floating_ip(None)
    run.wait(1).floating_ip("ha_0")
    run.wait(1).floating_ip(None)
    run.wait(2).floating_ip("ha_0")
    run.one("run.ended").at += 6


@pytest.mark.parametrize(("allowed", "outcome"), [(3, Outcome.HOLDS), (2.999, Outcome.VIOLATED)])
def test_an_outage_may_be_allowed(run: HistoryBuilder, allowed: float, outcome: Outcome) -> None:
    two_outages(run)
    assert verdict_on(run, "downtime_is_zero", allowed_outage_s=allowed).outcome is outcome


def test_an_allowed_outage_is_one_of_the_whole_run_and_of_one_service(run: HistoryBuilder) -> None:
    two_outages(run)
    verdict = verdict_on(run, "downtime_is_zero", allowed_outage_s=2.5)
    assert [violation.message for violation in verdict.violations] == [
        f"no service behind 10.0.0.9 for {seconds} s: it leads to no server; allowed: 2.5 s in the whole run, in which "
        "it was down for 3 s"
        for seconds in (1, 2)
    ]
    assert verdict.figures == {
        "longest_outage_s": 2,
        "total_outage_s": 3,
        "outages": 2,
        "services": 1,
        "allowed_outage_s": 2.5,
    }
    verdict = verdict_on(run, "downtime_is_zero", allowed_outage_s=3)
    assert verdict.summary == "1 services, none down for more than 3 s"


def test_each_service_has_its_own_allowed_outage(run: HistoryBuilder) -> None:
    other = run.after(run.one("floating_ip")).floating_ip("ha_1")
    other.data.update(floating_ip_id="fip-2", address="10.0.0.8")
    two_outages(run)
    run.after(other).wait(1).floating_ip(None).data.update(floating_ip_id="fip-2", address="10.0.0.8")
    run.wait(2).floating_ip("ha_1").data.update(floating_ip_id="fip-2", address="10.0.0.8")
    run.sort()
    outages = [f"{violation.message[:28]}" for violation in verdict_on(run, "downtime_is_zero").violations]
    assert outages
    assert verdict_on(run, "downtime_is_zero", allowed_outage_s=14).outcome is Outcome.HOLDS


def test_microseconds_of_an_outage_count(run: HistoryBuilder) -> None:
    outage(run, 0.000001)
    assert_violated(run, "downtime_is_zero")
    assert_holds(run, "downtime_is_zero", allowed_outage_s=0.000001)


# -- scale_is_restored -------------------------------------------------------------------------------------------------


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


@cases.keeps("scale_is_restored")
def one_server_is_replaced_by_another(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).delete("app_5")
    run.boot("app_6", "compute-2")


def lose(run: HistoryBuilder, *names: str) -> None:
    """A fault is injected into compute-1, and these servers are deleted."""
    run.before(run.one("run.ended")).fault("compute-1")
    for name in names:
        run.delete(name)


@cases.keeps("scale_is_restored")
def a_server_that_was_lost_may_be_missing(run: HistoryBuilder) -> None:
    lose(run, "app_1")


@cases.keeps("scale_is_restored")
def a_server_that_was_lost_may_be_replaced(run: HistoryBuilder) -> None:
    lose(run, "app_1")
    run.boot("app_6", "compute-2")


@cases.violates("scale_is_restored")
def one_more_is_missing_than_was_lost(run: HistoryBuilder) -> None:
    lose(run, "app_1", "app_5")


@cases.violates("scale_is_restored")
def a_redundant_server_that_was_lost_as_well_must_be_replaced(run: HistoryBuilder) -> None:
    lose(run, "app_1", "ha_1")


@cases.violates("scale_is_restored")
def one_more_than_before_although_one_was_lost(run: HistoryBuilder) -> None:
    lose(run)
    run.boot("app_6", "compute-2")


@cases.keeps("scale_is_restored")
def a_server_that_was_made_before_the_session(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).boot("app_9", "compute-3")


@cases.violates("scale_is_restored")
def a_server_that_was_made_right_after_the_session_was_created(run: HistoryBuilder) -> None:
    run.after(run.one("session.created")).boot("app_9", "compute-3")


@cases.keeps("scale_is_restored")
def deleted_after_the_end(run: HistoryBuilder) -> None:
    run.delete("app_5")


@cases.violates("scale_is_restored", says="doctor has 5 servers in the end; allowed: 6")
def the_allowed_number_is_said(run: HistoryBuilder) -> None:
    not_scaled_back(run)


@cases.violates("scale_is_restored", says="doctor has 4 servers in the end; allowed: 5 to 6")
def the_allowed_numbers_are_said(run: HistoryBuilder) -> None:
    lose(run, "app_1", "app_5")


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)
