"""No two runs of one run of pytest write the same file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_doctor_maint.plugin.gate.history_names import history_name
from pytest_doctor_maint.plugin.gate.records import begin_attempt

TESTS = """
import pytest

@pytest.mark.parametrize("text", ["a/b", "a-b", "a?b"])
def test_it(text): pass

class TestOne:
    def test_it(self): pass

class TestTwo:
    def test_it(self): pass
"""


def test_each_run_of_each_attempt_at_each_test_has_a_file(pytester: pytest.Pytester) -> None:
    for folder in ("north", "south"):
        (pytester.path / folder).mkdir()
        (pytester.path / folder / "test_same.py").write_text(TESTS)
    pytester.makepyfile(test_other="def test_it(): pass")
    without = ("-p", "no:hypothesispytest", "-p", "no:schemathesis", "-p", "no:cacheprovider")
    items = pytester.inline_genitems("--import-mode=importlib", *without)[0]
    names: dict[str, list[str]] = {}
    for item in items:
        for _ in range(2):
            begin_attempt(item)
            names.setdefault(item.nodeid, []).extend(history_name(item, number) for number in (1, 2))
    every = [name for of_item in names.values() for name in of_item]
    assert len(items) == 11
    assert len(set(every)) == len(every) == 44
    assert [name for name in every if Path(name).name != name] == []
    plain = "test_other-test_it"
    assert names["test_other.py::test_it"] == [
        f"{plain}.jsonl",
        f"{plain}-run-2.jsonl",
        f"{plain}-attempt-2.jsonl",
        f"{plain}-attempt-2-run-2.jsonl",
    ]
    assert names["north/test_same.py::TestOne::test_it"][0].startswith("test_same-TestOne-test_it-")
