"""Results of Allure: each test is told apart from the others, and is the same test in each run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.plugin_runs import QUICK

SCENARIOS = Path(__file__).parents[3] / "scenarios"
#: Tests whose parameters are no plain values, of which some read alike.
OBJECTS = """
    '''Parameters of all kinds.'''

    from dataclasses import dataclass
    from functools import partial

    import pytest

    class Plain:
        pass

    @dataclass
    class Record:
        made: object

    @pytest.mark.parametrize(
        "value",
        [lambda: 1, lambda: 2, print, partial(print), Plain, Plain(), Plain(), {"a": Plain()}, {"a", "b", "c", "d"},
         frozenset("wxyz"), Record(Plain()), Record(print), [Plain(), (Plain(),)], None, 1, "text"],
    )
    def test_objects(maintenance, value): pass

    def test_plain(maintenance): pass
    """
#: Makes and removes what a test needs, but does not call the test: Allure has a result of it.
SETUP_ONLY = (*QUICK, "--setup-only")


def results(folder: Path, equal: int = 0) -> dict[str, dict[str, Any]]:
    """Return the results of tests in a folder of Allure by their historyIds, of which so many are equal to others."""
    loaded = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*-result.json")]
    # The verdict on a whole run of pytest is one, too, if no test was called.
    found = [result for result in loaded if result["name"] != "verdict"]
    by_id = {result["historyId"]: result for result in found}
    assert found
    assert len(by_id) == len(found) - equal
    return by_id


def shown(result: dict[str, Any]) -> str:
    """Return what Allure 3 tells tests apart by."""
    return f"{result['fullName']} {sorted((each['name'], each.get('value', '')) for each in result['parameters'])}"


def test_each_scenario_and_each_object_is_the_same_test_in_each_run_and_another_with_other_actors(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = [str(SCENARIOS), str(pytester.makepyfile(OBJECTS))]
    # given a run, another one in another process, and one with other actors of tests that pin theirs, among others
    one_number = "--computes=8"
    pytester.runpytest_inprocess(*SETUP_ONLY, "--alluredir=first", one_number, *tests)
    monkeypatch.setenv("PYTHONHASHSEED", "77")
    pytester.runpytest_subprocess(*SETUP_ONLY, "--alluredir=again", one_number, *tests)
    actors = ("--admin-tool=fenix", "--app-manager=vnfm")
    pinning = str(SCENARIOS / "test_fenix_scale_in.py")
    pytester.runpytest_inprocess(*SETUP_ONLY, "--alluredir=vnf", one_number, *actors, pinning, tests[-1])
    first, again, vnf = (results(pytester.path / name) for name in ("first", "again", "vnf"))
    # then
    assert len(first) > 50
    assert first.keys() == again.keys()
    assert not first.keys() & vnf.keys()
    assert {shown(result) for result in first.values()} == {shown(result) for result in again.values()}
    assert len({shown(result) for result in (*first.values(), *vnf.values())}) == len(first) + len(vnf)
    values = [each.get("value", "") for result in first.values() for each in result["parameters"]]
    assert not [value for value in values if " at 0x" in value]
    # A test is described without being called.
    (pinned,) = (each for each in first.values() if each["name"].startswith("test_none_at_all["))
    labels = {label["name"]: label["value"] for label in pinned["labels"]}
    assert labels["epic"] == "Zero-downtime maintenance"
    assert labels["feature"].startswith("Fenix asks a project that frees capacity")
    assert labels["story"] == "none at all"
    assert labels["severity"] == "critical"
    assert {each["name"]: each["value"] for each in pinned["parameters"]}[
        "asked for"
    ] == "sample, sample, sample, embedded"


def test_own_labels_are_kept_and_the_environment_lists_each_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_SHA", "c0ffee")
    pytester.makepyfile(
        """
        import allure

        @allure.severity("minor")
        @allure.epic("Ours")
        def test_it(maintenance): pass

        def test_unrelated(): pass
        """
    )
    for actors in ((), ("--admin-tool=fenix",)):
        pytester.runpytest_inprocess(*SETUP_ONLY, "--alluredir=out", *actors)
    folder = pytester.path / "out"
    # The unrelated test is one and the same.
    found = results(folder, equal=1).values()
    by_name = {result["name"].partition("[")[0]: result for result in found}
    labels = [(label["name"], label["value"]) for label in by_name["test_it"]["labels"]]
    assert [value for name, value in labels if name == "epic"] == ["Ours"]
    assert [value for name, value in labels if name == "severity"] == ["minor"]
    assert "feature" not in {label["name"] for label in by_name["test_unrelated"]["labels"]}
    environment = (folder / "environment.properties").read_text(encoding="ascii").splitlines()
    assert {"admin_tool=sample | fenix", "app_manager=sample", "commit=c0ffee", "seed=1"} <= set(environment)
    names = [category["name"] for category in json.loads((folder / "categories.json").read_text(encoding="utf-8"))]
    assert "violated: downtime_is_zero" in names


def test_a_test_that_is_interrupted_is_broken(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(maintenance): raise KeyboardInterrupt('Ctrl-C')")
    pytester.runpytest_inprocess(*QUICK, "--alluredir=out", no_reraise_ctrlc=True)
    (result,) = (each for each in results(pytester.path / "out").values() if each["name"].startswith("test_it"))
    assert (result["status"], result["statusDetails"]["message"]) == ("broken", "interrupted: KeyboardInterrupt Ctrl-C")
    assert "asked for" in {each["name"] for each in result["parameters"]}


def test_a_suite_without_maintenance_gets_no_files_of_ours(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "--alluredir=out")
    assert [path.name for path in (pytester.path / "out").iterdir() if not path.name.endswith("-result.json")] == []
