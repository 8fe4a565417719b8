"""How ``doctor-maint cloud`` changes an existing clouds.yaml."""

from pathlib import Path

import pytest
import yaml

from pytest_doctor_maint.commands.clouds_yaml import CloudEntry, CloudsFile, CloudsFileError

ENTRY = CloudEntry("http://127.0.0.1:1/identity/v3", "admin", "p\"'#:ä", "admin", "Default", "RegionOne")
OURS = "  mine: # written by doctor-maint\n    auth:\n      password: old\n    region_name: old\n"


def write(path: Path, text: str | None, entry: CloudEntry = ENTRY) -> str:
    if text is not None:
        path.write_text(text)
    file = CloudsFile(path, "mine")
    file.check()
    file.write(entry)
    assert yaml.safe_load(path.read_text())["clouds"]["mine"] == entry.as_dict()
    return path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(None, id="no file"),
        pytest.param("", id="empty"),
        pytest.param("# nothing yet\n", id="a comment"),
        pytest.param("---\n", id="an empty document"),
        pytest.param("cache:\n  expiration: 5\n", id="no clouds"),
        pytest.param("clouds:\n", id="clouds, but none"),
        pytest.param("clouds:\n  a: {auth: {}}\n", id="another"),
        pytest.param("clouds:\n    a: # mine\n        auth: {}\n    b: {}\n\nx: 1", id="four spaces, no newline"),
        pytest.param("x: 1\nclouds: # all\n\n  # the first\n  a: {}\nz: {clouds: 1}\n", id="in the middle"),
        pytest.param(f"clouds:\n  a: {{}}\n{OURS}  # b's\n  b: {{}}\n", id="an older one of ours"),
    ],
)
def test_everything_else_stays(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "clouds.yaml"
    result = write(path, text)
    before = yaml.safe_load(text or "") or {}
    after = yaml.safe_load(result)
    assert {name: value for name, value in after.items() if name != "clouds"} == {
        name: value for name, value in before.items() if name != "clouds"
    }
    others = {name: value for name, value in after["clouds"].items() if name != "mine"}
    assert others == {name: value for name, value in (before.get("clouds") or {}).items() if name != "mine"}
    kept = (text or "").replace(OURS, "").splitlines()
    assert [line for line in kept if line not in result.splitlines()] == []
    assert write(path, None) == result, "once more changes nothing"
    assert [entry.name for entry in tmp_path.iterdir()] == ["clouds.yaml"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("clouds:\n  mine:\n    auth: {}\n", "already has a cloud mine", id="somebody's own"),
        pytest.param("clouds: {a: {}}\n", "cannot be added safely", id="in one line"),
        pytest.param("clouds:\n  a: &x {}\n  b: *x\n  'm\\\n", "is not YAML", id="broken"),
        pytest.param("- a\n", "is not a clouds.yaml", id="a list"),
        pytest.param("clouds: [a]\n", "is not a clouds.yaml", id="a list of clouds"),
    ],
)
def test_a_file_that_is_refused_is_left_unchanged(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_text(text)
    with pytest.raises(CloudsFileError, match=words):
        CloudsFile(path, "mine").check()
    with pytest.raises(CloudsFileError, match=words):
        CloudsFile(path, "mine").write(ENTRY)
    assert path.read_text() == text


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "real.yaml"
    target.write_text("clouds:\n  a: {}\n")
    link = tmp_path / "clouds.yaml"
    link.symlink_to(target)
    write(link, None)
    assert link.is_symlink()
    assert "mine" in target.read_text()


def test_a_folder_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CloudsFileError, match="there is no folder"):
        CloudsFile(tmp_path / "no" / "clouds.yaml", "mine").check()
