"""The test case for xtesting: what it runs, and what it makes of the result."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pytest_doctor_maint.plugin.xtesting_case import SCENARIOS

POINT = EntryPoint("doctor_maintenance", "pytest_doctor_maint.plugin.xtesting_case:maintenance", "xtesting.testcase")


class TestCase:
    """xtesting's base class, as far as it is used."""

    __test__ = False

    def __init__(self, **arguments: Any) -> None:
        self.res_dir = arguments["res_dir"]
        self.project_name = arguments["project_name"]


class Pytest:
    """In place of pytest: keeps the command and its environment, and writes a result."""

    def __init__(self, verdict: str) -> None:
        self.verdict = verdict
        self.command: list[str] = []
        self.environment: dict[str, str] = {}

    def __call__(self, command: list[str], *, env: dict[str, str], **arguments: Any) -> None:
        self.command, self.environment = command, env
        (path,) = (text.partition("=")[2] for text in command if text.startswith("--maint-result="))
        assert not Path(path).exists()
        if self.verdict:
            Path(path).write_text(json.dumps({"verdict": self.verdict, "reason": "so it is"}))


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The test case, made as stevedore makes it."""
    core, module = ModuleType("xtesting.core"), ModuleType("xtesting.core.testcase")
    module.TestCase = TestCase  # type: ignore[attr-defined]
    for name, each in (("xtesting", ModuleType("xtesting")), ("xtesting.core", core), (module.__name__, module)):
        monkeypatch.setitem(sys.modules, name, each)
    return POINT.load()(res_dir=str(tmp_path / "results"), project_name="doctor")


@pytest.mark.parametrize(
    ("verdict", "code", "result"),
    [
        ("pass", 0, 100),
        ("fail", 0, 0),
        ("no tests", 0, 0),
        ("interrupted", 70, 0),
        ("error", 70, 0),
        ("", 70, 0),
    ],
)
def test_only_a_pass_is_a_success(
    case: Any, monkeypatch: pytest.MonkeyPatch, verdict: str, code: int, result: int
) -> None:
    monkeypatch.setattr(subprocess, "run", Pytest("pass"))
    case.run()
    monkeypatch.setattr(subprocess, "run", Pytest(verdict))
    assert case.run() == code
    assert case.result == result
    assert case.start_time <= case.stop_time
    assert case.project_name == "doctor"


def test_the_arguments_become_those_of_pytest(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DB_URL", "http://me:s3cret@testapi/")
    monkeypatch.setattr(subprocess, "run", ran := Pytest("pass"))
    case.run(options={"admin-tool": "fenix", "k": "any_application", "maint-fault": ["a", "b"], "x": None})
    given = ["--admin-tool=fenix", "-k", "any_application", "--maint-fault=a", "--maint-fault=b", "-x"]
    begin = ran.command.index("--admin-tool=fenix")
    assert ran.command[begin : begin + len(given)] == given
    assert ran.command[-2:] == list(SCENARIOS)
    assert "TEST_DB_URL" not in ran.environment


def test_other_tests_may_be_named(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", ran := Pytest("pass"))
    case.run(dir="tests/here")
    assert ran.command[-1] == "tests/here"
    with pytest.raises(TypeError, match="unknown arguments: folder; allowed: dir, options"):
        case.run(folder="tests")
