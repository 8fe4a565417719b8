"""The examples in the README work, and its tables are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_doctor_maint.plugin.settings import SETTINGS, Setting
from tests.support.plugin_runs import QUICK, hide_surroundings

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SCENARIOS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", SCENARIOS, ids=[re.findall(r"def (test_\w+)", code)[-1] for code in SCENARIOS])
def test_a_scenario_runs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    hide_surroundings(pytester, monkeypatch)
    pytester.makepyfile(code)
    result = pytester.runpytest_inprocess(*QUICK)
    assert result.ret == pytest.ExitCode.OK, result.stdout.str()
    result.stdout.fnmatch_lines(["*doctor-maint*", "*all*claims hold*"])


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) == 3


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.keyword)
def test_every_setting_is_in_the_table(setting: Setting) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{setting.option}` |"))
    keyword = None if setting.of_session else setting.keyword
    for name in (setting.option, keyword, setting.ini, setting.variable):
        assert name is None or f"`{name}`" in row


@pytest.mark.parametrize("command", ["cloud", "admin-tool", "app-manager", "inspector", "judge", "list"])
def test_every_command_is_described(command: str) -> None:
    assert f"doctor-maint {command}" in README
