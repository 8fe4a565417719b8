"""The page about faults of the environment says what its tests show."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.troubles import ROWS, Row, page

ROOT = Path(__file__).parents[3]


@cache
def functions_in(file: str) -> list[ast.FunctionDef]:
    """Return the functions of a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def words_of(test: str) -> str:
    """Return all texts that stand in a test and its decorators.

    Adjacent parts of one text are one; where a text has a value in it, it is parted.
    """
    file, _, name = test.partition("::")
    found = [node for node in functions_in(file) if node.name == name]
    assert len(found) == 1, f"{test} does not exist, or not once"
    texts = [
        node.value for node in ast.walk(found[0]) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return "\n".join(texts)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
def test_what_the_user_reads_stands_in_the_test(row: Row) -> None:
    words = words_of(row.test)
    missing = [part for part in re.split(r"\{.*?\}", row.reads) if part.strip(" .,;:()") not in words]
    assert missing == []


def test_the_page_has_the_rows() -> None:
    written = (ROOT / "docs" / "trouble.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m tests.support.troubles"
    assert len({row.fault for row in ROWS}) == len(ROWS) >= 20


def test_the_readme_leads_to_the_page() -> None:
    assert "docs/trouble.md" in (ROOT / "README.md").read_text(encoding="utf-8")
