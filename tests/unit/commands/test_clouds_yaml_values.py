"""openstacksdk, which reads YAML 1.1, reads each value of our entry in clouds.yaml as it was written."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from pytest_doctor_maint.commands.clouds_yaml import CloudEntry, CloudsFile


@pytest.mark.parametrize(
    "password", ["yes", "1:30", "0o17", "null", "~", "", " x ", "a: b", "- a", "x" * 500, "ä\t\\n\"'", "# no comment"]
)
def test_a_value_is_read_as_it_was_written(tmp_path: Path, password: str) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_text("clouds:\n    other: # theirs\n        auth: {}\n")
    entry = CloudEntry("http://127.0.0.1:1/v3", "admin", password, "admin", "Default", "RegionOne")
    CloudsFile(path, "mine").write(entry)
    assert yaml.safe_load(path.read_text()) == {"clouds": {"other": {"auth": {}}, "mine": entry.as_dict()}}
    assert "\n    other: # theirs\n" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "more",
    [
        "",
        "    networks:\n      - name: own\n      - name: other\n",
        "    networks: [{name: own},\n      {name: other}]\n",
        "    note: two\n      lines\n",
        "    auth:\n      a: 1\n      b: 2\n",
    ],
    ids=["nothing", "a list", "a list in brackets", "two lines", "a mapping"],
)
def test_an_entry_of_ours_is_replaced_as_a_whole(tmp_path: Path, more: str) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_text(f"clouds:\n  mine: # written by doctor-maint\n{more}\n  # b's\n  b: {{}}\n")
    entry = CloudEntry("http://127.0.0.1:1/v3", "admin", "secret", "admin", "Default", "RegionOne")
    CloudsFile(path, "mine").write(entry)
    assert yaml.safe_load(path.read_text()) == {"clouds": {"mine": entry.as_dict(), "b": {}}}
    assert path.read_text().endswith("\n\n  # b's\n  b: {}\n")
