"""A scenario with expected violations passes if exactly the named claims are violated."""

from __future__ import annotations

import pytest

from tests.support.plugin_runs import QUICK

SCENARIO = """
def test_one(maintenance):
    given = maintenance.given(3).full_with_act_on(0){deciding}
    maintenance.when(given).violates({claims})
"""
NO_SWITCH_OVER = ".deciding(switch_over=False)"


def run(pytester: pytest.Pytester, claims: str, deciding: str = "") -> pytest.RunResult:
    pytester.makepyfile(SCENARIO.format(claims=claims, deciding=deciding))
    return pytester.runpytest_inprocess(*QUICK)


def test_the_expected_violation(pytester: pytest.Pytester) -> None:
    result = run(pytester, '"downtime_is_zero"', NO_SWITCH_OVER)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["one *  caught  *", "all *claims hold (*"])
    assert "expected violations found" in " ".join(result.stdout.str().split())


def test_a_violation_that_does_not_occur(pytester: pytest.Pytester) -> None:
    result = run(pytester, '"downtime_is_zero"')
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*expected exactly these violations: downtime_is_zero; not violated: downtime_is_zero (holds)"]
    )
    result.stdout.fnmatch_lines(["one *  MISSED  *", "  not violated: downtime_is_zero", "1 of 1 fail: 1 missed"])


def test_a_violation_of_another_claim(pytester: pytest.Pytester) -> None:
    result = run(pytester, '"scale_is_restored"', NO_SWITCH_OVER)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*not violated: scale_is_restored (holds); violated as well: downtime_is_zero"])
    result.stdout.fnmatch_lines(["*VIOLATED: downtime_is_zero", "*repeat: *", "1 of 1 fail: *"])


def test_a_claim_that_does_not_exist(pytester: pytest.Pytester) -> None:
    result = run(pytester, '"nothing_happens"')
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*UnknownClaim: unknown claims: nothing_happens; there are *downtime_is_zero*"])
