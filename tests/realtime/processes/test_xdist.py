"""Under xdist every worker runs with the same settings, and the controller reports errors."""

from __future__ import annotations

import re

import pytest


def test_workers_share_the_seed_that_the_header_shows(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os
        import pytest
        from pytest_doctor_maint.plugin.settings import settings_for

        @pytest.mark.maintenance
        @pytest.mark.parametrize("number", range(4))
        def test_seed(number, request, record_property):
            print("seed", settings_for(request).seed, "in", os.environ["PYTEST_XDIST_WORKER"])
        """
    )
    result = pytester.runpytest_subprocess("-n", "2", "--dist=each", "-rP", "--maint-seed=random")
    shown = re.search(r"seed (\d+) \(random by --maint-seed\)", result.stdout.str())
    assert shown
    used = re.findall(r"^seed (\d+) in (gw\d)$", result.stdout.str(), re.MULTILINE)
    assert set(used) == {(shown[1], "gw0"), (shown[1], "gw1")}


@pytest.mark.parametrize("dist", ["load", "worksteal", "loadfile", "each"])
def test_a_bad_environment_is_a_usage_error(
    one_test: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, dist: str
) -> None:
    monkeypatch.setenv("TEST_CASE", "fault_management")
    result = one_test.runpytest_subprocess("-n", "2", f"--dist={dist}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    result.stderr.fnmatch_lines(["ERROR: environment variable TEST_CASE: *"])


def test_a_bad_marker_is_a_usage_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.maintenance(computes="many")
        def test_marked(computes): pass

        @pytest.mark.parametrize("number", range(50))
        def test_other(number): pass
        """
    )
    result = pytester.runpytest_subprocess("-n", "2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    result.stdout.no_fnmatch_line("*passed*")
    result.stderr.fnmatch_lines(["ERROR: @pytest.mark.maintenance(computes=...) on *::test_marked: 'many' *"])


def test_a_bad_option_is_refused_before_any_worker_starts(one_test: pytest.Pytester) -> None:
    result = one_test.runpytest_subprocess("-n", "2", "--computes=0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.no_fnmatch_line("*workers*")
    result.stderr.fnmatch_lines(["ERROR: --computes: '0' is not a number of computes; *"])


@pytest.mark.parametrize("in_marker", [False, True])
def test_several_workers_on_a_cloud_that_runs_are_refused(pytester: pytest.Pytester, in_marker: bool) -> None:
    """Each worker would find the computes in use by the application of the other worker."""
    mark = "os_cloud='other'" if in_marker else ""
    pytester.makepyfile(f"import pytest\n@pytest.mark.maintenance({mark})\ndef test_one(): pass")
    options = () if in_marker else ("--os-cloud=other",)
    result = pytester.runpytest_subprocess("-n", "2", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: *: the cloud 'other' can run one scenario at a time, but xdist has 2 workers; *without -n"]
    )


def test_one_worker_on_a_cloud_that_runs_is_enough(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.maintenance\ndef test_one(): pass")
    pytester.runpytest_subprocess("-n", "1", "--os-cloud=other").assert_outcomes(passed=1)
