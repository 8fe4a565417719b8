"""Faults and action plug-ins of the command line, the ini file and markers: what they do, and what is refused."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.faults import FAULTS
from tests.support.faults import Noted
from tests.support.plugin_runs import QUICK, headers, refused

SCENARIO = """
    import pytest

    {marker}
    def test_it(maintenance, computes):
        given = maintenance.given(computes).full()
        then = maintenance.when(given)
        print("faults", [(event.data["name"], event.data["phase"]) for event in then.history.of("fault")])
        print("repeat", then.history.of("run.started")[0].data["repeat"])
        then.holds("no_thread_died")
"""
STRUCK = "faults [('noted', 'armed'), ('noted', 'injected'), ('noted', 'ended')]"


@pytest.fixture(autouse=True)
def noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that breaks nothing can be named."""
    FAULTS.names()
    monkeypatch.setitem(FAULTS._own, "noted", Noted)


def write(pytester: pytest.Pytester, marker: str = "") -> None:
    pytester.makepyfile(test_scenario=SCENARIO.format(marker=marker))


def test_a_fault_of_the_command_line(pytester: pytest.Pytester) -> None:
    write(pytester)
    result = pytester.runpytest_inprocess(*QUICK, "-rP", "--maint-fault=noted:upon=MAINTENANCE")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines_random([STRUCK.replace("[", "[[]"), "repeat * --maint-fault noted:upon=MAINTENANCE *"])
    assert "faults noted:upon=MAINTENANCE (--maint-fault)" in headers(result)[0]


def test_several_faults_of_the_command_line(pytester: pytest.Pytester) -> None:
    write(pytester)
    options = ("--maint-fault=noted", "--maint-fault=compute_dies:host=compute-2,for_seconds=1")
    result = pytester.runpytest_inprocess(*QUICK, "-rP", *options)
    result.assert_outcomes(passed=1)
    (line,) = (line for line in result.outlines if line.startswith("faults "))
    for name in ("noted", "compute_dies"):
        assert [phase for phase in ("armed", "injected", "ended") if f"('{name}', '{phase}')" in line] == [
            "armed",
            "injected",
            "ended",
        ]


def test_a_fault_of_the_ini_file(pytester: pytest.Pytester) -> None:
    write(pytester)
    pytester.makeini("[pytest]\ndoctor_maint_faults =\n    noted:upon=MAINTENANCE\n    noted:upon=never\n")
    result = pytester.runpytest_inprocess(*QUICK, "-rP")
    result.assert_outcomes(passed=1)
    line = "faults [('noted', 'armed'), ('noted', 'armed'), ('noted', 'injected'), ('noted', 'ended')]"
    result.stdout.fnmatch_lines([line.replace("[", "[[]")])
    assert "faults noted:upon=MAINTENANCE, noted:upon=never (doctor_maint_faults in tox.ini)" in headers(result)[0]


@pytest.mark.parametrize("value", ['"noted:upon=MAINTENANCE"', '["noted:upon=MAINTENANCE"]'])
def test_a_fault_of_a_marker(pytester: pytest.Pytester, value: str) -> None:
    write(pytester, f"@pytest.mark.maintenance(faults={value})")
    result = pytester.runpytest_inprocess(*QUICK, "-rP")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([STRUCK.replace("[", "[[]")])
    # The test has the fault itself.
    result.stdout.no_fnmatch_line("repeat *--maint-fault*")


def test_the_command_line_comes_before_the_marker(pytester: pytest.Pytester) -> None:
    write(pytester, '@pytest.mark.maintenance(faults="noted:upon=never")')
    result = pytester.runpytest_inprocess(*QUICK, "-rP", "--maint-fault=noted:upon=MAINTENANCE")
    result.stdout.fnmatch_lines([STRUCK.replace("[", "[[]")])


FORM = "is not a fault; allowed: NAME or NAME:key=value,key=value"
WRONG_FAULTS = [
    ("hail", "there is no fault 'hail'; there are compute_dies, live_migration_breaks_off, noted"),
    ("compute_dies:host", f"'compute_dies:host' {FORM}"),
    (
        "compute_dies:host=compute-2,speed=3",
        "the fault compute_dies has no parameter speed; allowed: host, while_maintaining, upon, after, for_seconds",
    ),
    ("compute_dies:host=a,after=soon", "the fault compute_dies:host=a,after=soon cannot be made: after: "),
]
TYPES = "TYPE one of pre, host, compute, controller, post"
WRONG_ACTIONS = [
    ("upgrade", f"'upgrade' is not an action plug-in; allowed: NAME:TYPE or NAME:TYPE,key=value with {TYPES}"),
    (
        "upgrade:guest",
        f"'upgrade:guest' is not an action plug-in; allowed: NAME:TYPE or NAME:TYPE,key=value with {TYPES}",
    ),
    (
        "upgrade:host,fast",
        f"'upgrade:host,fast' is not an action plug-in; allowed: NAME:TYPE or NAME:TYPE,key=value with {TYPES}",
    ),
]
WRONG = [
    *(("--maint-fault", "faults", raw, message) for raw, message in WRONG_FAULTS),
    *(("--maint-action", "actions", raw, message) for raw, message in WRONG_ACTIONS),
]


@pytest.mark.parametrize(("option", "keyword", "raw", "message"), WRONG)
def test_a_value_that_cannot_be_used_is_refused(
    pytester: pytest.Pytester, option: str, keyword: str, raw: str, message: str
) -> None:
    write(pytester)
    assert refused(pytester, f"{option}={raw}").startswith(f"ERROR: {option}: {message}")
    path = pytester.makefile(".ini", pytest=f"[pytest]\ndoctor_maint_{keyword} = {raw}")
    assert refused(pytester).startswith(f"ERROR: doctor_maint_{keyword} in {path}: {message}")
    path.unlink()
    write(pytester, f"@pytest.mark.maintenance({keyword}={raw!r})")
    place = f"@pytest.mark.maintenance({keyword}=...) on test_scenario.py::test_it"
    assert refused(pytester).startswith(f"ERROR: {place}: {message}")


@pytest.mark.parametrize("keyword", ["faults", "actions"])
def test_a_value_of_another_type_is_refused(pytester: pytest.Pytester, keyword: str) -> None:
    write(pytester, f"@pytest.mark.maintenance({keyword}=3)")
    what = {"faults": "a fault", "actions": "an action plug-in"}[keyword]
    assert refused(pytester).endswith(f": 3 is not {what}; allowed: a text or a list of texts")


# -- action plug-ins ---------------------------------------------------------------------------------------------------

ACTION = """
    from pytest_doctor_maint import ActionPlugin

    class Upgrade(ActionPlugin):
        def run(self):
            self.context.clock.sleep(1.0)
"""
ACTION_SCENARIO = """
    import pytest

    {marker}
    def test_it(maintenance, computes):
        then = maintenance.when(maintenance.given(computes).with_one_empty_compute())
        ended = then.history.of("action", phase="ended")
        print("actions", [(event.data["plugin"], event.data["type"], event.data["host"]) for event in ended])
        print("repeat", then.history.of("run.started")[0].data["repeat"])
        then.holds()
"""


def write_actions(pytester: pytest.Pytester, marker: str = "") -> None:
    pytester.makepyfile(own_actions=ACTION)
    pytester.makepyfile(test_scenario=ACTION_SCENARIO.format(marker=marker))
    pytester.syspathinsert()


@pytest.mark.parametrize("source", ["command line", "ini", "marker"])
def test_action_plug_ins_run_in_each_session(pytester: pytest.Pytester, source: str) -> None:
    """A plug-in may be named by its import path."""
    action = "own_actions:Upgrade:host,version=2"
    marker = f'@pytest.mark.maintenance(actions="{action}")' if source == "marker" else ""
    write_actions(pytester, marker)
    if source == "ini":
        pytester.makeini(f"[pytest]\ndoctor_maint_actions = {action}")
    options = (f"--maint-action={action}",) if source == "command line" else ()
    result = pytester.runpytest_inprocess(*QUICK, "-rP", "--admin-tool=fenix", *options)
    result.assert_outcomes(passed=1)
    (line,) = (line for line in result.outlines if line.startswith("actions "))
    for host in ("compute-1", "compute-2", "compute-3"):
        assert f"('own_actions:Upgrade', 'host', '{host}')" in line
    (repeat,) = (line for line in result.outlines if line.startswith("repeat "))
    assert (f"--maint-action {action}" in repeat) is (source != "marker")


def test_an_admin_tool_that_runs_no_action_plug_ins(pytester: pytest.Pytester) -> None:
    write_actions(pytester)
    assert refused(pytester, "--maint-action=upgrade:host") == (
        "ERROR: --maint-action: the admin tool 'sample' (default) runs no action plug-ins; allowed with it: no action "
        "plug-ins"
    )


def test_a_plug_in_that_does_not_exist_fails_the_test_with_the_reason_of_the_admin_tool(
    pytester: pytest.Pytester,
) -> None:
    write_actions(pytester)
    result = pytester.runpytest_inprocess(*QUICK, "--admin-tool=fenix", "--maint-action=upgrade:host")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["the run broke off: the admin tool fenix refused POST /maintenance with 400: *upgrade*"]
    )
