"""The verdict of a whole run of pytest: one rule, from both sides of each of its bounds."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.report.gate import CaseOutcome, Ended, GateVerdict, conclude_run

PASSED, FAILED, SKIPPED = CaseOutcome.PASSED, CaseOutcome.FAILED, CaseOutcome.SKIPPED


@pytest.mark.parametrize(
    ("ended", "verdict", "code"),
    [
        (Ended(0, outcomes=[PASSED], judged=1), GateVerdict.PASS, 0),
        (Ended(0, outcomes=[PASSED, SKIPPED], judged=1), GateVerdict.PASS, 0),
        (Ended(0, outcomes=[CaseOutcome.XFAILED], judged=1), GateVerdict.PASS, 0),
        (Ended(0, outcomes=[PASSED], judged=0), GateVerdict.NO_TESTS, 5),
        (Ended(0, outcomes=[SKIPPED], judged=0), GateVerdict.NO_TESTS, 5),
        (Ended(5), GateVerdict.NO_TESTS, 5),
        (Ended(0, ran=False), GateVerdict.NO_TESTS, 0),
        (Ended(1, outcomes=[PASSED, FAILED], judged=1), GateVerdict.FAIL, 1),
        (Ended(0, outcomes=[PASSED, CaseOutcome.ERROR], judged=1), GateVerdict.FAIL, 1),
        (Ended(0, outcomes=[PASSED, CaseOutcome.INTERRUPTED], judged=1), GateVerdict.FAIL, 1),
        (Ended(1, outcomes=[PASSED], judged=1), GateVerdict.FAIL, 1),
        (Ended(2, outcomes=[PASSED, FAILED], judged=1, interruption="Ctrl-C"), GateVerdict.INTERRUPTED, 2),
        (Ended(2, outcomes=[PASSED, FAILED], judged=1, stop="after 1 failure"), GateVerdict.FAIL, 2),
        (Ended(2, outcomes=[PASSED], judged=1, stop="a plugin has enough"), GateVerdict.INTERRUPTED, 2),
        (Ended(2, outcomes=[PASSED], judged=1), GateVerdict.INTERRUPTED, 2),
        (Ended(0, outcomes=[PASSED], judged=1, interruption="pytest.exit"), GateVerdict.INTERRUPTED, 2),
        (Ended(3, outcomes=[PASSED], judged=1), GateVerdict.ERROR, 3),
        (Ended(4), GateVerdict.ERROR, 4),
        (Ended(2, errors=["a.py cannot be collected"]), GateVerdict.ERROR, 2),
        (Ended(0, outcomes=[PASSED], judged=1, errors=["a.py cannot be collected"]), GateVerdict.ERROR, 3),
        (Ended(5, outcomes=[PASSED], judged=1), GateVerdict.ERROR, 5),
        (Ended(77, outcomes=[PASSED], judged=1), GateVerdict.ERROR, 77),
    ],
)
def test_the_verdict_and_the_exit_code(ended: Ended, verdict: GateVerdict, code: int) -> None:
    conclusion = conclude_run(ended)
    assert (conclusion.verdict, conclusion.exit_code) == (verdict, code)
    assert conclusion.reason
    assert conclusion.is_green == (verdict is GateVerdict.PASS)
    # Only a run that was not to run any test ends with 0 and is not green.
    assert conclusion.is_green == (code == 0) or not ended.ran
