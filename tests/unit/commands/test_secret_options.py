"""A secret of a command comes from its option, a file or the environment."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from pytest_doctor_maint.commands.secret_options import ADMIN_PASSWORD, add_secret, secret_of

OPTION = "--admin-password"


def read(*arguments: str) -> str | None:
    parser = argparse.ArgumentParser()
    add_secret(parser, OPTION, ADMIN_PASSWORD, "PASSWORD", "the password")
    return secret_of(parser.parse_args(arguments), OPTION, ADMIN_PASSWORD)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("from a file\n", encoding="utf-8")
    return path


def test_the_option_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.delenv(ADMIN_PASSWORD, raising=False)
    assert read() is None
    monkeypatch.setenv(ADMIN_PASSWORD, "from the environment")
    assert read() == "from the environment"
    assert read(f"{OPTION}-file", str(file)) == "from a file"
    assert read(OPTION, "from the command line") == "from the command line"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing", None, "cannot read .*missing: No such file or directory"),
        ("empty", b"\n", ".*empty is empty"),
        ("binary", b"\xff\xfe", "cannot read .*binary: 'utf-8' codec"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit):
        read(f"{OPTION}-file", str(path))
    captured = capsys.readouterr().err
    assert re.search(f"argument {OPTION}-file: {message}", captured), captured


def test_an_option_and_its_file_do_not_go_together(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    with pytest.raises(SystemExit):
        read(OPTION, "one", f"{OPTION}-file", str(file))
    assert "not allowed with argument" in capsys.readouterr().err
