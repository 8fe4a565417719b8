"""The header of a run: each effective value with its source."""

from __future__ import annotations

import pytest

from tests.support.plugin_runs import headers

LINE = (
    "doctor-maint: admin tool sample (default), app manager sample (default), "
    "app manager project doctor (default), inspector sample (default), workflow default (default), "
    "computes {computes}, cloud embedded (default), wire socket (default), message bus none (default), seed {seed}, "
    "faults none (default), action plug-ins none (default), patience none (default), history none (default), "
    "result none (default) [parametrize > command line > marker > ini > environment > default]"
)
DEFAULT = LINE.format(computes="3 (default)", seed="1 (default)")


def test_each_value_with_its_source(one_test: pytest.Pytester) -> None:
    one_test.makeini("[pytest]\ndoctor_maint_seed = 5")
    expected = LINE.format(computes="3,4 (--computes)", seed="5 (doctor_maint_seed in tox.ini)")
    assert headers(one_test.runpytest_inprocess("--computes=3,4")) == [expected]


def test_the_environment_is_a_source(one_test: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSPECTOR_TYPE", "sample")
    (line,) = headers(one_test.runpytest_inprocess())
    assert "inspector sample (INSPECTOR_TYPE in the environment)" in line


@pytest.mark.parametrize("args", [(), ("-p", "doctor_maint"), ("--collect-only",)])
def test_shown_once_when_there_is_a_maintenance_test(one_test: pytest.Pytester, args: tuple[str, ...]) -> None:
    assert headers(one_test.runpytest_inprocess(*args)) == [DEFAULT]


def test_shown_under_xdist_when_the_plugin_is_named(one_test: pytest.Pytester) -> None:
    assert headers(one_test.runpytest_subprocess("-p", "doctor_maint", "-n", "1")) == [DEFAULT]


def test_not_shown_when_pytest_is_quiet(one_test: pytest.Pytester) -> None:
    assert headers(one_test.runpytest_inprocess("-q")) == []


def test_options_are_one_group_in_the_help(pytester: pytest.Pytester) -> None:
    text = pytester.runpytest_inprocess("--help").stdout.str()
    group = text[text.index("maintenance of an OpenStack cloud (doctor-maint):") :].partition("\n\n")[0]
    for option in (
        "--admin-tool=NAME",
        "--app-manager=NAME",
        "--app-manager-project=NAME",
        "--inspector=NAME",
        "--computes=N[,N...]",
        "--os-cloud=NAME",
        "--maint-seed=N|random",
        "--maint-history=DIR",
    ):
        assert option in group
    for key in ("admin_tool", "app_manager", "inspector", "computes", "os_cloud", "seed", "history"):
        assert f"doctor_maint_{key} (string)" in text


def test_the_marker_is_registered(one_test: pytest.Pytester) -> None:
    one_test.runpytest_inprocess("--strict-markers").assert_outcomes(passed=1)
    result = one_test.runpytest_inprocess("--markers")
    result.stdout.fnmatch_lines(
        ["@pytest.mark.maintenance(admin_tool=..., *pinned=...): a maintenance scenario and its settings, *"]
    )
