"""Attached runs that cannot begin, and standard output that cannot be written: one sentence, and nothing is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_doctor_maint.attach.remote_actors import Attached
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.testbed.result import RunBroken
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from tests.support.labs import CLOUD, Lab
from tests.support.plugin_runs import QUICK
from tests.support.processes import plain_environment
from tests.support.sessions import history_in

NOBODY = "http://127.0.0.1:9"
TEST = """
def test_one(maintenance):
    maintenance.when(maintenance.given(3).with_empty_computes(2)).holds("downtime_is_zero")
"""


def carry_out(monkeypatch: pytest.MonkeyPatch, clouds: Path, admin_tool: str = NOBODY) -> RunBroken:
    """Carry out a run on the cloud of a clouds.yaml, which must break off."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))
    settings = TestbedSettings(cloud=CLOUD, attached=Attached(admin_tool=admin_tool), patience=1)
    with pytest.raises(RunBroken) as raised:
        Scenario(settings).on(3).with_empty_computes(2).carry_out()
    return raised.value


@pytest.mark.realtime(seconds=1)
def test_a_cloud_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "clouds.yaml"
    auth = f"{{auth_url: '{NOBODY}/v3', username: admin, password: p, project_name: admin}}"
    path.write_text(f"clouds: {{{CLOUD}: {{auth: {auth}}}}}\n", encoding="utf-8")
    run = carry_out(monkeypatch, path)
    assert run.lines == [
        f"the run broke off: the cloud 'lab' at {NOBODY}/v3 does not answer: Connection refused",
    ]


@pytest.mark.realtime(seconds=6)
def test_a_wrong_password_and_an_admin_tool_that_is_not_there_are_named(
    small_lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before, right = small_lab.inventory(), small_lab.folder / "clouds.yaml"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(right.read_text(encoding="utf-8").replace(small_lab.password, "wrong"), encoding="utf-8")
    run = carry_out(monkeypatch, wrong)
    (line,) = run.lines
    assert line.startswith("the run broke off: the cloud 'lab' at http://127.0.0.1:")
    assert "/v3: Unauthorized: The request you have made requires authentication. (HTTP 401)" in line
    run = carry_out(monkeypatch, right)
    assert run.lines == [
        f"the run broke off: the admin tool at {NOBODY} does not answer: POST /maintenance: Connection refused"
    ]
    assert small_lab.inventory() == before


def pytest_through(shell: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a test that carries a scenario out, started by a line of shell that executes ``"$@"``."""
    (folder / "test_one.py").write_text(TEST, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", *QUICK, "--maint-history=histories", "test_one.py"]
    return subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", shell, "sh", *command],
        cwd=folder,
        env=plain_environment(PYTEST_ADDOPTS="-p no:hypothesispytest"),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.realtime(seconds=4)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_standard_output_that_is_full_ends_no_run(tmp_path: Path) -> None:
    result = pytest_through('exec "$@" >/dev/full', tmp_path)
    assert result.stderr == (
        "doctor-maint: cannot write to standard output: No space left on device; the tests go on\n"
    )
    assert result.returncode == 0
    assert history_in(tmp_path / "histories").of(kinds.RUN_ENDED)


@pytest.mark.realtime(seconds=4)
def test_standard_output_that_is_closed_ends_no_run(tmp_path: Path) -> None:
    result = pytest_through('exec "$@" >&-', tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert history_in(tmp_path / "histories").of(kinds.RUN_ENDED)


@pytest.mark.realtime(seconds=4)
def test_a_history_for_which_there_is_no_room_ends_no_run(tmp_path: Path) -> None:
    result = pytest_through('ulimit -f 8; exec "$@"', tmp_path)
    assert result.returncode == 0, result.stdout
    assert "the history" in result.stdout
    assert "is incomplete: [Errno 27] File too large" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    # A last line that breaks off is tolerated.
    assert history_in(tmp_path / "histories").of(kinds.RUN_STARTED)
