"""Inspectors that break one rule each, in real runs: the claim about that rule is violated."""

from collections.abc import Callable, Mapping

import pytest

from pytest_doctor_maint.actors.inspector import Inspector
from pytest_doctor_maint.faults.catalogue.compute_dies import ComputeDies
from pytest_doctor_maint.history import History
from pytest_doctor_maint.testbed.scenario import Scenario

Caught = Callable[[Scenario, str], History]


class NeverKeepsStill(Inspector):
    """Manages every failure, also during maintenance."""

    def is_suppressed(self, host: str) -> bool:
        return False


class HearsNothing(Inspector):
    """Has no alarm, so it is not notified of any maintenance."""

    def subscribe(self) -> str:
        return ""


class DropsHalf(Inspector):
    """Ignores the messages that a compute is back."""

    def receive(self, body: Mapping[str, object]) -> None:
        if "IN_MAINTENANCE" in str(body):
            super().receive(body)


class Repeats(Inspector):
    """Manages one failure twice."""

    def handle_failure(self, host: str) -> None:
        super().handle_failure(host)
        self.failures.end_failure(host)
        super().handle_failure(host)


class Idle(Inspector):
    """Manages no failure."""

    def handle_failure(self, host: str) -> None:
        pass


in_maintenance = ComputeDies("compute-1", while_maintaining="compute-1", for_seconds=30)
outside = ComputeDies("compute-2", for_seconds=None)


@pytest.mark.parametrize(
    ("inspector", "fault", "claim"),
    [
        (NeverKeepsStill, in_maintenance, "inspector_keeps_still_in_maintenance"),
        (HearsNothing, in_maintenance, "inspector_hears_of_maintenance"),
        (DropsHalf, in_maintenance, "inspector_hears_of_maintenance"),
        (Repeats, outside, "failures_are_managed_once"),
        (Idle, outside, "failures_are_managed_once"),
    ],
)
def test_the_claim_catches(
    given: Scenario, caught: Caught, inspector: type[Inspector], fault: ComputeDies, claim: str
) -> None:
    caught(given.deciding(scale_down="one_compute").where(make_inspector=inspector).with_faults(fault), claim)
