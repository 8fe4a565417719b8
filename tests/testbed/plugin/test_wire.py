"""The setting of the wire: its sources, its effect, and the settings that it excludes."""

from __future__ import annotations

import pytest

SCENARIO = """
    def test_one(maintenance, computes):
        scenario = maintenance.given(computes).full()
        then = maintenance.when(scenario)
        then.holds()
        print("wire:", scenario.settings.wire)
        print("recorded:", sorted(then.history.of("run.started")[0].data))
"""


@pytest.mark.parametrize(("options", "wire"), [((), "socket"), (("--maint-wire=memory",), "memory")])
def test_a_scenario_runs_on_the_wire_and_neither_its_id_nor_its_history_shows_it(
    pytester: pytest.Pytester, options: tuple[str, ...], wire: str
) -> None:
    pytester.makepyfile(SCENARIO)
    result = pytester.runpytest_inprocess("-rP", "-v", *options)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*::test_one[[]3-computes[]] PASSED*", f"wire: {wire}", "recorded: *'seed'*"])
    result.stdout.no_fnmatch_line("recorded: *'wire'*")


def test_the_ini_file_may_set_the_wire(one_test: pytest.Pytester) -> None:
    one_test.makeini("[pytest]\ndoctor_maint_wire = memory")
    result = one_test.runpytest_inprocess("-rP")
    result.stdout.fnmatch_lines(["wire: 'memory' from doctor_maint_wire in tox.ini"])


def test_a_cloud_that_runs_is_not_on_the_memory_wire(one_test: pytest.Pytester) -> None:
    result = one_test.runpytest_inprocess("--maint-wire=memory", "--os-cloud=other")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --maint-wire: the cloud 'other' (--os-cloud) is * allowed with it: socket"])
    one_test.runpytest_inprocess("--maint-wire=socket", "--os-cloud=other").assert_outcomes(passed=1)


def test_an_unknown_wire_is_refused(one_test: pytest.Pytester) -> None:
    result = one_test.runpytest_inprocess("--maint-wire=pigeon")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --maint-wire: the wire 'pigeon' is not available; allowed: socket, memory"])
