"""No test is green that judged nothing, and no exception of a test is hidden by that."""

from __future__ import annotations

import pytest

from tests.support.plugin_runs import QUICK

NO_RUN = "judged nothing: the test uses the fixture maintenance, and carried no run out; due: maintenance.when(...).*"
NO_CLAIM = "judged nothing: the test carried 1 run out, asked for no claim and read no history; due: *"

SUITE = """
    import pytest

    @pytest.fixture
    def given(maintenance):
        return maintenance.given(3).with_one_empty_compute().maintaining("compute-3")

    @pytest.fixture
    def then(maintenance, given):
        return maintenance.when(given)

    def test_no_run(maintenance): pass

    class TestInAClass:
        def test_no_run_in_a_class(self, maintenance): pass

    def test_no_claim(then): pass

    def test_rules_of_its_own(then):
        assert then.history.of("session.created")

    def test_a_claim_about_nothing(then):
        then.holds("no_thread_died", "refusals_are_clear")

    def test_violates_nothing(maintenance, given, then):
        then.violates()

    def test_a_run_for_comparison_and_one_that_is_judged(maintenance, given, then):
        maintenance.when(given).holds()

    def test_refused(maintenance):
        with pytest.raises(AssertionError, match="at least 3 computes"):
            maintenance.when(maintenance.given(2).full())

    def test_refused_and_a_run_without_a_claim(maintenance, then):
        with pytest.raises(AssertionError, match="at least 3 computes"):
            maintenance.when(maintenance.given(2).full())

    def test_own_error(then):
        raise ZeroDivisionError("my own error")

    def test_skips_itself(then):
        pytest.skip("not today")

    def test_fails_as_expected_by_itself(then):
        pytest.xfail("a known bug")

    @pytest.mark.xfail(reason="a known bug", strict=True)
    def test_marked_as_failing(then): pass

    @pytest.mark.skip(reason="the lab is booked")
    def test_skipped(maintenance): pass
"""


def test_what_counts_as_judged(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=SUITE)
    result = pytester.runpytest_inprocess(*QUICK, "-rA")
    expected = {
        "test_no_run": ("FAILED", NO_RUN),
        "TestInAClass::test_no_run_in_a_class": ("FAILED", NO_RUN),
        "test_no_claim": ("FAILED", NO_CLAIM),
        "test_a_claim_about_nothing": ("FAILED", "NOT APPLICABLE: refusals_are_clear"),
        "test_rules_of_its_own": ("PASSED", ""),
        "test_violates_nothing": ("PASSED", ""),
        "test_a_run_for_comparison_and_one_that_is_judged": ("PASSED", ""),
        "test_refused": ("PASSED", ""),
        "test_refused_and_a_run_without_a_claim": ("FAILED", NO_CLAIM),
        "test_own_error": ("FAILED", "*ZeroDivisionError: my own error"),
        "test_skips_itself": ("SKIPPED", ""),
        "test_fails_as_expected_by_itself": ("XFAIL", ""),
        "test_marked_as_failing": ("XFAIL", ""),
        "test_skipped": ("SKIPPED", ""),
    }
    outcomes = {
        line.split()[1].removeprefix("test_it.py::"): line.split()[0]
        for line in result.outlines
        if line.startswith(("FAILED test_it", "PASSED test_it", "XFAIL test_it"))
    }
    assert outcomes == {name: outcome for name, (outcome, _) in expected.items() if outcome != "SKIPPED"}
    result.stdout.fnmatch_lines_random([says for _, says in expected.values() if says])
    # All in the call phase: programs that drive pytest count calls alone.
    result.assert_outcomes(passed=4, failed=6, skipped=2, xfailed=2)
