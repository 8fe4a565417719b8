"""A fault is armed before the maintenance, strikes at its moment, and is always healed."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.claims import Outcome, judge
from pytest_doctor_maint.faults.catalogue.compute_dies import ComputeDies
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.testbed.cloud_under_test import EmbeddedCloudUnderTest
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.testbed import Testbed
from tests.support.faults import Noted

GIVEN = Scenario(TestbedSettings(wire="memory")).on(3).full()


def phases(history: History) -> list[tuple[str, str]]:
    return [(event.data["phase"], event.data["target"]) for event in history.of(kinds.FAULT)]


def test_a_fault_is_armed_injected_and_ended() -> None:
    fault = Noted()
    history = GIVEN.with_faults(fault).carry_out().history
    assert phases(history) == [("armed", ""), ("injected", "nothing"), ("ended", "nothing")]
    (created,) = history.of(kinds.SESSION_CREATED)
    armed, injected, _ = history.of(kinds.FAULT)
    assert armed.seq < created.seq < injected.seq
    assert fault.calls == ["strike", "heal"]
    assert judge(history, ["faults_strike"]).holds


def test_a_fault_that_never_strikes_is_healed_and_the_run_does_not_pass() -> None:
    fault = Noted(upon="never")
    history = GIVEN.with_faults(fault).carry_out().history
    assert phases(history) == [("armed", "")]
    assert fault.calls == ["heal"]
    (verdict,) = judge(history, ["faults_strike"]).verdicts
    assert verdict.outcome is Outcome.UNKNOWN


def test_a_fault_that_raises_is_healed_and_the_run_does_not_pass() -> None:
    fault = Noted(raises=True)
    history = GIVEN.with_faults(fault).carry_out().history
    assert fault.calls == ["strike", "heal"]
    (verdict,) = judge(history, ["no_thread_died"]).verdicts
    assert verdict.outcome is Outcome.VIOLATED
    assert "the fault has an error" in verdict.violations[0].message


def test_every_fault_is_healed_after_a_run_that_raised() -> None:
    first, second = Noted(), Noted(upon="never")

    def run_that_raises() -> None:
        with Testbed(GIVEN.topology, GIVEN.settings) as testbed:
            testbed.arm(first)
            testbed.arm(second)
            raise ZeroDivisionError("the run")

    with pytest.raises(ZeroDivisionError, match="the run"):
        run_that_raises()
    assert (first.calls, second.calls) == (["heal"], ["heal"])


def test_every_fault_is_healed_after_one_that_cannot_be_healed() -> None:
    class Stubborn(Noted):
        def heal(self, target: object) -> None:
            raise ZeroDivisionError("it stays broken")

    other = Noted(upon="never")
    with pytest.warns(UserWarning, match="the fault noted could not be healed on embedded: it stays broken"):
        GIVEN.with_faults(Stubborn(upon="never"), other).carry_out()
    assert other.calls == ["heal"]


# -- a compute dies ----------------------------------------------------------------------------------------------------


def is_on(testbed: Testbed, host: str) -> bool:
    assert isinstance(testbed.cloud, EmbeddedCloudUnderTest)
    return testbed.cloud.cloud.nova.computes[host].powered


def test_a_dead_compute_is_switched_on_at_the_end_once() -> None:
    fault = ComputeDies("compute-2", for_seconds=None)
    with Testbed(GIVEN.topology, GIVEN.settings) as testbed:
        testbed.arm(fault)
        fault.heal(testbed)
        assert phases(testbed.history) == [("armed", "")], "nothing to heal before it strikes"
        fault.record(testbed, "injected", "compute-2")
        testbed.computes.power_off("compute-2")
        assert not is_on(testbed, "compute-2")
        for _ in range(2):
            fault.heal(testbed)
            assert is_on(testbed, "compute-2")
        assert phases(testbed.history) == [("armed", ""), ("injected", "compute-2"), ("ended", "compute-2")]


def test_a_compute_that_does_not_exist_is_refused_before_anything_is_maintained() -> None:
    with pytest.raises(
        UnsuitableCloud,
        match=r"^the fault compute_dies is for a compute 'compute-9'; there are compute-1, compute-2, compute-3$",
    ):
        GIVEN.with_faults(ComputeDies("compute-9")).carry_out()
