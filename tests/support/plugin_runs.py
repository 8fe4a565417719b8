"""Runs of pytest within pytest.

pytester forgets the modules that a run in this process imports first, so that each run would import them again, which
takes a second. So all of them are imported here.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from typing import NamedTuple

import pytest

import pytest_doctor_maint

for found in pkgutil.walk_packages(pytest_doctor_maint.__path__, f"{pytest_doctor_maint.__name__}."):
    # The scenarios are tests.
    if ".scenarios." not in found.name and not found.name.endswith(".__main__"):
        importlib.import_module(found.name)
# openstacksdk and pydantic import these when they are first used.
for name in ("dogpile.cache.backends.null", "pydantic.type_adapter"):
    importlib.import_module(name)

#: The options of a run that carries scenarios out and needs no sockets.
QUICK = ("-p", "doctor_maint", "-p", "no:cacheprovider", "--maint-wire=memory")
_VARIABLES = (
    "TEST_CASE",
    "ADMIN_TOOL_TYPE",
    "APP_MANAGER_TYPE",
    "INSPECTOR_TYPE",
    "OS_CLOUD",
    "MAINT_TRANSPORT_URL",
    "MAINT_RESULT",
    "TEST_DB_URL",
)


def hide_surroundings(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the variables of the machine, and write a clouds.yaml with one cloud, `other`, that does not answer."""
    # Hypothesis and schemathesis would be imported again in each run, which takes a second.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:schemathesis")
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    clouds = pytester.path.parent / f"{pytester.path.name}-clouds.yaml"
    clouds.write_text("clouds: {other: {auth: {auth_url: 'http://127.0.0.1:9/v3'}}}\n", encoding="utf-8")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))


def write_one_test(pytester: pytest.Pytester) -> pytest.Pytester:
    """Write a maintenance test that prints its settings."""
    pytester.makepyfile(
        test_one="""
        import pytest
        from pytest_doctor_maint.plugin.settings import SETTINGS, settings_for

        @pytest.mark.maintenance
        def test_one(request):
            settings = settings_for(request)
            for kind in SETTINGS:
                print(f"{kind.keyword}: {getattr(settings, kind.field)!r} from {settings.sources[kind.field]}")
        """
    )
    return pytester


def refused(pytester: pytest.Pytester, *args: str) -> str:
    """Run pytest, which must end with a usage error and without any test, and return what it writes to stderr."""
    result = pytester.runpytest_inprocess(*args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    result.stdout.no_re_match_line(r".*\d (passed|failed|error)")
    return "\n".join(line for line in result.errlines if line)


def collected(pytester: pytest.Pytester, *args: str) -> list[str]:
    """Return the names of the tests that are collected, with their parameters."""
    result = pytester.runpytest_inprocess("--collect-only", "-q", *args)
    return [line.partition("::")[2] for line in result.outlines if "::" in line]


def headers(result: pytest.RunResult) -> list[str]:
    """Return the lines of the header that the plugin shows."""
    return [line for line in result.outlines if line.startswith("doctor-maint:")]


class Ran(NamedTuple):
    """What ran in one test, read from its history.

    Attributes:
        test: The name of the test, with its parameters.
        admin_tool: The name of the admin tool.
        app_manager: The name of the app manager.
        inspector: The name of the Inspector.
        workflow: The workflow of the sessions.
        computes: The number of computes.
        repeat: The command that repeats the run.
        params: The parameters by which Allure distinguishes tests of one name.
    """

    test: str
    admin_tool: str
    app_manager: str
    inspector: str
    workflow: str
    computes: int
    repeat: str
    params: dict[str, object]


#: Imported by the tests of a run: carries a scenario out, and prints what ran.
REPORTING = """
    import json
    import pytest

    def carry_out(maintenance, request, computes):
        # A session that has nothing to move is the shortest.
        given = maintenance.given(computes).with_one_empty_compute().maintaining(f"compute-{computes}")
        then = maintenance.when(given)
        started = then.history.of("run.started")[0].data
        session = then.history.of("session.created")[0].data
        ran = [started[name] for name in ("admin_tool", "app_manager", "inspector")]
        params = request.node.callspec.params if hasattr(request.node, "callspec") else {}
        ran = [request.node.name, *ran, session["workflow"], len(started["computes"]), started["repeat"], params]
        print("ran", json.dumps(ran))
        then.holds()
"""


def what_ran(result: pytest.RunResult) -> list[Ran]:
    """Return what ran in each test that used :data:`REPORTING`, by the names of the tests."""
    found = re.findall(r"^ran (.*)$", result.stdout.str(), re.MULTILINE)
    return sorted(Ran(*json.loads(line)) for line in found)
