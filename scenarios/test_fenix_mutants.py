"""A Fenix that does not respect a constraint violates the claim about this constraint, and no other claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from pytest_doctor_maint.actors.app_manager.vnfm import GroupConstraint, InstanceConstraint
from pytest_doctor_maint.faults.mutants import fenix_that_reads
from pytest_doctor_maint.fixtures.maintenance import Maintenance
from pytest_doctor_maint.protocol import Action
from pytest_doctor_maint.testbed.scenario import Scenario

pytestmark = [
    pytest.mark.maintenance(computes=(5,), at_least=5),
    pytest.mark.maintenance(admin_tool="fenix", app_manager="vnfm", pinned=True),
]

TENDER = InstanceConstraint(max_interruption_time=0, migration_type=Action.LIVE_MIGRATE)
APART = {"nonha_0": 0, "nonha_1": 1, "ha_0": 2, "ha_1": 3}


def one_empty(given: Scenario) -> Scenario:
    """One compute is empty."""
    return given.with_one_empty_compute()


def two_empty(given: Scenario) -> Scenario:
    """Two computes are empty."""
    return given.with_empty_computes(2)


def one_instance_each(given: Scenario) -> Scenario:
    """Four computes have one instance each, two of which could share a compute."""
    return given.with_instances_on(**APART)


@pytest.mark.parametrize(
    ("claim", "seems", "start", "constraints"),
    [
        pytest.param(
            "lead_times_are_kept",
            {"lead_time": 0.0},
            one_empty,
            {"instance": InstanceConstraint(lead_time=90)},
            id="lead-time",
        ),
        pytest.param(
            "migration_types_are_respected",
            {"migration_type": Action.LIVE_MIGRATE},
            one_empty,
            {},
            id="migration-type",
        ),
        pytest.param(
            "interruptions_are_short_enough",
            {"max_interruption_time": 3600.0},
            one_empty,
            {"instance": TENDER},
            id="interruption",
        ),
        pytest.param(
            "impacts_stay_within_the_limit",
            {"max_impacted_members": 1000},
            two_empty,
            {"alone": GroupConstraint(max_impacted_members=1, recovery_time=0)},
            id="impacted-members",
        ),
        pytest.param(
            "groups_recover_between_impacts",
            {"recovery_time": 0.0},
            two_empty,
            {"alone": GroupConstraint(max_impacted_members=1, recovery_time=100)},
            id="recovery",
        ),
        pytest.param(
            "instances_per_host_stay_within_the_limit",
            {"max_instances_per_host": 0},
            one_instance_each,
            {"alone": GroupConstraint(max_instances_per_host=1)},
            id="instances-per-host",
        ),
        pytest.param(
            "anti_affinity_is_kept",
            {"anti_affinity_group": False},
            one_instance_each,
            {"alone": GroupConstraint(anti_affinity_group=True)},
            id="anti-affinity",
        ),
        pytest.param(
            "impacts_are_mitigated",
            {"resource_mitigation": False},
            one_empty,
            {"instance": InstanceConstraint(resource_mitigation=True)},
            id="mitigation",
        ),
    ],
)
def test_a_constraint_that_is_not_respected_is_caught(
    maintenance: Maintenance,
    computes: int,
    claim: str,
    seems: Mapping[str, float | bool | Action],
    start: Callable[[Scenario], Scenario],
    constraints: Mapping[str, GroupConstraint | InstanceConstraint],
) -> None:
    """With a Fenix that respects all constraints, every claim holds; with the mutant, every claim but one."""
    given = start(maintenance.given(computes)).constrained(**constraints)
    maintenance.when(given).holds()
    then = maintenance.when(given.where(make_admin_tool=fenix_that_reads(**seems)))
    then.violates(claim)
