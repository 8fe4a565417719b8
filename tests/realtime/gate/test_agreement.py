"""However a run of pytest ends: the result, JUnit, TestAPI, Allure and the exit code say the same."""

from __future__ import annotations

import json
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import jsonschema
import pytest

from pytest_doctor_maint.report.result import schema
from tests.support.processes import plain_environment

SUITE = """
import os, signal, threading
import pytest

def given(maintenance, computes):
    return maintenance.given(computes).with_one_empty_compute().maintaining(f"compute-{computes}")

@pytest.fixture
def broken():
    raise RuntimeError("no lab")

@pytest.mark.maintenance
class TestMaintenance:
    def test_green(self, maintenance, computes):
        maintenance.when(given(maintenance, computes)).holds()

    def test_violated(self, maintenance, computes):
        maintenance.when(maintenance.given(computes).full_with_act_on(0).deciding(switch_over=False)).holds()

    def test_broken_fixture(self, broken, maintenance):
        raise AssertionError("never")

    def test_torn_down_badly(self, maintenance, computes, request):
        request.addfinalizer(lambda: 1 / 0)
        maintenance.when(given(maintenance, computes)).holds()

    @pytest.mark.skip(reason="the lab is booked")
    def test_skipped(self, maintenance):
        raise AssertionError("never")

    def test_crash(self, maintenance):
        os._exit(3)

    def test_timeout(self, maintenance):
        threading.Event().wait(60)

    def test_interrupted(self, maintenance):
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(60)

    def test_left(self, maintenance):
        pytest.exit("enough", returncode=0)
"""

#: What each run of pytest is given.
OPTIONS = (
    "-p doctor_maint -p no:hypothesispytest -p no:schemathesis -p no:cacheprovider --maint-wire=memory".split()  # noqa: SIM905
)


class Expected(NamedTuple):
    """What all reports of a run must say.

    Attributes:
        arguments: The arguments of pytest.
        verdict: The verdict.
        code: The exit code.
    """

    arguments: str
    verdict: str
    code: int


CASES = {
    "green": Expected("-k green", "pass", 0),
    "violated": Expected("-k violated", "fail", 1),
    "broken fixture": Expected("-k broken_fixture", "fail", 1),
    "broken tear-down": Expected("-k torn_down", "fail", 1),
    "deselected": Expected("-k nothing_like_it", "no tests", 5),
    "skipped": Expected("-k skipped", "no tests", 5),
    "too few computes": Expected("-k green --computes=2", "fail", 1),
    # Nothing is migrated, so that the fault never strikes.
    "unknown": Expected("-k green --maint-fault=live_migration_breaks_off:instance=demo_nonha_app_0", "fail", 1),
    "crashed worker": Expected("-k crash -n1 --max-worker-restart=0", "fail", 1),
    "time-out": Expected("-k timeout --timeout=1", "fail", 1),
    "interrupted": Expected("-k interrupted", "interrupted", 2),
    "pytest.exit with code 0": Expected("-k left", "interrupted", 2),
    "not collected": Expected("test_gate.py test_bad.py", "error", 2),
}


@pytest.mark.realtime
@pytest.mark.parametrize("case", CASES)
def test_all_reports_and_the_exit_code_agree(tmp_path: Path, case: str) -> None:
    expected = CASES[case]
    (tmp_path / "test_gate.py").write_text(SUITE)
    (tmp_path / "test_bad.py").write_text("import no_such_module\n")
    arguments = expected.arguments if ".py" in expected.arguments else f"test_gate.py {expected.arguments}"
    reports = "--maint-result=result.json --junitxml=junit.xml --alluredir=allure"
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "pytest", *OPTIONS, *reports.split(), *arguments.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env=plain_environment(TEST_DB_URL=f"file://{tmp_path}/testapi.txt", BUILD_TAG="doctor-daily-master-7"),
        check=False,
    )
    is_green = expected.verdict == "pass"

    document = json.loads((tmp_path / "result.json").read_text())
    jsonschema.validate(document, schema())
    assert (document["verdict"], document["exit_code"]) == (expected.verdict, expected.code), ran.stdout
    assert ran.returncode == expected.code, ran.stdout
    if case in ("violated", "unknown"):
        (run,) = document["tests"][0]["attempts"][0]["runs"]
        assert {claim["outcome"] for claim in run["claims"] if claim["claim"] in run["failed"]} == {case}
    assert is_green == (not red_of_junit(tmp_path / "junit.xml")), (tmp_path / "junit.xml").read_text()
    statuses = [json.loads(path.read_text())["status"] for path in (tmp_path / "allure").glob("*-result.json")]
    assert is_green == (set(statuses) == {"passed"}), statuses
    assert is_green != bool({"failed", "broken"} & set(statuses)), statuses
    requests = (tmp_path / "testapi.txt").read_text()
    assert requests.count("POST ") == 1
    pushed = json.loads(requests.split("\n\n")[1])
    assert pushed["criteria"] == ("PASS" if is_green else "FAIL")
    assert (pushed["details"]["verdict"], pushed["version"]) == (expected.verdict, "master")


def red_of_junit(path: Path) -> int:
    """Return the number of errors and failures, which must be those that the suite counts."""
    (suite,) = ElementTree.parse(path).getroot().iter("testsuite")  # noqa: S314 - our own file
    counted = int(suite.attrib["errors"]) + int(suite.attrib["failures"])
    assert counted == len([*suite.iter("error"), *suite.iter("failure")])
    return counted


@pytest.mark.realtime
@pytest.mark.parametrize(
    ("arguments", "verdict", "code", "reason"),
    [
        ("--no-such-option", "error", 4, "pytest did not start: *"),
        ("--computes=many", "error", 4, "--computes: 'many' is not a number of computes; *"),
        ("no_such_file.py", "error", 4, "pytest refused the command line"),
        ("-k killed", "interrupted", -9, "pytest has not ended: *"),
    ],
)
def test_the_result_of_an_earlier_run_never_stands_for_this_one(
    tmp_path: Path, arguments: str, verdict: str, code: int, reason: str
) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"verdict": "pass"}))
    (tmp_path / "test_killed.py").write_text("import os\ndef test_killed(maintenance):\n    os.kill(os.getpid(), 9)\n")
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "pytest", *OPTIONS, f"--maint-result={path}", *arguments.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env=plain_environment(),
        check=False,
    )
    document = json.loads(path.read_text())
    jsonschema.validate(document, schema())
    assert (document["verdict"], ran.returncode) == (verdict, code), ran.stdout + ran.stderr
    assert fnmatch(document["reason"], reason)
    # Before the command line is checked, and when pytest is killed, nobody knows the exit code.
    assert document["exit_code"] == (None if "did not start" in reason or code < 0 else code)
