import pytest

from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from tests.support.broken import Caught, check_caught


@pytest.fixture
def given() -> Scenario:
    """A full cloud of three computes, and actors that do right."""
    return Scenario(TestbedSettings(wire="memory")).on(3).full_with_act_on(0)


@pytest.fixture
def caught() -> Caught:
    """Carry out a scenario with a broken actor; the claim of that name must be violated."""
    return check_caught
