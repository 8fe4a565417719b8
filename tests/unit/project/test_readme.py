"""What the README shows works as it stands there."""

import re
from pathlib import Path

import pytest

from pytest_doctor_maint.plugin.settings import SETTINGS

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SCENARIOS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", SCENARIOS, ids=[re.findall(r"def (test_\w+)", code)[-1] for code in SCENARIOS])
def test_a_scenario_runs(pytester: pytest.Pytester, code: str) -> None:
    pytester.makepyfile(code)
    result = pytester.runpytest_subprocess("-p", "doctor_maint", "-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.OK, result.stdout.str()
    result.stdout.fnmatch_lines(["*doctor-maint*", "*all claims hold*"])


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) == 3


@pytest.mark.parametrize("kind", SETTINGS, ids=lambda kind: kind.keyword)
def test_every_setting_is_in_the_table(kind: object) -> None:
    names = [getattr(kind, name) for name in ("option", "keyword", "ini", "variable")]
    row = next(line for line in README.splitlines() if line.startswith(f"| `{names[0]}` |"))
    for name in names:
        assert name is None or f"`{name}`" in row


def test_every_command_is_told() -> None:
    for command in ("cloud", "admin-tool", "app-manager", "inspector", "judge"):
        assert f"doctor-maint {command}" in README
