"""No module of the package imports itself, directly or through others.

Imports for type checkers count, and those within functions: a reader has to follow them, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NAME = "pytest_doctor_maint"
# Where each top folder of the checkout is installed.
FOLDERS = {NAME: NAME, "fixtures": f"{NAME}.fixtures", "scenarios": f"{NAME}.scenarios"}

Graph = Mapping[str, Set[str]]


def modules(root: Path) -> dict[str, Path]:
    """Return the files of the package's modules by the modules' names; those of packages are ``__init__.py``."""
    found = {}
    for folder, name in FOLDERS.items():
        for path in sorted((root / folder).rglob("*.py")):
            within = path.relative_to(root / folder)
            # Links in the checkout's package show where the two other folders are installed.
            if folder != NAME or within.parts[0] not in FOLDERS:
                parts = [*within.parent.parts, *([] if path.stem == "__init__" else [path.stem])]
                found[".".join([name, *parts])] = path
    return found


def imports(root: Path) -> Graph:
    """Return the modules that each module imports. A package counts only where it is imported by its own name."""
    files = modules(root)
    graph = {}
    for name, path in files.items():
        package = name if path.stem == "__init__" else name.rpartition(".")[0]
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        named = (each for node in nodes for each in _imported(node, package, files))
        graph[name] = {each for each in named if each in files and each != name}
    return graph


def _imported(node: ast.AST, package: str, files: Mapping[str, Path]) -> Iterator[str]:
    """Yield the modules that a node imports, in a module of ``package``."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.rsplit(".", node.level - 1)[0] if node.level else ""
        source = ".".join(part for part in (above, node.module) if part)
        for alias in node.names:
            member = f"{source}.{alias.name}"
            yield member if member in files else source


def cycles(graph: Graph) -> list[list[str]]:
    """Return the strongly connected components of more than one module (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            place = stack.index(name)
            component, stack[place:] = stack[place:], []
            if len(component) > 1:
                found.append(sorted(component))

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return found


def test_there_are_no_cycles() -> None:
    found = cycles(imports(ROOT))
    assert not found, "modules that import each other:\n\n" + "\n\n".join("\n".join(each) for each in found)


@pytest.mark.parametrize(
    "source",
    [
        f"from {NAME}.embedded import cloud",
        f"from {NAME}.embedded.cloud import EmbeddedCloud",
        f"import {NAME}.embedded.cloud",
        "from ..cloud import EmbeddedCloud",
        "from .. import cloud",
        f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from {NAME}.embedded.cloud import EmbeddedCloud",
        f"def f():\n    from {NAME}.embedded.cloud import EmbeddedCloud",
    ],
)
def test_every_form_of_import_counts(tmp_path: Path, source: str) -> None:
    folder = tmp_path / NAME / "embedded"
    (folder / "keystone").mkdir(parents=True)
    (folder / "cloud.py").write_text(f"from {NAME}.embedded.keystone.models import Keystone\n")
    (folder / "keystone" / "models.py").write_text(source)
    assert cycles(imports(tmp_path)) == [[f"{NAME}.embedded.cloud", f"{NAME}.embedded.keystone.models"]]


def test_a_package_is_imported_only_by_its_own_name(tmp_path: Path) -> None:
    folder = tmp_path / NAME / "embedded"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("from .cloud import EmbeddedCloud\n")
    (folder / "cloud.py").write_text(f"from {NAME}.embedded.core import Core\n")
    (folder / "core.py").write_text("")
    assert cycles(imports(tmp_path)) == []
    (folder / "core.py").write_text(f"from {NAME}.embedded import EmbeddedCloud\n")
    assert cycles(imports(tmp_path)) == [[f"{NAME}.embedded", f"{NAME}.embedded.cloud", f"{NAME}.embedded.core"]]


def test_only_what_leads_back_to_itself_is_a_cycle() -> None:
    diamond = {"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set[str]()}
    assert cycles(diamond) == []
    assert cycles({**diamond, "d": {"b"}, "e": {"a"}}) == [["b", "d"]]
