"""The options of ``doctor-maint admin-tool`` that need neither a cloud nor a message bus."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "pytest_doctor_maint.commands.__main__", "admin-tool"]
PATIENCE = 60.0


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    return subprocess.run(  # noqa: S603 # our own command
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=PATIENCE, env={**environment, **variables}
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--project-maintenance-reply", "0"], "--project-maintenance-reply: must be a whole number from 1 to 86400"),
        (["--project-maintenance-reply", "2.5"], "--project-maintenance-reply: must be a whole number from 1 to 86400"),
        (["--project-scale-in-reply", "soon"], "--project-scale-in-reply: must be a whole number from 1 to 86400"),
        (["--project-scale-in-reply", "-5"], "--project-scale-in-reply"),
    ],
)
def test_windows_are_whole_seconds(arguments: list[str], words: str) -> None:
    result = run("--type", "fenix", "--os-cloud", "lab", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr


@pytest.mark.parametrize("option", ["--project-maintenance-reply", "--project-scale-in-reply"])
@pytest.mark.parametrize("kind", [(), ("--type", "sample")], ids=["default", "sample"])
def test_the_sample_has_other_windows(kind: tuple[str, ...], option: str) -> None:
    result = run(*kind, "--os-cloud", "lab", option, "40")
    assert (result.returncode, result.stdout) == (2, "")
    assert f"argument {option}: only Fenix has it, not --type sample" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_defaults_are_those_of_fenix() -> None:
    said = " ".join(run("--help").stdout.split())
    assert "MAINTENANCE, PREPARE_MAINTENANCE and PLANNED_MAINTENANCE, with --type fenix (default: 20)" in said
    assert "SCALE_IN and MAINTENANCE_COMPLETE, with --type fenix (default: 60)" in said


def test_a_bus_takes_an_extra(tmp_path: Path) -> None:
    """Whether or not it is installed here, it is missing there."""
    (tmp_path / "oslo_messaging.py").write_text("raise ImportError('not here')\n")
    bus = "rabbit://user:s3cret@127.0.0.1:1/"
    result = run("--os-cloud", "lab", "--transport-url", bus, PYTHONPATH=str(tmp_path))
    assert (result.returncode, result.stdout) == (2, "")
    assert "argument --transport-url: oslo.messaging is missing: pip install 'pytest-doctor-maint[messaging]'" in (
        " ".join(result.stderr.split())
    )
    assert "s3cret" not in result.stderr
    assert "Traceback" not in result.stderr
