"""The scenarios are found from the checkout and from any other folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(pytester: pytest.Pytester) -> pytest.Pytester:
    """The files of the checkout by which `pytest -p doctor_maint` finds the scenarios, and a quick scenario."""
    for name in ("tox.ini", "conftest.py"):
        shutil.copy(ROOT / name, pytester.path)
    (pytester.path / "scenarios").mkdir()
    (pytester.path / "scenarios" / "__init__.py").touch()
    (pytester.path / "scenarios" / "test_quick.py").write_text(
        """
import pytest

@pytest.mark.maintenance(computes=(3, 4))
def test_quick(computes, record_property, pytestconfig):
    assert pytestconfig.getoption("importmode") == "importlib"
"""
    )
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_other.py").write_text("def test_other(): assert False")
    return pytester


@pytest.mark.parametrize(
    ("option", "separator", "processes"),
    [
        ("--maint-history", "=", ()),
        ("--maint-history", " ", ()),
        ("--alluredir", "=", ()),
        ("--alluredir", " ", ()),
        ("--maint-history", " ", ("-n", "2")),
    ],
)
def test_a_folder_that_exists_is_not_taken_for_the_tests(
    checkout: pytest.Pytester,
    tmp_path_factory: pytest.TempPathFactory,
    option: str,
    separator: str,
    processes: tuple[str],
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    option_and_folder = f"{option}{separator}{folder}".split()
    result = checkout.runpytest_subprocess("-p", "doctor_maint", *option_and_folder, *processes)
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("args", [(), ("-p", "no:xdist"), ("-p", "no:allure_pytest")])
def test_the_checkout_runs_its_scenarios_only(checkout: pytest.Pytester, args: tuple[str, ...]) -> None:
    checkout.runpytest_subprocess("-p", "doctor_maint", *args).assert_outcomes(passed=2)


def test_a_path_on_the_command_line_is_what_runs(checkout: pytest.Pytester) -> None:
    checkout.runpytest_subprocess("-p", "doctor_maint", "tests").assert_outcomes(failed=1)


def collected(result: pytest.RunResult) -> list[str]:
    return [line.rpartition("/")[2] for line in result.outlines if "::" in line]


def test_installed_scenarios_are_those_of_the_checkout(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = pytester.runpytest_subprocess(
        "-p", "doctor_maint", "--pyargs", "pytest_doctor_maint.scenarios", "--collect-only", "-q"
    )
    assert installed.ret == pytest.ExitCode.OK
    monkeypatch.chdir(ROOT)
    here = pytester.runpytest_subprocess("-p", "doctor_maint", "--collect-only", "-q", "-p", "no:cacheprovider")
    assert here.ret == pytest.ExitCode.OK
    assert collected(here) == collected(installed)
    assert len(collected(here)) > 10


def test_loaded_by_name_when_plugins_do_not_load_themselves(
    one_test: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS")
    one_test.runpytest_subprocess("-p", "doctor_maint", "--computes=3").assert_outcomes(passed=1)
