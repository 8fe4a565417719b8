from collections.abc import Callable

import pytest

from pytest_doctor_maint.claims import Outcome, judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings


@pytest.fixture
def given() -> Scenario:
    """A full cloud of three computes, and actors that do right."""
    return Scenario(TestbedSettings()).on(3).full_with_act_on(0)


@pytest.fixture
def caught() -> Callable[[Scenario, str], History]:
    """Maintain the broken world; the claim of that name must be violated, and show the events that tell so."""

    def check(scenario: Scenario, claim: str) -> History:
        history = scenario.carry_out().history
        verdict = judge(history, [claim]).verdicts[0]
        assert verdict.outcome is Outcome.VIOLATED, verdict.summary
        assert all(violation.events for violation in verdict.violations)
        return history

    return check
