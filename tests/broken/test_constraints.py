"""A Fenix that heeds all constraints but one, in a live run: the claim about that one catches it, and no other does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import pytest

from pytest_doctor_maint.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.admin_tool.fenix.vnf.constraints import Constraints, GroupConstraint, InstanceConstraint
from pytest_doctor_maint.admin_tool.fenix.vnf.workflow import VnfWorkflow
from pytest_doctor_maint.app_manager.vnfm.constraints import GroupConstraint as Group
from pytest_doctor_maint.app_manager.vnfm.constraints import InstanceConstraint as Instance
from pytest_doctor_maint.checkers import Outcome, judge
from pytest_doctor_maint.harness.cast import cast
from pytest_doctor_maint.harness.scenario import Scenario
from pytest_doctor_maint.harness.world import WorldSettings
from pytest_doctor_maint.protocol import Action

CLAIMS = (
    "lead_times_are_kept",
    "migration_types_are_respected",
    "interruptions_are_short_enough",
    "impacts_stay_within_the_limit",
    "groups_recover_between_impacts",
    "instances_per_host_stay_within_the_limit",
    "anti_affinity_is_kept",
    "impacts_are_mitigated",
)


Constraint = TypeVar("Constraint", InstanceConstraint, GroupConstraint)


class Veil(Constraints):
    """The constraints, but for one that is hidden: it seems to ask for nothing of the instances that are not redundant.

    Args:
        constraints: The constraints as they are.
        hidden: What one field of them seems to be.
    """

    def __init__(self, constraints: Constraints, hidden: Mapping[str, Any]) -> None:
        self._constraints = constraints
        self._hidden = hidden

    def instance(self, instance_id: str) -> InstanceConstraint | None:
        return self._veiled(self._constraints.instance(instance_id))

    def group(self, group_id: str) -> GroupConstraint | None:
        return self._veiled(self._constraints.group(group_id))

    def group_of(self, instance_id: str) -> GroupConstraint | None:
        return self._veiled(self._constraints.group_of(instance_id))

    def members(self, group_id: str) -> list[str]:
        return self._constraints.members(group_id)

    def _veiled(self, constraint: Constraint | None) -> Constraint | None:
        # Of ACT and STBY everything is heeded: an application that loses both would say so before any claim does.
        if constraint is None:
            return None
        name = constraint.instance_name if isinstance(constraint, InstanceConstraint) else constraint.group_name
        if "nonha" not in name:
            return constraint
        fields = type(constraint).model_fields
        return constraint.model_copy(update={key: value for key, value in self._hidden.items() if key in fields})


class HeedsAllButOne(VnfWorkflow):
    """Carries out a session as if one constraint were not there."""

    hidden: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, *args: Any, constraints: Constraints, **more: Any) -> None:
        super().__init__(*args, constraints=Veil(constraints, self.hidden), **more)

    def _ranked(self, hosts: Sequence[str]) -> list[str]:
        # In the order given, so that the scenario says what comes where and no estimate does.
        return list(hosts)


@dataclass(frozen=True)
class Case:
    """A scenario in which one constraint decides.

    Attributes:
        claim: The claim about it.
        hidden: What it seems to be to the Fenix that does not heed it.
        given: The cloud.
        constraints: What the VNFM sets.
    """

    claim: str
    hidden: Mapping[str, Any]
    given: Callable[[Scenario], Scenario]
    constraints: Mapping[str, Any]


def one_empty_compute(scenario: Scenario) -> Scenario:
    return scenario.on(4).with_one_empty_compute()


def two_empty_computes(scenario: Scenario) -> Scenario:
    return scenario.on(5).with_empty_computes(2)


def one_instance_on_each_of_four(scenario: Scenario) -> Scenario:
    return scenario.on(5).with_instances_on(nonha_0=0, nonha_1=1, ha_0=2, ha_1=3)


CASES = [
    Case("lead_times_are_kept", {"lead_time": 0.0}, one_empty_compute, {"instance": Instance(lead_time=90)}),
    Case("migration_types_are_respected", {"migration_type": Action.LIVE_MIGRATE}, one_empty_compute, {}),
    Case(
        "interruptions_are_short_enough",
        {"max_interruption_time": 3600.0},
        one_empty_compute,
        {"instance": Instance(max_interruption_time=0, migration_type=Action.LIVE_MIGRATE)},
    ),
    Case(
        "impacts_stay_within_the_limit",
        {"max_impacted_members": 1000},
        two_empty_computes,
        {
            "alone": Group(max_impacted_members=1, recovery_time=0),
        },
    ),
    Case(
        "groups_recover_between_impacts",
        {"recovery_time": 0.0},
        two_empty_computes,
        {"alone": Group(max_impacted_members=1, recovery_time=100)},
    ),
    Case(
        "instances_per_host_stay_within_the_limit",
        {"max_instances_per_host": 0},
        one_instance_on_each_of_four,
        {"alone": Group(max_instances_per_host=1)},
    ),
    Case(
        "anti_affinity_is_kept",
        {"anti_affinity_group": False},
        one_instance_on_each_of_four,
        {"alone": Group(anti_affinity_group=True)},
    ),
    Case(
        "impacts_are_mitigated",
        {"resource_mitigation": False},
        one_empty_compute,
        {"instance": Instance(resource_mitigation=True)},
    ),
]


@pytest.fixture
def vnf() -> Scenario:
    """Fenix's vnf workflow and a VNFM."""
    return Scenario(WorldSettings(**cast("fenix", "vnfm")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_a_fenix_that_heeds_it_passes(vnf: Scenario, case: Case) -> None:
    history = case.given(vnf).constrained(**case.constraints).carry_out().history
    assert {verdict.claim: verdict.summary for verdict in judge(history).failed()} == {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_a_fenix_that_does_not_is_caught_by_its_claim_alone(vnf: Scenario, case: Case) -> None:
    workflow = type("Broken", (HeedsAllButOne,), {"hidden": case.hidden})
    broken = type("BrokenFenix", (Fenix,), {"workflows": {"vnf": workflow}})
    scenario = case.given(vnf).constrained(**case.constraints).where(make_admin_tool=broken)
    judgement = judge(scenario.carry_out().history, CLAIMS)
    failed = {verdict.claim: verdict.summary for verdict in judgement.failed()}
    assert set(failed) == {case.claim}, failed
    assert judgement.of(case.claim).outcome is Outcome.VIOLATED
    assert all(violation.events for violation in judgement.of(case.claim).violations)


def test_every_claim_about_constraints_is_broken_here() -> None:
    assert {case.claim for case in CASES} == set(CLAIMS)
