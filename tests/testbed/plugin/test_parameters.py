"""The parameters that the plugin adds to maintenance tests, and the resulting ids."""

from __future__ import annotations

import pytest

from tests.support.actors import add_clouds
from tests.support.plugin_runs import collected

# False for pytest before 8.4, which cannot leave a parameter out of an id.
CAN_HIDE = hasattr(pytest, "HIDDEN_PARAM")


def test_computes_from_marker_and_command_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.maintenance(computes=(3, 4, 5, 8))
        def test_full(computes): assert isinstance(computes, int)

        @pytest.mark.maintenance
        def test_plain(computes): pass
        """
    )
    each = ["test_full[3-computes]", "test_full[4-computes]", "test_full[5-computes]", "test_full[8-computes]"]
    assert collected(pytester) == [*each, "test_plain[3-computes]"]
    assert collected(pytester, "--computes=16,2") == [
        f"test_{name}[{number}-computes]" for name in ("full", "plain") for number in (16, 2)
    ]
    pytester.makeini("[pytest]\ndoctor_maint_computes = 7")
    assert collected(pytester) == [*each, "test_plain[7-computes]"]
    pytester.runpytest_inprocess().assert_outcomes(passed=5)


def test_a_scenario_that_needs_more_computes_gets_them_but_too_few_for_any_stay(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.maintenance(computes=(3, 4, 8), at_least=4)
        def test_it(computes): pass
        """
    )
    assert collected(pytester) == ["test_it[4-computes]", "test_it[8-computes]"]
    assert collected(pytester, "--computes=3") == ["test_it[4-computes]"]
    assert collected(pytester, "--computes=2,3,6") == [
        "test_it[2-computes]",
        "test_it[4-computes]",
        "test_it[6-computes]",
    ]


@pytest.mark.parametrize("least", ["0", "-1", "None", "4.5", "'four'"])
def test_a_minimum_that_is_not_a_number_is_refused(pytester: pytest.Pytester, least: str) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.maintenance(at_least={least})
        def test_it(computes): pass
        """
    )
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*maintenance(at_least=...)*is not a number of computes; allowed: a number from 1 on*"]
    )


def test_all_arguments_are_parameters_and_ids_stay_short(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.maintenance

        @pytest.mark.parametrize("where", ["act-on-the-first", "act-on-the-last"])
        def test_all(computes, admin_tool, app_manager, inspector, cloud, where, request):
            params = request.node.callspec.params
            assert params.pop("where") == where
            assert params == dict(
                computes=computes, admin_tool=admin_tool, app_manager=app_manager, inspector=inspector, cloud=cloud
            )
            print(params)

        def test_some(admin_tool, cloud): assert (admin_tool, cloud) == ("sample", "embedded")
        def test_none(): pass
        """
    )
    assert collected(pytester) == [
        "test_all[act-on-the-first-3-computes]",
        "test_all[act-on-the-last-3-computes]",
        "test_some" if CAN_HIDE else "test_some[sample-embedded]",
        "test_none",
    ]
    pytester.runpytest_inprocess().assert_outcomes(passed=4)
    add_clouds(monkeypatch, "lab")
    assert collected(pytester, "--admin-tool=fenix", "--os-cloud=lab", "--computes=4")[1:3] == [
        "test_all[act-on-the-last-4-computes-fenix-admin-tool-on-lab]",
        "test_some[fenix-admin-tool-on-lab]",
    ]


def test_a_test_whose_fixture_uses_the_argument_is_parametrized_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def doubled(computes): return computes * 2

        @pytest.mark.maintenance
        def test_doubled(doubled): assert doubled in (6, 8)
        """
    )
    assert collected(pytester, "--computes=3,4") == ["test_doubled[3-computes]", "test_doubled[4-computes]"]
    pytester.runpytest_inprocess("--computes=3,4", "-p", "no:terminal")


def test_a_fixture_of_the_plugin_makes_a_maintenance_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_ours(maintenance, computes): pass")
    assert collected(pytester, "--computes=5") == ["test_ours[5-computes]"]


def test_what_a_test_parametrizes_itself_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.maintenance
        @pytest.mark.parametrize(("computes", "rounds"), [(4, 1), (6, 2)])
        def test_own(computes, rounds, admin_tool): pass

        @pytest.mark.maintenance
        @pytest.mark.parametrize(argnames="computes, rounds", argvalues=[(4, 1)])
        def test_named(computes, rounds): pass
        """
    )
    prefix = "" if CAN_HIDE else "sample-"
    own = [f"test_own[{prefix}4-1]", f"test_own[{prefix}6-2]"]
    assert collected(pytester, "--computes=3") == [*own, "test_named[4-1]"]


def test_a_fixture_of_the_test_suite_with_our_name_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def cloud(): return "their own"

        @pytest.mark.maintenance
        def test_theirs(cloud, computes): assert cloud == "their own"
        """
    )
    assert collected(pytester) == ["test_theirs[3-computes]"]
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
