"""The modules of Nova and Placement import each other in one direction, at type-checking time too."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import pytest_doctor_maint

ROOT = Path(pytest_doctor_maint.__file__).parent


def modules() -> dict[str, Path]:
    """Return the files of the embedded cloud's modules by name."""
    found = {}
    for path in (ROOT / "embedded").rglob("*.py"):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> set[str]:
    """Return the names that a file imports anywhere: modules, and names in modules."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("service", ["nova", "placement"])
def test_no_modules_of_a_service_import_each_other_in_a_circle(service: str) -> None:
    known = modules()
    room = {name: path for name, path in known.items() if f".{service}." in name}
    graph = {name: imports(path) & known.keys() - {name} for name, path in room.items()}

    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"circle of imports: {' -> '.join(error.args[1])}")

    assert set(room) <= set(order)
