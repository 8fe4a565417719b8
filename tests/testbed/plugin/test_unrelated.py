"""The plugin does nothing in a test suite without maintenance tests."""

from __future__ import annotations

import pytest

UNRELATED = """
import sys
import pytest

@pytest.fixture
def cloud(): return "cumulus"

@pytest.fixture(params=[1, 2])
def computes(request): return request.param

@pytest.fixture
def maintenance(): return "of a car"

def test_their_fixtures(cloud, maintenance):
    assert (cloud, maintenance) == ("cumulus", "of a car")

def test_their_parameters(computes, request):
    assert request.node.name == f"test_their_parameters[{computes}]"

@pytest.mark.parametrize("inspector", ["Clouseau"])
def test_their_arguments(inspector, request):
    assert request.node.name == "test_their_arguments[Clouseau]"

def test_heavy_modules():
    heavy = {"openstack", "requests", "werkzeug", "pydantic", "jinja2", "keystoneauth1", "allure", "http.server"}
    assert "pytest_doctor_maint.plugin" in sys.modules
    assert not heavy & sys.modules.keys()
"""


@pytest.fixture
def unrelated(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A test suite without maintenance tests, on a machine with the variables of a client of OpenStack."""
    monkeypatch.setenv("OS_CLOUD", "devstack")
    monkeypatch.setenv("TEST_CASE", "fault_management")
    monkeypatch.setenv("ADMIN_TOOL_TYPE", "unheard-of")
    pytester.makepyfile(UNRELATED)
    return pytester


@pytest.mark.parametrize("args", [(), ("-p", "no:cacheprovider", "--strict-markers", "-W", "error")])
def test_it_runs_as_without_the_plugin(unrelated: pytest.Pytester, args: tuple[str, ...]) -> None:
    def output(*more: str) -> list[str]:
        # The other plugins import modules that this plugin must not import.
        others = ("-p", "no:allure_pytest", "-p", "no:xdist")
        result = unrelated.runpytest_subprocess("-v", *others, *args, *more)
        plain = (line for line in result.outlines if not line.startswith(("plugins:", "===")))
        return [line for line in plain if "test_heavy_modules" not in line]

    result = unrelated.runpytest_subprocess("-p", "no:allure_pytest", "-p", "no:xdist", *args)
    result.assert_outcomes(passed=5)
    result.stdout.no_fnmatch_line("doctor-maint*")
    with_plugin = output("-k", "not heavy")
    assert with_plugin == output("-k", "not heavy", "-p", "no:doctor_maint")
    assert any("test_their_parameters[2] PASSED" in line for line in with_plugin)


def test_under_xdist(unrelated: pytest.Pytester) -> None:
    result = unrelated.runpytest_subprocess("-n", "2", "-k", "not heavy")
    result.assert_outcomes(passed=4)
    result.stdout.no_fnmatch_line("doctor-maint*")


def test_blocking_the_plugin(one_test: pytest.Pytester) -> None:
    result = one_test.runpytest_subprocess("-p", "no:doctor_maint", "--computes=3")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --computes=3*"])
