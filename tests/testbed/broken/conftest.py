"""A scenario in which no actor breaks a rule, and the check that a broken actor violates a claim."""

import pytest

from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from tests.support.broken import Caught, check_caught


@pytest.fixture
def given() -> Scenario:
    """A full cloud of three computes, and actors that break no rule."""
    return Scenario(TestbedSettings(wire="memory")).on(3).full_with_act_on(0)


@pytest.fixture
def caught() -> Caught:
    """Return a function that carries out a scenario with a broken actor; the claim must be violated."""
    return check_caught
