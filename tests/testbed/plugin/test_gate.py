"""The summary of a run, and the runs that must not pass: no scenario ran, or one failed."""

from __future__ import annotations

import json

import pytest

from pytest_doctor_maint.report import summary as report_summary

NOTHING_RAN = "No maintenance scenario ran, although the command line has --computes, --maint-seed."
OPTIONS = ("--computes=3", "--maint-seed=4")


@pytest.fixture
def summary(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with scenarios, where each process prints the properties that the summary gets."""
    # The conftest file below replaces this; in this process the replacement must be undone.
    monkeypatch.setattr(report_summary, "terminal_summary", report_summary.terminal_summary)
    pytester.makeconftest(
        """
        import json
        from pytest_doctor_maint.report import summary

        summary.terminal_summary = lambda properties: [f"given {json.dumps(list(properties))}"]
        """
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.maintenance(computes=(3, 4))
        def test_some(computes, record_property):
            record_property("doctor_maint", {"computes": computes, "claims": ["one", None, 0.5]})
            record_property("another", "word")
            assert computes == 3

        def test_plain(record_property): record_property("plain", 1)
        """
    )
    return pytester


def given(result: pytest.RunResult) -> list[object]:
    (line,) = (line for line in result.outlines if line.startswith("given "))
    properties: list[object] = json.loads(line.removeprefix("given "))
    return properties


@pytest.mark.parametrize("args", [("-p", "no:xdist"), ("-n", "2")])
def test_the_summary_gets_the_properties_of_each_scenario(summary: pytest.Pytester, args: tuple[str, ...]) -> None:
    result = summary.runpytest_subprocess(*args)
    result.assert_outcomes(passed=2, failed=1)
    expected = [{"computes": number, "claims": ["one", None, 0.5]} for number in (3, 4)]
    assert sorted(given(result), key=str) == expected
    result.stdout.re_match_lines([r"=+ doctor-maint =+"])


def test_no_summary_without_scenarios(summary: pytest.Pytester) -> None:
    result = summary.runpytest_inprocess("-k", "plain")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*doctor-maint ===*")


@pytest.mark.parametrize("processes", [(), ("-n", "1")])
def test_other_tests_alone_are_not_enough(summary: pytest.Pytester, processes: tuple[str, ...]) -> None:
    result = summary.runpytest_subprocess("-k", "plain", *OPTIONS, *processes)
    result.stdout.fnmatch_lines(["* 1 passed*"])
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines([NOTHING_RAN])


def test_skipped_scenarios_are_not_enough(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.skip
        @pytest.mark.maintenance
        def test_skipped(): pass
        """
    )
    result = pytester.runpytest_inprocess(*OPTIONS)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines([NOTHING_RAN])


def test_nothing_collected(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess(*OPTIONS)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines([NOTHING_RAN])


def test_a_scenario_that_fails_is_a_failure(summary: pytest.Pytester) -> None:
    result = summary.runpytest_inprocess("--computes=4")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.no_fnmatch_line("No maintenance scenario ran*")


@pytest.mark.parametrize("question", ["--collect-only", "--fixtures", "--markers"])
def test_a_run_of_pytest_without_tests_is_not_a_run(summary: pytest.Pytester, question: str) -> None:
    result = summary.runpytest_inprocess(question, *OPTIONS)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("No maintenance scenario ran*")


def test_without_options_of_the_plugin_no_scenario_is_required(summary: pytest.Pytester) -> None:
    assert summary.runpytest_inprocess("-k", "plain", "-p", "doctor_maint").ret == pytest.ExitCode.OK


def test_without_a_terminal_the_exit_code_is_the_same(summary: pytest.Pytester) -> None:
    result = summary.runpytest_subprocess("-k", "plain", "-p", "no:terminal", *OPTIONS)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
