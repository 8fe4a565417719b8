"""A claim also sees what the testbed itself refuses, in case the testbed ever fails to refuse it."""

import pytest

from pytest_doctor_maint.claims import CLAIMS
from pytest_doctor_maint.testbed import testbed as world
from pytest_doctor_maint.testbed.scenario import Scenario
from tests.support.broken import Caught


def test_too_few_computes_are_caught(given: Scenario, caught: Caught, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "check_computes", lambda connection, in_use: {"compute-1": 2, "compute-2": 2})
    caught(given.on(2).full_with_act_on(0), "at_least_three_computes")


def test_every_claim_is_broken_somewhere(request: pytest.FixtureRequest) -> None:
    """A claim that catches no broken actor has not been shown to check anything.

    The claims about constraints catch theirs in a scenario. A fault that never struck is no actor's fault.
    """
    folder = request.path.parent
    places = [*folder.glob("test_*.py"), folder.parents[2] / "scenarios" / "test_fenix_mutants.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in places)
    of_actors = set(CLAIMS) - {"faults_strike"}
    assert [claim for claim in of_actors if f'"{claim}"' not in text] == []
