"""The claim that there is room for an instance before it is impacted, if it or its group asks for mitigation."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import CLAIMS, Topic
from tests.support.claims import (
    Case,
    ClaimCases,
    assert_holds,
    assert_not_applicable,
    assert_unknown,
    assert_violated,
    failing,
)
from tests.support.fenix_runs import change_constraint, vnf_workflow
from tests.support.history_builder import HistoryBuilder

CONSTRAINTS = tuple(name for name in CLAIMS if CLAIMS[name].topic is Topic.CONSTRAINTS)
#: Nothing is live migrated in these runs.
JUDGED = tuple(name for name in CONSTRAINTS if name != "interruptions_are_short_enough")

cases = ClaimCases(vnf_workflow)


# -- impacts_are_mitigated ---------------------------------------------------------------------------------------------


@cases.violates("impacts_are_mitigated")
def notified_before_there_is_room(run: HistoryBuilder) -> None:
    run.time = 90
    for name in ("app_8", "app_9"):
        run.boot(name, "compute-4")
    run.sort()
    run.after(run.all("reply", state="ACK_PLANNED_MAINTENANCE")[2])
    for name in ("app_8", "app_9"):
        run.delete(name)


@cases.violates("impacts_are_mitigated")
def the_room_is_on_a_compute_that_is_out_of_use(run: HistoryBuilder) -> None:
    back = run.one("compute", 1, host="compute-4", status="enabled")
    run.drop(back).after(run.all("reply", state="ACK_PLANNED_MAINTENANCE")[2])
    run.compute("compute-4")


@cases.leaves_nothing("impacts_are_mitigated", says="no message is about an instance with resource_mitigation")
@cases.keeps(*(name for name in JUDGED if name != "impacts_are_mitigated"))
def no_room_where_none_was_asked_for(run: HistoryBuilder) -> None:
    notified_before_there_is_room(run)
    for name in ("ha_0", "ha_1", "app_0", "app_1"):
        change_constraint(run, "constraint.instance", 60, which=f"id-{name}", resource_mitigation=False)


@cases.keeps(*JUDGED)
def an_instance_that_came_back_needs_no_room_any_more(run: HistoryBuilder) -> None:
    run.time = 144.5
    run.server("app_1", "compute-2")
    run.boot("app_9", "compute-4")
    run.sort()


def fill(run: HistoryBuilder, vcpus: int, host: str = "compute-4", until: str = "app_1") -> None:
    """A server takes so many VCPUs of a compute before the three messages, and leaves before the moves."""
    run.before(run.one("notification", state="PLANNED_MAINTENANCE", event_type="maintenance.scheduled"))
    run.boot("filler", host, vcpus=vcpus)
    run.after(run.all("reply", state="ACK_PLANNED_MAINTENANCE")[2]).delete("filler")


@cases.keeps("impacts_are_mitigated")
def just_enough_room_for_three(run: HistoryBuilder) -> None:
    """Two computes with 2 VCPUs each are free, for three instances of 1 VCPU."""
    fill(run, 1)


@cases.violates("impacts_are_mitigated")
def one_vcpu_too_few_for_three(run: HistoryBuilder) -> None:
    fill(run, 2)


@cases.violates("impacts_are_mitigated")
def enough_vcpus_but_not_on_one_compute(run: HistoryBuilder) -> None:
    """1 VCPU is free on each of two computes; an instance of 2 VCPUs has no room."""
    for draft in run.all("server", name="ha_0"):
        draft.data["vcpus"] = 2
    fill(run, 1)
    run.before(run.one("server", name="filler")).boot("filler_2", "compute-3")
    run.after(run.one("server", name="filler", status="DELETED")).delete("filler_2")


@cases.keeps("impacts_are_mitigated")
def the_largest_instance_is_placed_first(run: HistoryBuilder) -> None:
    """Instances of 2, 1 and 1 VCPUs fit on two computes with 2 VCPUs if the largest comes first."""
    for draft in run.all("server", name="app_1"):
        draft.data["vcpus"] = 2


@cases.violates("impacts_are_mitigated")
def the_room_is_on_a_compute_that_is_down(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="PLANNED_MAINTENANCE", event_type="maintenance.scheduled"))
    run.compute("compute-4", state="down")
    run.after(run.all("reply", state="ACK_PLANNED_MAINTENANCE")[2]).compute("compute-4")


@cases.keeps("impacts_are_mitigated")
def the_group_does_not_ask_for_room_either(run: HistoryBuilder) -> None:
    fill(run, 2)
    change_constraint(run, "constraint.instance", 60, which="id-app_1", resource_mitigation=False)


@cases.violates("impacts_are_mitigated")
def the_group_asks_for_room(run: HistoryBuilder) -> None:
    the_group_does_not_ask_for_room_either(run)
    change_constraint(run, "constraint.group", 60, which="others", resource_mitigation=True)


@cases.keeps("impacts_are_mitigated")
def instances_that_were_moved_need_no_more_room(run: HistoryBuilder) -> None:
    """The last message is about ha_1, after the three others were moved: they use 3 of the 4 VCPUs."""
    assert run.all("notification", state="PLANNED_MAINTENANCE")[-1].data["instance_ids"] == ["id-ha_1"]


@cases.violates("impacts_are_mitigated")
def instances_that_were_moved_take_room(run: HistoryBuilder) -> None:
    message = run.one("notification", state="PLANNED_MAINTENANCE", instance_ids=["id-ha_1"])
    run.before(message).boot("filler", "compute-3")
    run.after(message).delete("filler")


@cases.keeps("impacts_are_mitigated")
def a_session_that_failed_needs_no_room_any_more(run: HistoryBuilder) -> None:
    """A second session asks about the last instance after the first one failed."""
    message = run.one("notification", state="PLANNED_MAINTENANCE", instance_ids=["id-app_1"])
    run.before(message).session_state("MAINTENANCE_FAILED")
    message.data["session_id"] = "session-2"
    fill(run, 2)
    run.drop(run.one("server", name="filler"), run.one("server", name="filler", status="DELETED"))
    run.before(message).server("filler", "compute-4", vcpus=2)
    run.server("filler_2", "compute-3")
    run.after(message).delete("filler")
    run.delete("filler_2")


@cases.keeps("impacts_are_mitigated")
def an_instance_that_is_gone_needs_no_room(run: HistoryBuilder) -> None:
    message = run.one("notification", state="PLANNED_MAINTENANCE", instance_ids=["id-app_1"])
    run.before(message).server("app_0", None, "DELETED", held=[], action="delete")
    run.boot("filler", "compute-4", vcpus=2)
    run.after(message).delete("filler")


@cases.leaves_open("impacts_are_mitigated", says="the history does not show the states of the computes")
def a_cloud_whose_computes_are_not_known(run: HistoryBuilder) -> None:
    fill(run, 2)
    run.drop(*run.all("compute"))


@cases.violates("impacts_are_mitigated")
def a_session_that_fails_later_needed_room(run: HistoryBuilder) -> None:
    fill(run, 2)
    run.before(run.one("notification", state="MAINTENANCE_COMPLETE", event_type="maintenance.session"))
    run.session_state("MAINTENANCE_FAILED")


def ask_about(run: HistoryBuilder, name: str) -> None:
    """A message about an instance with a constraint, when 1 VCPU is free for it and the three others."""
    fill(run, 1)
    constraint = run.one("constraint.instance", instance_id="id-app_1")
    run.after(constraint).log("admin_tool", "constraint.instance", **{**constraint.data, "instance_id": f"id-{name}"})
    last = run.all("notification", state="PLANNED_MAINTENANCE", event_type="maintenance.scheduled")[2]
    run.after(last).message("PLANNED_MAINTENANCE", window=20, instances=[f"id-{name}"])


@cases.keeps("impacts_are_mitigated")
def an_instance_that_does_not_exist_needs_no_room(run: HistoryBuilder) -> None:
    ask_about(run, "nothing")


@cases.keeps("impacts_are_mitigated")
def an_instance_that_comes_later_needs_no_room(run: HistoryBuilder) -> None:
    ask_about(run, "app_9")
    run.before(run.one("run.ended")).boot("app_9", "compute-4")


@cases.violates("impacts_are_mitigated")
def one_more_instance_needs_room(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).boot("app_9", "compute-1")
    ask_about(run, "app_9")


@cases.violates("impacts_are_mitigated")
def the_room_is_on_a_compute_that_is_emptied_itself(run: HistoryBuilder) -> None:
    fill(run, 2)
    run.before(run.one("server", name="filler")).compute("compute-1", vcpus=20)


@cases.keeps("impacts_are_mitigated")
def a_compute_that_comes_later(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended")).compute("compute-9")


def resize(run: HistoryBuilder, vcpus_of_computes: dict[str, int], vcpus_of_servers: dict[str, int]) -> None:
    for host, vcpus in vcpus_of_computes.items():
        for compute in run.all("compute", host=host):
            compute.data["vcpus"] = vcpus
    for name, vcpus in vcpus_of_servers.items():
        for server in run.all("server", name=name):
            server.data["vcpus"] = vcpus


@cases.keeps("impacts_are_mitigated")
def the_smallest_instance_comes_last(run: HistoryBuilder) -> None:
    resize(run, {"compute-3": 3, "compute-4": 2}, {"ha_0": 1, "app_0": 2, "app_1": 2, "ha_1": 0})


@cases.keeps("impacts_are_mitigated")
def an_instance_goes_to_the_fullest_compute_with_room_for_it(run: HistoryBuilder) -> None:
    resize(run, {"compute-3": 4, "compute-4": 3}, {"ha_0": 3, "app_0": 2, "app_1": 2, "ha_1": 0})


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated_and_no_other_claim_about_constraints(case: Case) -> None:
    run = case.run()
    assert_violated(run, case.claim, case.says)
    assert set(failing(run, CONSTRAINTS)) == {case.claim}


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.idle, ids=str)
def test_the_claim_is_not_applicable(case: Case) -> None:
    assert_not_applicable(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.open, ids=str)
def test_the_claim_is_unknown(case: Case) -> None:
    assert_unknown(case.run(), case.claim, case.says)
