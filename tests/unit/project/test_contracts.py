"""Each contract on imports catches an import that breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NAME = "pytest_doctor_maint"

LAYERS = "Imports point downwards"
JUDGES = "The checkers and the report see nothing but histories"
ACTORS = "The actors meet over HTTP only"
CLOUDS = "The actors cannot tell which cloud it is"
PYTEST = "The actors, the clouds and the checkers know nothing of the plugin"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the checkout, to break."""
    for name in (NAME, "fixtures", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    return tmp_path


def lint(tree: Path) -> str:
    """What import-linter prints, on one line, since it folds long ones."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    result = subprocess.run(  # noqa: S603 - our own command
        command, cwd=tree, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 1, result.stdout + result.stderr
    return " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("contract", "importer", "imported"),
    [
        (LAYERS, "protocol", "history"),
        (LAYERS, "history", "net"),
        (LAYERS, "clock", "net"),
        (LAYERS, "net", "cloud"),
        (LAYERS, "cloud", "nemesis"),
        (LAYERS, "availability", "fixtures"),
        (LAYERS, "nemesis", "checkers"),
        (LAYERS, "fixtures", "plugin"),
        (LAYERS, "scenarios", "plugin"),
        (LAYERS, "settings", "protocol"),
        (JUDGES, "checkers", "net"),
        (JUDGES, "checkers", "cloud"),
        (JUDGES, "report", "admin_tool"),
        (ACTORS, "admin_tool", "app_manager"),
        (ACTORS, "app_manager", "inspector"),
        (ACTORS, "inspector", "admin_tool"),
        (CLOUDS, "admin_tool", "cloud.embedded"),
        (CLOUDS, "inspector", "cloud.embedded.world"),
        (CLOUDS, "app_manager", "checkers"),
        (PYTEST, "cloud", "settings"),
    ],
)
def test_a_forbidden_import_is_caught(tree: Path, contract: str, importer: str, imported: str) -> None:
    folder = tree / NAME / importer
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    path.write_text(f"{path.read_text()}\nimport {NAME}.{imported}\n")
    printed = lint(tree)
    assert f"{contract} BROKEN" in printed
    assert f"{NAME}.{importer} -> {NAME}.{imported} (l." in printed


def test_an_actor_that_imports_pytest_is_caught(tree: Path) -> None:
    path = tree / NAME / "admin_tool" / "__init__.py"
    path.write_text(f"{path.read_text()}\nimport pytest\n")
    printed = lint(tree)
    assert f"{PYTEST} BROKEN" in printed
    assert f"{NAME}.admin_tool -> pytest (l." in printed


def test_a_new_module_needs_a_place(tree: Path) -> None:
    (tree / NAME / "newcomer.py").write_text('"""New."""\n')
    printed = lint(tree)
    assert f"{LAYERS} BROKEN" in printed
    assert f"- {NAME}.newcomer" in printed
