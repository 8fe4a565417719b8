"""What a CI calls exists: the environments of tox, their variables, and the example jobs for several CIs."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from pytest_doctor_maint.plugin.gate.collector import TEST_DB_URL
from pytest_doctor_maint.plugin.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples" / "ci"
GATE = EXAMPLES / "apex_gate.sh"
WORDS = ("maintenance", "maintenance-fenix", "maintenance-vnf")
#: Variables that a lab sets; those of the settings are added below.
OF_A_LAB = (
    "OS_CLIENT_CONFIG_FILE",
    "OS_AUTH_URL",
    "OS_PASSWORD",
    "INSTALLER_TYPE",
    "INSTALLER_IP",
    "TEST_CASE",
    TEST_DB_URL,
    "PROJECT_NAME",
    "NODE_NAME",
    "BUILD_TAG",
    "DEPLOY_SCENARIO",
    "MAINT_REPORTS",
)


@pytest.fixture(scope="module")
def tox() -> RawConfigParser:
    parser = RawConfigParser()
    parser.read(ROOT / "tox.ini")
    return parser


def strings(value: object) -> Iterator[str]:
    """Yield every text in a parsed YAML document, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from strings(each)


@pytest.mark.parametrize("word", WORDS)
def test_an_environment_passes_every_variable_that_a_gate_sets(tox: RawConfigParser, word: str) -> None:
    section = tox[f"testenv:{word}"]
    assert section["pass_env"].strip() == "{[gate]pass_env}"
    patterns = tox["gate"]["pass_env"].split()
    variables = [*OF_A_LAB, *(setting.variable for setting in SETTINGS if setting.variable)]
    assert [name for name in variables if not any(fnmatch(name, pattern) for pattern in patterns)] == []


@pytest.mark.parametrize("word", WORDS)
def test_an_environment_runs_once_and_writes_each_report(tox: RawConfigParser, word: str) -> None:
    assert tox[f"testenv:{word}"]["commands"].strip() == "{[gate]command}"
    command = tox["gate"]["command"]
    assert command.count("pytest ") == 1
    assert {"--maint-result", "--junitxml", "--alluredir"} <= set(re.findall(r"(--[a-z-]+)=", command))
    assert command.split()[-1] == "{posargs}"


def test_options_of_the_user_go_to_one_run_of_each_environment(tox: RawConfigParser) -> None:
    """A report that several runs write is that of the last one."""
    for section in (name for name in tox.sections() if name.startswith("testenv")):
        commands = tox[section].get("commands", "").replace("\\\n", " ")
        assert commands.count("{posargs}") + commands.count("commands}") <= 1, section


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml", "zuul.yaml"])
def test_an_example_job_calls_what_exists(tox: RawConfigParser, name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    found = list(strings(yaml.safe_load(text)))
    environments = {each for each in found if re.fullmatch(r"maintenance(-\w+)?", each) and each != "maintenance"}
    assert environments == set(WORDS) - {"maintenance"}
    assert all(tox.has_section(f"testenv:{each}") for each in environments | {"maintenance"})
    assert "MAINT_REPORTS" in found
    for command in (each for each in found if each.startswith("tox run")):
        assert re.fullmatch(r"tox run -e \$(ENVIRONMENT|\{\{ matrix\.environment \}\})", command), command
    assert any(each.startswith("tox run") for each in found) or "tox_envlist" in found


def test_the_github_job_has_what_actions_need() -> None:
    document = yaml.safe_load((EXAMPLES / "github.yml").read_text(encoding="utf-8"))
    # YAML 1.1 reads the key `on` as true.
    assert set(document) == {"name", True, "jobs"}
    (job,) = document["jobs"].values()
    assert job["strategy"]["matrix"]["environment"] == list(WORDS)
    assert all(("run" in step) != ("uses" in step) for step in job["steps"])
    assert [step["if"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")] == ["always()"]


def test_the_gitlab_job_keeps_its_reports() -> None:
    (job,) = yaml.safe_load((EXAMPLES / "gitlab.yml").read_text(encoding="utf-8")).values()
    assert job["parallel"]["matrix"] == [{"ENVIRONMENT": list(WORDS)}]
    assert job["artifacts"]["when"] == "always"
    assert job["script"][-1] == "tox run -e $ENVIRONMENT"


def test_each_zuul_job_that_a_project_runs_is_defined() -> None:
    entries = yaml.safe_load((EXAMPLES / "zuul.yaml").read_text(encoding="utf-8"))
    jobs = {entry["job"]["name"]: entry["job"] for entry in entries if "job" in entry}
    (project,) = (entry["project"] for entry in entries if "project" in entry)
    assert project["check"]["jobs"] == project["gate"]["jobs"] == list(jobs)
    assert [job["vars"]["tox_envlist"] for job in jobs.values()] == list(WORDS)
    assert {job["parent"] for job in jobs.values()} <= {"tox", *jobs}


def gate(tmp_path: Path, verdict: str, code: int) -> subprocess.CompletedProcess[str]:
    """Run the gate script with a tox that leaves a result and ends with a code."""
    result = {"verdict": verdict, "reason": "so it is", "tests": []}
    path = tmp_path / "bin" / "tox"
    path.parent.mkdir()
    path.write_text(
        '#!/bin/sh\necho "$@" "$INSTALLER_TYPE" > "$MAINT_REPORTS/called"\nmkdir "$MAINT_REPORTS/maintenance"\n'
        + (f"echo '{json.dumps(result)}' > \"$MAINT_REPORTS/maintenance/result.json\"\n" if verdict else "")
        + f"exit {code}\n"
    )
    path.chmod(stat.S_IRWXU)
    variables = {"PATH": f"{path.parent}:{os.environ['PATH']}", "OS_CLOUD": "lab", "MAINT_REPORTS": str(tmp_path)}
    return subprocess.run(  # noqa: S603 - our own script
        [str(GATE), "--computes=3"], env=variables, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize(
    ("verdict", "code", "expected"), [("pass", 0, 0), ("fail", 1, 1), ("no tests", 0, 1), ("", 0, 1), ("", 4, 4)]
)
def test_the_gate_script_follows_the_verdict(tmp_path: Path, verdict: str, code: int, expected: int) -> None:
    ran = gate(tmp_path, verdict, code)
    assert ran.returncode == expected, ran.stderr
    assert not verdict or ran.stdout == f"doctor-maint: {verdict}: so it is\n"
    called = "run -e maintenance -- -k any_application --computes=3 apex\n"
    assert (tmp_path / "called").read_text() == called


def test_the_gate_script_is_sound(tox: RawConfigParser) -> None:
    text = GATE.read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", str(GATE)], check=True, timeout=30)  # noqa: S603, S607 - any bash
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", str(GATE)], check=True, timeout=30)  # noqa: S603, S607 - any shellcheck
    assert "-k any_application" in text
    assert any("def test_any_application" in path.read_text() for path in (ROOT / "scenarios").glob("test_*.py"))
    patterns = tox["gate"]["pass_env"].split()
    exported = re.findall(r"^export (\w+)=", text, re.MULTILINE)
    assert exported
    assert [name for name in exported if not any(fnmatch(name, pattern) for pattern in patterns)] == []


def test_the_gate_script_needs_a_cloud() -> None:
    ran = subprocess.run(  # noqa: S603 - our own script
        [str(GATE)], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=30, check=False
    )
    assert (ran.returncode, ran.stderr) == (4, "OS_CLOUD is not set; allowed: a cloud of clouds.yaml\n")
