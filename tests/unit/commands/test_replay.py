"""``doctor-maint replay``: a page from one or two files."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from pytest_doctor_maint import claims
from pytest_doctor_maint.commands import __main__ as cli
from tests.support.histories import SAVED
from tests.support.replays import Page


def test_a_page_of_one_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "run.jsonl"
    saved.write_bytes(SAVED.read_bytes())
    assert cli.main(["replay", str(saved)]) == 0
    page = tmp_path / "run.html"
    assert capsys.readouterr().out == f"{page}\n"
    data = Page(page.read_text()).data
    assert len(data["runs"]) == 1
    assert set(data["runs"][0]["outcomes"]) <= {"holds", "not applicable"}


def test_a_page_of_two_runs_of_which_one_breaks_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short, page = tmp_path / "short.jsonl", tmp_path / "page.html"
    lines = SAVED.read_text().splitlines(keepends=True)
    short.write_text("".join(lines[:60]) + lines[60][:40])
    assert cli.main(["replay", str(SAVED), "--against", str(short), "--output", str(page)]) == 0
    assert "breaks off, as the recording did; it is left out" in capsys.readouterr().err
    data = Page(page.read_text()).data
    assert len(data["runs"]) == 2
    assert data["difference"][1]["event"] is None


@pytest.mark.parametrize(
    ("text", "error"),
    [("", "line 1: the history has no event"), ("{}\n", "line 1: not an event"), (None, "No such file")],
)
def test_a_file_that_is_not_a_history_is_refused(
    text: str | None, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "run.jsonl"
    if text is not None:
        saved.write_text(text)
    for arguments in (["replay", str(saved)], ["replay", str(SAVED), "--against", str(saved), "--output", "unused"]):
        assert cli.main(arguments) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert error in shown.err
        assert shown.err.startswith("doctor-maint replay: ")


def test_a_history_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "run.html"
    saved.write_bytes(SAVED.read_bytes())
    assert cli.main(["replay", str(saved)]) == 2
    assert "is a history; allowed: another file" in capsys.readouterr().err
    assert saved.read_bytes() == SAVED.read_bytes()


def test_it_gives_up_after_its_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    over, page = threading.Event(), tmp_path / "page.html"
    monkeypatch.setattr(claims, "judge", lambda *_: over.wait() and sys.exit())
    assert cli.main(["replay", str(SAVED), "--output", str(page), "--timeout", "0.01"]) == 2
    over.set()
    assert "making the page takes longer than 0.01 s; allowed: more by --timeout" in capsys.readouterr().err
    assert not page.exists()
