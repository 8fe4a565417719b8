"""The summary of a run, and the runs that must not pass: no scenario ran, or one failed."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pytest_doctor_maint import report
from tests.support.plugin_runs import QUICK

NOTHING_RAN = "No maintenance scenario ran, although the command line has --computes, --maint-seed."
OPTIONS = ("--computes=3", "--maint-seed=4")


@pytest.fixture
def summary(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with scenarios, where each process prints the properties that the summary gets."""
    # The conftest file below replaces this; in this process the replacement must be undone.
    monkeypatch.setattr(report, "terminal_summary", report.terminal_summary)
    pytester.makeconftest(
        """
        import json
        from pytest_doctor_maint import report
        from pytest_doctor_maint.report.terminal import Line

        report.terminal_summary = lambda attempts, width: [
            Line(f"given {json.dumps([run for attempt in attempts for run in attempt.runs])}")
        ]
        """
    )
    pytester.makepyfile(
        """
        import json
        import pytest

        @pytest.mark.maintenance(computes=(3, 4))
        def test_some(computes, record_property):
            record_property("doctor_maint", json.dumps({"computes": computes, "claims": ["one", None, 0.5]}))
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


@pytest.fixture
def two_tests(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with a skipped scenario and another test."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.skip
        @pytest.mark.maintenance
        def test_scenario(): pass

        def test_plain(): pass
        """
    )
    return pytester


@pytest.mark.parametrize("args", [(), ("-k", "plain"), ("-n", "1")])
@pytest.mark.parametrize("place", ["ini", "variable"])
def test_scenarios_of_an_ini_file_or_a_variable_that_do_not_run_are_not_enough(
    two_tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, place: str, args: tuple[str, ...]
) -> None:
    """Skipped, deselected, and on a worker."""
    if place == "ini":
        two_tests.makeini("[pytest]\ndoctor_maint_admin_tool = fenix")
        source = "doctor_maint_admin_tool in tox.ini"
    else:
        monkeypatch.setenv("TEST_CASE", "maintenance")
        monkeypatch.setenv("ADMIN_TOOL_TYPE", "fenix")
        source = "TEST_CASE in the environment, ADMIN_TOOL_TYPE in the environment"
    result = two_tests.runpytest_inprocess(*args)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(
        [f"No maintenance scenario ran, although there are scenarios, and settings for them: {source}."]
    )


def test_an_ini_file_does_not_ask_for_scenarios_where_there_are_none(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ndoctor_maint_admin_tool = fenix")
    pytester.makepyfile("def test_plain(): pass")
    assert pytester.runpytest_inprocess().ret == pytest.ExitCode.OK


def test_os_cloud_does_not_ask_for_scenarios(two_tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLOUD", "other")
    assert two_tests.runpytest_inprocess("-k", "plain").ret == pytest.ExitCode.OK


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


def test_each_attempt_of_a_test_that_is_repeated_counts_once(pytester: pytest.Pytester) -> None:
    """As plugins repeat a failed test: with the same item, whose fixtures are made again."""
    pytester.makeconftest(
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for following in (None, nextitem):
                runtestprotocol(item, nextitem=following, log=True)
            return True
        """
    )
    pytester.makepyfile(
        """
        def test_it(maintenance, computes, attempts=[]):
            attempts.append(1)
            given = maintenance.given(computes).full_with_act_on(0)
            first = len(attempts) == 1
            maintenance.when(given.deciding(switch_over=False) if first else given).holds()
        """
    )
    reports = ("--junitxml=junit.xml", "--maint-result=result.json", "--maint-history=histories")
    result = pytester.runpytest_inprocess(*QUICK, *reports)
    result.assert_outcomes(failed=1, passed=1)
    rows = [
        "it [[]3-computes[]]*  VIOLATED  *",
        "  violated: *",
        "it [[]3-computes[]]*  holds  *",
        "---*",
        "*2 runs *",
        "1 of 2 fail: *",
    ]
    result.stdout.fnmatch_lines(rows, consecutive=True)
    cases = ElementTree.parse(pytester.path / "junit.xml").iter("testcase")  # noqa: S314 # our own file
    told = [[json.loads(each.attrib["value"]) for each in case.iter("property")] for case in cases]
    assert [[run["failed"] for run in runs] for runs in told] == [[["downtime_is_zero"]], [[]]]
    (test,) = json.loads((pytester.path / "result.json").read_text())["tests"]
    assert [attempt["outcome"] for attempt in test["attempts"]] == ["failed", "passed"]
    runs = [run for attempt in test["attempts"] for run in attempt["runs"]]
    assert [run["failed"] for run in runs] == [["downtime_is_zero"], []]
    histories = [Path(run["history"]) for run in runs]
    assert len(set(histories)) == 2
    assert set(histories) == set((pytester.path / "histories").iterdir())
