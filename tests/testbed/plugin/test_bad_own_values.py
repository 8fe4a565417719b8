"""Values that a test parametrizes itself: which are refused, with what is allowed, and which are left alone."""

from __future__ import annotations

import pytest

from tests.support.own_values import run, write
from tests.support.plugin_runs import collected, headers, refused, what_ran


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        (
            "app_manager",
            "tacker",
            "the app manager 'tacker' is not available; allowed: sample, vnfm, or the URL of one that already runs",
        ),
        (
            "admin_tool",
            "watcher",
            "the admin tool 'watcher' is not available; allowed: sample, fenix, or the URL of one that already runs",
        ),
        (
            "inspector",
            "congress",
            "the inspector 'congress' is not available; allowed: sample, or the URL of one that already runs",
        ),
        (
            "cloud",
            "devstack",
            "the cloud 'devstack' is not available; allowed: embedded, or a cloud of clouds.yaml (other)",
        ),
        (
            "computes",
            0,
            "0 is not a number of computes; allowed: a number from 1 on, or a list such as 3,4,8",
        ),
        (
            "maintenance_workflow",
            "",
            "'' is not the name of a workflow; allowed: any name, such as default or vnf",
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_before_any_test_runs(
    pytester: pytest.Pytester, argument: str, value: object, message: str
) -> None:
    write(
        pytester,
        f"""
    @pytest.mark.parametrize("{argument}", [{value!r}])
    def test_it(maintenance, {argument}): pass

    def test_other(): pass
""",
    )
    keyword = {"cloud": "os_cloud", "maintenance_workflow": "workflow"}.get(argument, argument)
    assert refused(pytester) == f"ERROR: parametrize {keyword} of test_own.py::test_it: {message}"


def test_values_that_do_not_go_together_are_refused(pytester: pytest.Pytester) -> None:
    write(
        pytester,
        """
    @pytest.mark.parametrize("app_manager", ["sample", "vnfm"])
    def test_it(maintenance, app_manager): pass
""",
    )
    assert refused(pytester) == (
        "ERROR: parametrize app_manager of test_own.py::test_it: the app manager 'vnfm' sets constraints, which the "
        "admin tool 'sample' (default) does not take; allowed with it: sample"
    )
    assert len(collected(pytester, "--admin-tool=fenix")) == 2


def test_a_value_of_a_fixture_that_cannot_be_used_is_an_error_of_the_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
    @pytest.fixture
    def app_manager(): return "tacker"

    def test_it(maintenance, app_manager): pass

    def test_other(): pass
""",
    )
    result.assert_outcomes(errors=1, passed=1)
    source = "parametrize app_manager of test_own.py::test_it*"
    result.stdout.fnmatch_lines([f"*SettingsError: {source}: the app manager 'tacker' is not available; *"])


def test_markers_of_rows_may_not_change_what_all_rows_share(pytester: pytest.Pytester) -> None:
    write(
        pytester,
        """
    @pytest.mark.parametrize("number", [1, pytest.param(2, marks=pytest.mark.maintenance(admin_tool="fenix"))])
    def test_it(maintenance, number): pass
""",
    )
    assert refused(pytester) == (
        "ERROR: @pytest.mark.maintenance in pytest.param of test_own.py::test_it: the rows have several values of "
        "admin_tool: sample, fenix; allowed: parametrize admin_tool as well"
    )


def test_a_marker_of_every_row_is_what_runs(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
    from reporting import carry_out

    @pytest.mark.parametrize("number", [pytest.param(2, marks=pytest.mark.maintenance(admin_tool="fenix"))])
    def test_it(maintenance, request, computes, number):
        carry_out(maintenance, request, computes)
""",
    )
    (ran,) = what_ran(result)
    assert ran.admin_tool == ran.params["admin_tool"] == "fenix"


def test_a_test_with_an_empty_list_of_values_is_skipped(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
    @pytest.mark.parametrize("app_manager", [])
    def test_it(maintenance, app_manager): pass
""",
    )
    result.assert_outcomes(skipped=1)
    assert len(headers(result)) == 1


def test_a_fixture_of_that_name_that_no_scenario_uses_is_left_alone(pytester: pytest.Pytester) -> None:
    write(
        pytester,
        """
    @pytest.fixture
    def cloud(): return "their own"

    @pytest.mark.maintenance
    def test_theirs(cloud, computes): assert cloud == "their own"
""",
    )
    assert collected(pytester) == ["test_theirs[3-computes]"]
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
