"""The names of the files of histories: each run of each attempt at each test has a file of its own."""

from __future__ import annotations

from hashlib import sha256

import pytest

from pytest_doctor_maint.plugin.gate.records import attempt_of


def history_name(item: pytest.Item, number: int) -> str:
    """Return the name of the file of a run's history.

    Args:
        item: The test.
        number: The number of the run in the attempt, from 1 on.
    """
    name = _plain(item)
    # Tests of several folders, and parameters that differ in their punctuation alone.
    if any(each is not item and _plain(each) == name for each in item.session.items):
        name += f"-{sha256(item.nodeid.encode(errors='surrogatepass')).hexdigest()[:8]}"
    attempt = attempt_of(item)
    parts = [name, *([f"attempt-{attempt}"] if attempt > 1 else []), *([f"run-{number}"] if number > 1 else [])]
    if item.config.getoption("dist", "no") == "each":
        # Each worker of pytest-xdist runs the test.
        parts.append(getattr(item.config, "workerinput", {"workerid": "gw"})["workerid"])
    return f"{'-'.join(parts)}.jsonl"


def _plain(item: pytest.Item) -> str:
    """Return the file, the classes and the name of a test, in letters that every file system takes."""
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    text = "-".join([item.path.stem, *classes, item.name])
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in text).rstrip("-")
