"""Actors, cloud, computes and workflow that a test parametrizes itself are used, in whichever form it does so."""

from __future__ import annotations

import re

import pytest

from pytest_doctor_maint.actors.contract import InspectorContext
from pytest_doctor_maint.actors.inspector.sample import Inspector
from pytest_doctor_maint.actors.registry import INSPECTORS, ActorSpec
from tests.support.actors import add_actor
from tests.support.own_values import run, write
from tests.support.plugin_runs import QUICK, Ran, headers, refused, what_ran

DIRECT = """
    from reporting import carry_out

    @pytest.mark.maintenance(admin_tool="fenix")
    @pytest.mark.parametrize("app_manager", ["sample", "vnfm"])
    def test_it(maintenance, request, computes, app_manager):
        carry_out(maintenance, request, computes)
"""


def actors_of(ran: list[Ran]) -> list[tuple[str, str, str]]:
    """Return the admin tool, the app manager and the workflow of each test."""
    return [(each.admin_tool, each.app_manager, each.workflow) for each in ran]


BOTH = [("fenix", "sample", "default"), ("fenix", "vnfm", "vnf")]


# -- every form of parametrization -------------------------------------------------------------------------------------

FIXTURE = """
    @pytest.fixture(params=["sample", "vnfm"])
    def app_manager(request): return request.param
"""
INDIRECT_FIXTURE = """
    @pytest.fixture
    def app_manager(request): return {"small": "sample", "large": "vnfm"}[request.param]
"""
TEST = """
    from reporting import carry_out

    def test_it(maintenance, request, computes, app_manager):
        carry_out(maintenance, request, computes)
"""
PLAIN_TEST = """
    from reporting import carry_out

    def test_it(maintenance, request, computes):
        carry_out(maintenance, request, computes)
"""
WAYS = {
    "parametrize": (DIRECT, ""),
    "pytest.param": (
        DIRECT.replace('"sample", "vnfm"', 'pytest.param("sample", id="a"), pytest.param("vnfm", id="b")'),
        "",
    ),
    "several arguments at once": (
        DIRECT.replace(
            '"app_manager", ["sample", "vnfm"]', '("app_manager", "text"), [("sample", "a"), ("vnfm", "b")]'
        ).replace("app_manager):", "app_manager, text):"),
        "",
    ),
    "of the class": (
        """
    from reporting import carry_out

    @pytest.mark.maintenance(admin_tool="fenix")
    @pytest.mark.parametrize("app_manager", ["sample", "vnfm"])
    class TestIt:
        def test_it(self, maintenance, request, computes, app_manager):
            carry_out(maintenance, request, computes)
""",
        "",
    ),
    "of the module": (
        """
    pytestmark = [
        pytest.mark.maintenance(admin_tool="fenix"), pytest.mark.parametrize("app_manager", ["sample", "vnfm"])
    ]
"""
        + TEST,
        "",
    ),
    "pytest_generate_tests of a conftest": (
        '    pytestmark = pytest.mark.maintenance(admin_tool="fenix")\n' + TEST,
        """
    def pytest_generate_tests(metafunc):
        metafunc.parametrize("app_manager", ["sample", "vnfm"])
""",
    ),
    "pytest_generate_tests of the module": (
        """
    pytestmark = pytest.mark.maintenance(admin_tool="fenix")

    def pytest_generate_tests(metafunc):
        metafunc.parametrize("app_manager", ["sample", "vnfm"])
"""
        + TEST,
        "",
    ),
    "indirect": (
        INDIRECT_FIXTURE + DIRECT.replace('["sample", "vnfm"])', '["small", "large"], indirect=True)'),
        "",
    ),
    "a fixture of the module": (
        '    pytestmark = pytest.mark.maintenance(admin_tool="fenix")\n' + FIXTURE + PLAIN_TEST,
        "",
    ),
    "a fixture of a conftest": (
        '    pytestmark = pytest.mark.maintenance(admin_tool="fenix")\n' + PLAIN_TEST,
        FIXTURE,
    ),
    "rows with markers": (
        """
    from reporting import carry_out

    @pytest.mark.parametrize("app_manager, admin_tool", [
        pytest.param("sample", "fenix"), pytest.param("vnfm", "fenix", marks=pytest.mark.maintenance(seed=5))
    ])
    def test_it(maintenance, request, computes, app_manager, admin_tool):
        carry_out(maintenance, request, computes)
""",
        "",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_row_runs_with_its_app_manager_and_the_workflow_of_it(pytester: pytest.Pytester, way: str) -> None:
    test, conftest = WAYS[way]
    result = run(pytester, test, conftest=conftest)
    result.assert_outcomes(passed=2)
    assert sorted(actors_of(what_ran(result))) == BOTH


def test_with_workers_of_xdist(pytester: pytest.Pytester) -> None:
    write(pytester, DIRECT)
    result = pytester.runpytest_subprocess(*QUICK, "-rP", "-n", "2")
    result.assert_outcomes(passed=2)
    assert sorted(actors_of(what_ran(result))) == BOTH
    result.stdout.fnmatch_lines(["it [[]*vnfm*[]] *holds  *", "*2 runs *", "all *claims hold (*"])


# -- every argument ----------------------------------------------------------------------------------------------------


def test_admin_tools(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
    from reporting import carry_out

    @pytest.mark.parametrize("admin_tool", ["sample", "fenix"])
    def test_it(maintenance, request, computes, admin_tool):
        carry_out(maintenance, request, computes)
""",
    )
    assert sorted(actors_of(what_ran(result))) == [("fenix", "sample", "default"), ("sample", "sample", "default")]


class OtherInspector(Inspector):
    """An Inspector with a name of its own."""

    name = "other-inspector"


def make_other_inspector(context: InspectorContext) -> OtherInspector:
    return OtherInspector(context)


def test_inspectors(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    add_actor(monkeypatch, INSPECTORS, "other", ActorSpec("another Inspector", make=make_other_inspector))
    result = run(
        pytester,
        """
    from reporting import carry_out

    @pytest.mark.parametrize("inspector", ["sample", "other"])
    def test_it(maintenance, request, computes, inspector):
        carry_out(maintenance, request, computes)
""",
    )
    assert sorted(each.inspector for each in what_ran(result)) == ["other-inspector", "sample"]


@pytest.mark.parametrize(
    "parametrize",
    [
        '    @pytest.mark.parametrize("computes", [4, 5])\n',
        '    @pytest.mark.parametrize("computes", ["four", "five"], indirect=True)\n',
    ],
    ids=["directly", "through a fixture"],
)
def test_numbers_of_computes(pytester: pytest.Pytester, parametrize: str) -> None:
    fixture = """
    @pytest.fixture
    def computes(request): return {"four": 4, "five": 5}[request.param]
"""
    test = (
        (fixture if "indirect" in parametrize else "")
        + """
    from reporting import carry_out

"""
        + parametrize
        + """
    def test_it(maintenance, request, computes):
        assert maintenance.settings.computes == (computes,)
        carry_out(maintenance, request, computes)
"""
    )
    result = run(pytester, test, "--computes=3")
    result.assert_outcomes(passed=2)
    ran = what_ran(result)
    assert sorted(each.computes for each in ran) == [4, 5]
    # The test parametrizes the numbers itself.
    assert not [each.repeat for each in ran if "--computes" in each.repeat]


def test_workflows(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
    from reporting import carry_out

    @pytest.mark.maintenance(admin_tool="fenix", app_manager="vnfm")
    @pytest.mark.parametrize("maintenance_workflow", ["default", "vnf"])
    def test_it(maintenance, request, computes, maintenance_workflow):
        carry_out(maintenance, request, computes)
""",
    )
    assert sorted(each.workflow for each in what_ran(result)) == ["default", "vnf"]


def test_clouds(pytester: pytest.Pytester) -> None:
    """One of the two does not answer, so the test on it must fail."""
    result = run(
        pytester,
        """
    from reporting import carry_out

    @pytest.mark.parametrize("cloud", ["embedded", "other"])
    @pytest.mark.parametrize("computes", [3])
    def test_it(maintenance, request, computes, cloud):
        assert maintenance.settings.os_cloud == cloud
        carry_out(maintenance, request, computes)
""",
        "--maint-wire=socket",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["doctor-maint: cloud embedded, other (parametrize)"])
    result.stdout.fnmatch_lines(
        ["* test_it[[]3-other[]] *", "the run broke off: the cloud 'other' at http://127.0.0.1:9/v3 does not answer: *"]
    )


def test_several_clouds_each_have_their_own_number_of_computes(pytester: pytest.Pytester) -> None:
    write(
        pytester,
        """
    @pytest.mark.parametrize("cloud", ["embedded", "other"])
    def test_it(maintenance, computes, cloud): pass
""",
    )
    assert refused(pytester) == (
        "ERROR: parametrize cloud of test_own.py::test_it: each cloud has its own number of computes; allowed with "
        "several clouds: parametrize computes as well"
    )


# -- with other sources ------------------------------------------------------------------------------------------------


def test_the_command_line_does_not_change_what_a_test_parametrizes(pytester: pytest.Pytester) -> None:
    result = run(pytester, DIRECT, "--app-manager=sample", "--admin-tool=fenix")
    result.assert_outcomes(passed=2)
    assert sorted(actors_of(what_ran(result))) == BOTH


def test_a_pinning_marker_does_not_change_what_a_test_parametrizes(pytester: pytest.Pytester) -> None:
    result = run(pytester, DIRECT.replace('admin_tool="fenix"', 'admin_tool="fenix", app_manager="vnfm", pinned=True'))
    assert sorted(actors_of(what_ran(result))) == BOTH


def test_a_workflow_of_the_command_line_is_that_of_all_rows(pytester: pytest.Pytester) -> None:
    result = run(pytester, DIRECT, "--maint-workflow=default")
    assert sorted(actors_of(what_ran(result))) == [("fenix", "sample", "default"), ("fenix", "vnfm", "default")]


def test_a_value_from_a_fixture_comes_before_the_command_line_too(pytester: pytest.Pytester) -> None:
    test, conftest = WAYS["a fixture of a conftest"]
    result = run(pytester, test, "--app-manager=sample", conftest=conftest)
    assert sorted(actors_of(what_ran(result))) == BOTH


# -- ids, header and repeat command ------------------------------------------------------------------------------------


def test_the_id_the_summary_the_repeat_command_and_the_parameters_agree(pytester: pytest.Pytester) -> None:
    result = run(pytester, DIRECT, "--computes=4", "-v")
    ran = {each.app_manager: each for each in what_ran(result)}
    assert set(ran) == {"sample", "vnfm"}
    for name, each in ran.items():
        row = f"{name}-4-computes-fenix-admin-tool"
        assert each.test == f"test_it[{row}]"
        assert {key: each.params[key] for key in ("app_manager", "admin_tool", "computes", "inspector", "cloud")} == {
            "app_manager": name,
            "admin_tool": "fenix",
            "computes": 4,
            "inspector": "sample",
            "cloud": "embedded",
        }
        assert each.params.get("maintenance_workflow", each.workflow) == each.workflow
        assert re.fullmatch(
            rf"pytest -p doctor_maint --maint-seed 1 --computes 4 'test_own\.py::test_it\[{row}\]'",
            each.repeat,
        )
        result.stdout.fnmatch_lines([f"it [[]{row}[]] *holds  *"])


def test_the_repeat_command_repeats(pytester: pytest.Pytester) -> None:
    result = run(pytester, DIRECT, "--computes=4")
    (first, _) = what_ran(result)
    options = [word.strip("'") for word in first.repeat.split()[1:]]
    again = pytester.runpytest_inprocess(*options, *QUICK[2:], "-rP")
    again.assert_outcomes(passed=1)
    assert what_ran(again) == [first]


def test_the_header_shows_the_values_below_the_collection(pytester: pytest.Pytester) -> None:
    result = run(pytester, DIRECT)
    header, own = headers(result)
    assert "app manager sample (default)" in header
    assert own == "doctor-maint: app manager sample, vnfm (parametrize)"
    (place,) = (number for number, line in enumerate(result.outlines) if line.startswith("collected"))
    assert result.outlines.index(own) > place


@pytest.mark.parametrize("way", ["indirect", "a fixture of the module"])
def test_the_header_does_not_guess_what_a_fixture_provides(pytester: pytest.Pytester, way: str) -> None:
    test, conftest = WAYS[way]
    assert len(headers(run(pytester, test, conftest=conftest))) == 1


def test_an_app_manager_of_a_fixture_does_not_get_the_workflow_of_another(pytester: pytest.Pytester) -> None:
    """Before the fixture runs, the workflow is not known, so the test has no parameter for it."""
    test, conftest = WAYS["a fixture of the module"]
    ran = what_ran(run(pytester, test, conftest=conftest))
    assert [each.params.get("maintenance_workflow") for each in ran] == [None, None]
    ran = what_ran(run(pytester, test, "--maint-workflow=default", conftest=conftest))
    assert [each.params.get("maintenance_workflow") for each in ran] == ["default", "default"]
    assert [each.workflow for each in ran] == ["default", "default"]


# -- an admin tool of the scenario's own -------------------------------------------------------------------------------

OWN_TOOL = """
    import pytest_doctor_maint

    class MyTool(pytest_doctor_maint.{base}):
        {body}

    @pytest.mark.maintenance(admin_tool="{dialect}", pinned=True)
    def test_it(maintenance, computes):
        given = maintenance.given(computes).with_one_empty_compute().where(make_admin_tool=MyTool)
        then = maintenance.when(given)
        then.holds()
        started = then.history.of("run.started")[0].data
        print("started", started["admin_tool"], started["profile"], dict(started.get("versions", dict())))
"""


@pytest.mark.parametrize(
    ("base", "body", "expected"),
    [
        ("SampleAdminTool", "pass", "MyTool sample {}"),
        ("SampleAdminTool", 'name = "my-tool"', "my-tool sample {}"),
        ("Fenix", 'name, version = "my-fenix", "1.2"', "my-fenix fenix {'admin_tool': '1.2'}"),
    ],
)
def test_the_history_says_who_the_admin_tool_is_and_which_dialect_it_speaks(
    pytester: pytest.Pytester, base: str, body: str, expected: str
) -> None:
    dialect = "fenix" if base == "Fenix" else "sample"
    result = run(pytester, OWN_TOOL.format(base=base, body=body, dialect=dialect))
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"started {expected}".replace("[", "[[]")])
