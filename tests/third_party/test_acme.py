"""Another distribution adds one extension of each kind in a fresh environment, without a change of this one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_doctor_maint.history import History
from tests.support.checkouts import copy_checkout

# One environment for all of them: it takes a minute to install.
pytestmark = pytest.mark.realtime(seconds=90)

SCENARIO = """
def test_acme(maintenance, computes):
    maintenance.when(maintenance.given(computes).full()).holds()
"""


class Environment:
    """A fresh virtual environment with this distribution and the other one, and a folder with a scenario."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = folder / "venv" / "bin"
        self._run(sys.executable, "-m", "venv", str(folder / "venv"))
        pip = (str(self._bin / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        # Both are built from copies, so that nothing is left in the checkout.
        checkout = copy_checkout(folder / "checkout")
        self._run(*pip, str(checkout), str(checkout / "tests" / "third_party" / "acme"))
        shutil.rmtree(checkout)
        (folder / "test_acme.py").write_text(SCENARIO, encoding="utf-8")

    def _run(self, *command: str, code: int = 0) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))}
        result = subprocess.run(  # noqa: S603 - our own commands
            command, cwd=self.folder, env=kept, capture_output=True, text=True, timeout=400, check=False
        )
        assert result.returncode == code, result.stdout + result.stderr
        return result.stdout + result.stderr

    def pytest(self, *options: str, code: int = 0) -> str:
        """Run the scenario with these options."""
        plain = ("-p", "no:cacheprovider", "--rootdir", str(self.folder))
        return self._run(str(self._bin / "pytest"), "-p", "doctor_maint", *plain, *options, code=code)

    def doctor_maint(self, *arguments: str) -> str:
        """Run the command of the package."""
        return self._run(str(self._bin / "doctor-maint"), *arguments)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("acme"))


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("actors", "admin tool acme   the admin tool of Acme"),
        ("actors", "app manager acme  the app manager of Acme"),
        ("actors", "inspector acme    the Inspector of Acme"),
        ("claims", "The work on each compute takes a minute at least."),
        ("faults", "the compute service of a compute in maintenance is enabled"),
        ("actions", "acme_upgrade  acme_maintenance.actions:Upgrade of acme-maintenance"),
    ],
)
def test_it_is_listed(environment: Environment, what: str, line: str) -> None:
    squeezed = " ".join(environment.doctor_maint("list", what).split())
    assert " ".join(line.split()) in squeezed


def test_its_actors_are_chosen_by_name_and_its_claim_is_judged(environment: Environment, tmp_path: Path) -> None:
    printed = environment.pytest(
        "--admin-tool=acme", "--app-manager=acme", "--inspector=acme", f"--maint-history={tmp_path}"
    )
    assert re.search(r"^all judged claims hold \(\d\d of 40 claims judged, ", printed, re.MULTILINE)
    (path,) = tmp_path.glob("*.jsonl")
    started = History.load(path).of("run.started")[0].data
    assert (started["admin_tool"], started["app_manager"], started["inspector"]) == (
        "acme-admin-tool",
        "AcmeAppManager",
        "acme-inspector",
    )
    assert started["versions"] == {"admin_tool": "1.2.3"}
    assert started["profile"] == "sample"
    works = [event.data["host"] for event in History.load(path).of("host.work", phase="started")]
    assert works[1:] == sorted(works[1:], reverse=True)


def test_its_fault_is_armed_by_name_and_breaks_the_rule(environment: Environment) -> None:
    printed = environment.pytest("--maint-fault=compute_service_is_enabled:host=compute-2", code=1)
    assert "VIOLATED: computes_are_disabled_for_maintenance" in printed
    assert "--maint-fault compute_service_is_enabled:host=compute-2" in printed


def test_its_action_plug_in_runs_by_name(environment: Environment, tmp_path: Path) -> None:
    environment.pytest("--admin-tool=fenix", "--maint-action=acme_upgrade:compute", f"--maint-history={tmp_path}")
    (path,) = tmp_path.glob("*.jsonl")
    runs = History.load(path).of("action", plugin="acme_upgrade", phase="ended")
    assert [event.data["host"] for event in runs] != []


def test_its_claim_takes_another_number(environment: Environment) -> None:
    printed = environment.pytest("--admin-tool=acme", "--maint-history=histories")
    assert re.search(r"^all judged claims hold \(\d\d of 40 claims judged, ", printed, re.MULTILINE)
    (path,) = (environment.folder / "histories").glob("*.jsonl")
    judged = environment.doctor_maint("judge", str(path), "--claim", "computes_are_worked_on_for_a_minute")
    assert "holds" in judged
