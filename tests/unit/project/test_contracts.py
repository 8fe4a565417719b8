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
HISTORIES = "Claims and reports see histories alone"
ACTORS = "The actors meet over HTTP only"
CLOUDS = "The actors cannot tell which cloud it is"
EMBEDDED = "The embedded cloud and simulated time know nothing of maintenance"
SERVICES = "The services of the embedded cloud know each other in one direction"
PYTEST = "Only the plugin, its fixtures and the scenarios know pytest"


#: Each contract with imports that break it.
FORBIDDEN = [
    (LAYERS, "simtime", "protocol"),
    (LAYERS, "protocol", "history"),
    (LAYERS, "history", "openstack"),
    (LAYERS, "openstack", "actors"),
    (LAYERS, "embedded", "openstack"),
    (LAYERS, "actors", "attach"),
    (LAYERS, "attach", "claims"),
    (LAYERS, "actors", "faults"),
    (LAYERS, "faults", "testbed"),
    (LAYERS, "testbed", "report"),
    (LAYERS, "report", "plugin"),
    (LAYERS, "commands", "plugin"),
    (LAYERS, "plugin", "fixtures"),
    (LAYERS, "fixtures", "scenarios"),
    (HISTORIES, "claims", "simtime.http"),
    (HISTORIES, "claims", "embedded"),
    (HISTORIES, "report", "actors"),
    (ACTORS, "actors.admin_tool", "actors.app_manager"),
    (ACTORS, "actors.app_manager", "actors.inspector"),
    (ACTORS, "actors.inspector", "actors.admin_tool"),
    (CLOUDS, "actors.admin_tool", "embedded"),
    (CLOUDS, "actors.inspector", "embedded.core"),
    (CLOUDS, "actors.app_manager", "claims"),
    (EMBEDDED, "embedded", "history"),
    (EMBEDDED, "embedded.aodh", "protocol"),
    (EMBEDDED, "simtime.http", "history"),
    (SERVICES, "embedded.keystone", "embedded.nova"),
    (SERVICES, "embedded.neutron", "embedded.nova"),
    (SERVICES, "embedded.glance", "embedded.neutron"),
    (SERVICES, "embedded.nova", "embedded.placement"),
    (SERVICES, "embedded.aodh", "embedded.notifications"),
    (SERVICES, "embedded.core", "embedded.keystone"),
    (PYTEST, "openstack", "plugin"),
    (PYTEST, "testbed", "plugin"),
]


def copy_of_the_tree(folder: Path) -> Path:
    """Copy the checkout, to break the copy."""
    for name in (NAME, "fixtures", "scenarios"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", folder)
    return folder


def add_import(tree: Path, importer: str, imported: str) -> None:
    folder = tree.joinpath(NAME, *importer.split("."))
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    path.write_text(f"{path.read_text(encoding='utf-8')}\nimport {imported}\n", encoding="utf-8")


def lint(tree: Path) -> str:
    """Return what import-linter prints about broken contracts, on one line, since it folds long lines."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    result = subprocess.run(  # noqa: S603 - our own command
        command, cwd=tree, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 1, result.stdout + result.stderr
    return " ".join(result.stdout.partition("Broken contracts")[2].split())


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what is printed about a tree with all these imports, a new package, and an actor that imports pytest."""
    tree = copy_of_the_tree(tmp_path_factory.mktemp("tree"))
    for _, importer, imported in FORBIDDEN:
        add_import(tree, importer, f"{NAME}.{imported}")
    add_import(tree, "actors", "pytest")
    return lint(tree)


def section(printed: str, contract: str) -> str:
    """Return the part about one contract."""
    titles = [LAYERS, HISTORIES, ACTORS, CLOUDS, EMBEDDED, SERVICES, PYTEST]
    begin = printed.index(f"{contract} -")
    ends = [at for title in titles if (at := printed.find(f"{title} -", begin + 1)) > 0]
    return printed[begin : min(ends, default=len(printed))]


@pytest.mark.parametrize(("contract", "importer", "imported"), FORBIDDEN)
def test_a_forbidden_import_is_caught(broken: str, contract: str, importer: str, imported: str) -> None:
    assert f"{NAME}.{importer} -> {NAME}.{imported} (l." in section(broken, contract)


def test_an_actor_that_imports_pytest_is_caught(broken: str) -> None:
    assert f"{NAME}.actors -> pytest (l." in section(broken, PYTEST)


def test_a_new_room_needs_a_place(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    (tree / NAME / "newcomer.py").write_text('"""New."""\n', encoding="utf-8")
    assert f"- {NAME}.newcomer" in section(lint(tree), LAYERS)
