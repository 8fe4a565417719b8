"""Claims about what the testbed refuses itself are checked too, and each claim has a broken actor."""

import pytest

from pytest_doctor_maint.claims import CLAIMS
from pytest_doctor_maint.testbed import testbed
from pytest_doctor_maint.testbed.scenario import Scenario
from tests.support.broken import Caught


def test_too_few_computes_are_caught(given: Scenario, caught: Caught, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testbed, "check_computes", lambda connection, in_use: {"compute-1": 2, "compute-2": 2})
    caught(given.on(2).full_with_act_on(0), "at_least_three_computes")


def test_every_claim_is_broken_somewhere(request: pytest.FixtureRequest) -> None:
    """A claim that no broken actor violates may check nothing.

    The broken actors of the claims about constraints are in a scenario. No actor causes a fault that never strikes.
    """
    folder = request.path.parent
    places = [*folder.glob("test_*.py"), folder.parents[2] / "scenarios" / "test_fenix_mutants.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in places)
    of_actors = set(CLAIMS) - {"faults_strike"}
    assert [claim for claim in of_actors if f'"{claim}"' not in text] == []
