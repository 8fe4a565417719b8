"""A fault that never struck makes its run unknown."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import Outcome, judge
from tests.support.claims import HistoryBuilder


def verdict(story: HistoryBuilder) -> tuple[Outcome, str]:
    found = judge(story.history(), ["faults_strike"]).verdicts[0]
    return found.outcome, found.summary


def with_phases(*phases: str, name: str = "compute_dies") -> HistoryBuilder:
    story = HistoryBuilder()
    for phase in phases:
        story.log("nemesis", "fault", name=name, target="" if phase == "armed" else "compute-1", phase=phase)
    return story


@pytest.mark.parametrize("phases", [(), ("armed", "injected"), ("armed", "injected", "ended"), ("injected",)])
def test_it_holds_where_each_fault_struck(phases: tuple[str, ...]) -> None:
    assert verdict(with_phases(*phases))[0] is Outcome.HOLDS


def test_a_fault_that_never_struck_is_unknown() -> None:
    assert verdict(with_phases("armed")) == (Outcome.UNKNOWN, "armed, and never struck: compute_dies")


def test_two_of_one_name_must_both_strike() -> None:
    assert verdict(with_phases("armed", "armed", "injected"))[0] is Outcome.UNKNOWN
    assert verdict(with_phases("armed", "armed", "injected", "injected"))[0] is Outcome.HOLDS
