"""The public API is one list of names, is loaded when it is used, and suffices for scenarios and extensions."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_doctor_maint

ROOT = Path(__file__).resolve().parents[3]
NAME = "pytest_doctor_maint"
ACME = sorted((ROOT / "tests" / "third_party" / "acme" / "acme_maintenance").glob("*.py"))
#: Files that show how the plugin is used, and so use nothing private.
SHOWN = [*sorted((ROOT / "scenarios").glob("*.py")), *sorted((ROOT / "tests" / "testbed" / "broken").glob("*.py"))]


def imports_for_types() -> dict[str, str]:
    """Return the module of each name that type checkers see."""
    tree = ast.parse(Path(pytest_doctor_maint.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name: (node.module or "").removeprefix(f"{NAME}.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_type_checkers_see_the_same_names() -> None:
    assert imports_for_types() == pytest_doctor_maint._MODULES


@pytest.mark.parametrize("name", pytest_doctor_maint.__all__)
def test_each_name_is_there_and_documented(name: str) -> None:
    value = getattr(pytest_doctor_maint, name)
    assert isinstance(value, str | frozenset) or value.__doc__


def test_a_name_that_is_not_public_is_refused_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match=r"has no public name 'Testbed'; there are .*Scenario"):
        pytest_doctor_maint.Testbed  # noqa: B018 - the access is what is tested


def test_nothing_is_loaded_before_it_is_used() -> None:
    code = f"import sys, {NAME}; print(sorted(name for name in sys.modules if name.startswith('{NAME}.')))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    assert result.stdout.strip() == "[]"


def private_names(path: Path) -> Iterator[str]:
    """Yield the attributes of others that begin with an underscore."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            yield f"line {node.lineno}: {node.attr}"


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_scenarios_and_broken_actors_use_nothing_private(path: Path) -> None:
    own = {
        node.name if isinstance(node, ast.FunctionDef) else node.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) or (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    }
    assert [found for found in private_names(path) if found.partition(": ")[2] not in own] == []


@pytest.mark.parametrize("path", ACME, ids=lambda path: path.name)
def test_the_other_distribution_imports_public_names_alone(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(NAME):
            assert node.module == NAME
            assert {alias.name for alias in node.names} <= set(pytest_doctor_maint.__all__)
        elif isinstance(node, ast.Import):
            assert not any(alias.name.startswith(NAME) for alias in node.names)
    assert list(private_names(path)) == [] or path.name == "actors.py"
