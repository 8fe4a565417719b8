"""All tests in real time are in the folders that tox.ini names, so that each worker collects only those folders."""

from __future__ import annotations

from configparser import RawConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# In two parts, so that the search does not find this file.
MARK = "mark." + "realtime"


def folders_of(environment: str) -> list[str]:
    """Return the folders whose tests in real time an environment of tox runs."""
    parser = RawConfigParser()
    parser.read(ROOT / "tox.ini")
    lines = [line for line in parser[f"testenv:{environment}"]["commands"].splitlines() if "-m realtime" in line]
    return [f"{word}/" for line in lines for word in line.split() if word.startswith("tests/")]


@pytest.mark.parametrize("environments", [("realtime", "browser"), ("ci",)], ids=" ".join)
def test_no_test_in_real_time_is_left_out(environments: tuple[str, ...]) -> None:
    folders = [folder for environment in environments for folder in folders_of(environment)]
    assert folders
    files = [path for path in (ROOT / "tests").rglob("*.py") if MARK in path.read_text(encoding="utf-8")]
    outside = {path.relative_to(ROOT).as_posix() for path in files}
    assert [name for name in sorted(outside) if not name.startswith(tuple(folders))] == []
