"""Each setting from each of its sources, and the order of the sources."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_doctor_maint.plugin import settings
from pytest_doctor_maint.plugin.settings import SETTINGS
from pytest_doctor_maint.plugin.settings.values import read_faults
from tests.support.actors import add_actors, add_clouds
from tests.support.plugin_runs import refused


@pytest.fixture(autouse=True)
def more_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second choice for each setting, so that sources differ."""
    add_actors(monkeypatch, "other", "third", "fourth")
    add_clouds(monkeypatch, "other", "third", "fourth")


def seen(one_test: pytest.Pytester, *args: str) -> dict[str, tuple[str, str]]:
    result = one_test.runpytest_inprocess("-rP", *args)
    result.assert_outcomes(passed=1)
    found = re.findall(r"^(\w+): (.*) from (.*)$", result.stdout.str(), re.MULTILINE)
    return {keyword: (value, source) for keyword, value, source in found}


def test_defaults(one_test: pytest.Pytester) -> None:
    assert seen(one_test) == {
        "admin_tool": ("'sample'", "default"),
        "app_manager": ("'sample'", "default"),
        "app_manager_project": ("'doctor'", "default"),
        "inspector": ("'sample'", "default"),
        "workflow": ("'default'", "default"),
        "computes": ("(3,)", "default"),
        "os_cloud": ("'embedded'", "default"),
        "wire": ("'socket'", "default"),
        "transport_url": ("None", "default"),
        "seed": ("1", "default"),
        "faults": ("()", "default"),
        "actions": ("()", "default"),
        "patience": ("None", "default"),
        "history": ("None", "default"),
        "result": ("None", "default"),
    }


VALUES = {
    "admin_tool": ("other", "'other'"),
    "app_manager": ("other", "'other'"),
    "app_manager_project": ("other", "'other'"),
    "inspector": ("other", "'other'"),
    "workflow": ("default", "'default'"),
    "computes": ("4, 8", "(4, 8)"),
    "os_cloud": ("other", "'other'"),
    "wire": ("memory", "'memory'"),
    "seed": ("0", "0"),
    "patience": ("90", "90"),
    "faults": ("compute_dies:host=compute-2", repr(read_faults("compute_dies:host=compute-2", Path()))),
}


# The message bus needs a running cloud, and action plug-ins an admin tool that runs them; both are tested elsewhere.
@pytest.mark.parametrize(
    "kind",
    [kind for kind in SETTINGS if kind.keyword not in ("transport_url", "actions")],
    ids=lambda kind: kind.keyword,
)
class TestOneSource:
    def test_command_line(self, one_test: pytest.Pytester, kind: settings.Setting) -> None:
        raw, value = VALUES.get(kind.keyword, ("new", repr(one_test.path / "new")))
        assert seen(one_test, f"{kind.option}={raw}")[kind.keyword] == (value, kind.option)

    def test_ini(self, one_test: pytest.Pytester, kind: settings.Setting) -> None:
        raw, value = VALUES.get(kind.keyword, ("new", repr(one_test.path / "new")))
        one_test.makeini(f"[pytest]\n{kind.ini} = {raw}")
        assert seen(one_test)[kind.keyword] == (value, f"{kind.ini} in tox.ini")

    def test_ini_overridden(self, one_test: pytest.Pytester, kind: settings.Setting) -> None:
        raw, value = VALUES.get(kind.keyword, ("new", repr(one_test.path / "new")))
        assert seen(one_test, "-o", f"{kind.ini}={raw}")[kind.keyword] == (value, f"-o {kind.ini}")

    def test_environment(
        self, one_test: pytest.Pytester, kind: settings.Setting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if kind.variable is None:
            assert kind.keyword in (
                "app_manager_project",
                "workflow",
                "computes",
                "wire",
                "seed",
                "faults",
                "actions",
                "patience",
                "history",
            )
            return
        monkeypatch.setenv(kind.variable, "other")
        value = repr(one_test.path / "other") if kind.keyword == "result" else "'other'"
        assert seen(one_test)[kind.keyword] == (value, f"{kind.variable} in the environment")

    def test_marker(self, one_test: pytest.Pytester, kind: settings.Setting) -> None:
        if kind.of_session:
            mark(one_test, f"{kind.keyword}='new'")
            assert f"({kind.keyword}=...) on test_one.py::test_one: unknown; allowed: " in refused(one_test)
            return
        raw, value = VALUES.get(kind.keyword, ("new", repr(one_test.path / "new")))
        given = int(raw) if kind.keyword == "seed" else raw
        mark(one_test, f"{kind.keyword}={given!r}")
        assert seen(one_test)[kind.keyword] == (value, "marker")


def mark(one_test: pytest.Pytester, arguments: str) -> None:
    path = one_test.path / "test_one.py"
    path.write_text(path.read_text().replace("mark.maintenance", f"mark.maintenance({arguments})"))


def test_precedence(one_test: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_TOOL_TYPE", "other")
    assert seen(one_test)["admin_tool"] == ("'other'", "ADMIN_TOOL_TYPE in the environment")
    one_test.makeini("[pytest]\ndoctor_maint_admin_tool = third")
    assert seen(one_test)["admin_tool"] == ("'third'", "doctor_maint_admin_tool in tox.ini")
    mark(one_test, "admin_tool='fourth'")
    assert seen(one_test)["admin_tool"] == ("'fourth'", "marker")
    assert seen(one_test, "--admin-tool=sample")["admin_tool"] == ("'sample'", "--admin-tool")


def test_a_value_that_is_overridden_is_not_checked(one_test: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLOUD", "devstack")
    assert seen(one_test, "--os-cloud=embedded")["os_cloud"] == ("'embedded'", "--os-cloud")


def test_an_empty_variable_or_ini_value_counts_as_absent(
    one_test: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLOUD", "")
    monkeypatch.setenv("TEST_CASE", "")
    one_test.makeini("[pytest]\ndoctor_maint_seed =")
    assert seen(one_test)["os_cloud"] == ("'embedded'", "default")
    assert seen(one_test)["seed"] == ("1", "default")


@pytest.mark.parametrize("case", ["maintenance", "all"])
def test_test_case(one_test: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.setenv("TEST_CASE", case)
    assert seen(one_test)["seed"] == ("1", "default")


def test_the_closest_marker_wins(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from pytest_doctor_maint.plugin.settings import settings_for

        pytestmark = pytest.mark.maintenance(seed=5, computes=4)

        @pytest.mark.maintenance(seed=6)
        def test_both(request, computes):
            assert settings_for(request).seed == 6
            assert settings_for(request.node).computes == (4,)
            assert computes == 4
        """
    )
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


PINNED = """
    import pytest
    from pytest_doctor_maint.plugin.settings import settings_for

    @pytest.mark.maintenance(computes=4)
    @pytest.mark.maintenance(admin_tool="fenix", app_manager="vnfm", pinned=True)
    def test_pinned(request, admin_tool, app_manager, computes):
        settings = settings_for(request)
        assert (admin_tool, app_manager) == (settings.admin_tool, settings.app_manager) == ("fenix", "vnfm")
        print("computes:", computes)
        print("source:", settings.sources["admin_tool"])
"""


@pytest.mark.parametrize("args", [(), ("--admin-tool=sample", "--app-manager=sample")])
def test_a_pinned_value_comes_before_the_command_line(pytester: pytest.Pytester, args: tuple[str, ...]) -> None:
    pytester.makepyfile(PINNED)
    result = pytester.runpytest_inprocess("-rP", *args)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_pinned[[]4-computes-fenix-admin-tool-vnfm-app-manager[]]*"])
    result.stdout.fnmatch_lines(["computes: 4", "source: marker, pinned"])


def test_only_the_values_of_the_pinning_marker_are_pinned(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PINNED)
    result = pytester.runpytest_inprocess("-rP", "--computes=5")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["computes: 5"])


def test_relative_folders_start_from_the_place_that_they_are_written_in(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ndoctor_maint_history = kept")
    pytester.makepyfile(
        **{
            "below/test_below.py": """
            from pathlib import Path
            import pytest
            from pytest_doctor_maint.plugin.settings import settings_for

            @pytest.mark.maintenance
            def test_below(request, pytestconfig):
                print("kept in", settings_for(request).history_dir)
            """
        }
    )
    below = pytester.path / "below"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(below)
        assert f"kept in {pytester.path / 'kept'}\n" in pytester.runpytest_inprocess("-rP").stdout.str()
        shown = pytester.runpytest_inprocess("-rP", "--maint-history=kept").stdout.str()
        assert f"kept in {Path(below) / 'kept'}\n" in shown
        assert not list(pytester.path.rglob("kept"))


def test_random_seeds_differ_and_are_shown(one_test: pytest.Pytester) -> None:
    def draw() -> str:
        result = one_test.runpytest_inprocess("-rP", "--maint-seed=random")
        shown = re.search(r"seed (\d+) \(random by --maint-seed\)", result.stdout.str())
        used = re.search(r"^seed: (\d+) from random by --maint-seed$", result.stdout.str(), re.MULTILINE)
        assert shown
        assert used
        assert shown[1] == used[1]
        return shown[1]

    assert draw() != draw()
