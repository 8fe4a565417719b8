"""A fault that never struck makes its run unknown."""

from __future__ import annotations

import pytest

from tests.support.claims import Case, ClaimCases, assert_holds, assert_not_applicable, assert_unknown
from tests.support.history_builder import HistoryBuilder

cases = ClaimCases()


def log(run: HistoryBuilder, *phases: str) -> None:
    """Record phases of the fault ``compute_dies``."""
    for phase in phases:
        run.before(run.one("run.ended")).log(
            "nemesis", "fault", name="compute_dies", target="" if phase == "armed" else "compute-1", phase=phase
        )


@cases.keeps("faults_strike")
def a_fault_struck_and_ended(run: HistoryBuilder) -> None:
    log(run, "armed", "injected", "ended")


@cases.keeps("faults_strike")
def a_fault_of_an_older_history_struck(run: HistoryBuilder) -> None:
    log(run, "injected")


@cases.keeps("faults_strike")
def two_faults_of_one_name_struck(run: HistoryBuilder) -> None:
    log(run, "armed", "armed", "injected", "injected")


@cases.leaves_nothing("faults_strike", says="no fault was armed")
def a_run_without_faults(run: HistoryBuilder) -> None:
    assert not run.all("fault")


@cases.leaves_open("faults_strike", says="armed, and never struck: compute_dies")
def a_fault_never_struck(run: HistoryBuilder) -> None:
    log(run, "armed")


@cases.leaves_open("faults_strike", says="armed, and never struck: compute_dies")
def one_of_two_faults_of_one_name_struck(run: HistoryBuilder) -> None:
    log(run, "armed", "armed", "injected")


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.idle, ids=str)
def test_the_claim_is_not_applicable(case: Case) -> None:
    assert_not_applicable(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.open, ids=str)
def test_the_claim_is_unknown(case: Case) -> None:
    assert_unknown(case.run(), case.claim, case.says)
