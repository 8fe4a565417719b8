"""Instances with different constraints in one session: every session ends."""

from __future__ import annotations

import random

import pytest

from benchmarks.makespan import bound_of, makespan
from pytest_doctor_maint.actors.app_manager.vnfm import GroupConstraint, InstanceConstraint
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import Action
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings

#: Nova's scheduler places instances that are created again, and may use room that is reserved for others.
TYPES = (Action.MIGRATE, Action.LIVE_MIGRATE, Action.OWN_ACTION)


def drawn(draw: random.Random) -> InstanceConstraint:
    return InstanceConstraint(
        lead_time=draw.choice([0, 40, 120, 300]),
        migration_type=draw.choice(TYPES),
        max_interruption_time=draw.choice([0, 120]),
    )


@pytest.mark.parametrize("seed", range(6))
def test_every_session_comes_to_its_end(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 # no secret
    given = Scenario(TestbedSettings(seed=seed, wire="memory")).played_by(admin_tool="fenix", app_manager="vnfm")
    given = given.on(draw.choice([4, 5, 6]))
    given = given.with_one_empty_compute() if seed % 2 else given.full_with_act_on(0)
    given = given.constrained(
        instance=drawn(draw),
        instances={f"doctor_nonha_app_{number}": drawn(draw) for number in range(4)},
        alone=GroupConstraint(max_impacted_members=draw.choice([1, 2, 8]), recovery_time=draw.choice([0, 60])),
    )
    history = given.carry_out().history
    assert history.of(kinds.SESSION_STATE)[-1].data["state"] == "MAINTENANCE_DONE", given.settings.constraints
    assert {verdict.claim: verdict.summary for verdict in judge(history).failed()} == {}


@pytest.mark.parametrize("lead_time", [80, 120])
def test_a_long_lead_time_costs_little(lead_time: int) -> None:
    """The lead time is longer than the work on a compute: projects are notified before the target is maintained."""
    given = (
        Scenario(TestbedSettings(wire="memory"))
        .played_by(admin_tool="fenix", app_manager="vnfm")
        .on(12)
        .with_empty_computes(2)
    )
    given = given.constrained(instance=InstanceConstraint(lead_time=lead_time))
    history = given.carry_out().history
    assert {verdict.claim: verdict.summary for verdict in judge(history).failed()} == {}
    assert makespan(history) < 1.3 * bound_of(history, given)
