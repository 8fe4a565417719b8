"""``doctor-maint draw``: the pictures of a saved history, as files."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from pytest_doctor_maint.commands import __main__ as cli
from pytest_doctor_maint.commands import png
from tests.support.histories import SAVED
from tests.support.svg import Picture

#: Reads the size of an SVG, as a converter does.
READ = (
    r"size = (round(float(re.search(f' {n}=\"([0-9.]+)', open(sys.argv[3]).read())[1])) for n in ('width', 'height'))"
)
#: The beginning of a PNG, up to its width and height.
BEGIN = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A saved history in a folder of its own."""
    return Path(shutil.copy(SAVED, tmp_path / "run.jsonl"))


def draw(*arguments: object) -> int:
    return cli.main(["draw", *map(str, arguments)])


def test_both_pictures_are_written_next_to_the_history(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [saved.with_name(f"run.{name}.svg") for name in ("sequence", "timeline")]
    assert draw(saved) == 0
    assert capsys.readouterr() == ("".join(f"{path}\n" for path in paths), "")
    for path in paths:
        assert Picture.of(path.read_text()).texts


def test_one_picture_goes_to_a_file_and_is_collapsed(saved: Path, tmp_path: Path) -> None:
    whole, collapsed = tmp_path / "whole.svg", tmp_path / "collapsed.svg"
    assert draw(saved, "--picture", "sequence", "--output", whole) == 0
    assert draw(saved, "--picture", "sequence", "--output", collapsed, "--collapse") == 0
    assert "ACK_DOWN_SCALE" in Picture.of(whole.read_text()).texts
    assert len(Picture.of(collapsed.read_text()).texts) < len(Picture.of(whole.read_text()).texts) / 2


def test_pictures_go_to_a_folder(saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    assert draw(saved, "--output", folder, "--picture", "timeline", "--picture", "sequence") == 0
    assert sorted(path.name for path in folder.iterdir()) == ["run.sequence.svg", "run.timeline.svg"]


def test_two_pictures_do_not_go_to_one_file(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.svg"
    assert draw(saved, "--output", path) == 2
    assert capsys.readouterr().err == (
        f"doctor-maint draw: argument --output: {path} is no folder; allowed: a folder, or one --picture\n"
    )


def test_the_history_is_never_overwritten(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = saved.read_bytes()
    assert draw(saved, "--picture", "sequence", "--output", saved) == 2
    assert "is the history; allowed: another file" in capsys.readouterr().err
    assert saved.read_bytes() == before


def test_a_violated_claim_is_drawn_and_is_no_error(saved: Path) -> None:
    lines = [json.loads(line) for line in saved.read_text().splitlines()]
    for line in lines:
        if line["kind"] == "reply" and line["data"]["state"] == "ACK_DOWN_SCALE":
            line["data"]["state"] = "ACK_NOTHING"
    saved.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert draw(saved, "--picture", "sequence") == 0
    shown = Picture.of(saved.with_name("run.sequence.svg").read_text()).texts
    assert any(text.startswith("messages_are_answered: ") for text in shown)


def test_a_history_that_breaks_off_is_drawn_with_a_note(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved.write_text(saved.read_text()[:-20])
    number = len(saved.read_text().splitlines())
    assert draw(saved, "--picture", "sequence") == 0
    assert capsys.readouterr().err == (
        f"doctor-maint draw: note: {saved}, line {number} breaks off, as the recording did; it is left out\n"
    )
    assert "the history breaks off here" in saved.with_name("run.sequence.svg").read_text()


@pytest.mark.parametrize("text", ["", "{", '{"seq": 0}\n', "\x1b[2J\n"], ids=["empty", "torn", "no event", "no JSON"])
def test_what_is_not_a_history_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text)
    assert draw(path) == 2
    output, error = capsys.readouterr()
    assert output == ""
    assert error.startswith(f"doctor-maint draw: {path}, line 1: ")
    assert error.strip().isprintable()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert draw(tmp_path / "missing.jsonl") == 2
    assert "No such file" in capsys.readouterr().err


# -- PNG ---------------------------------------------------------------------------------------------------------------


def converter(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let `rsvg-convert` be this script in Python, and let there be no other converter."""
    program = folder / "rsvg-convert"
    program.write_text(f"#!{sys.executable} -IS\nimport re, struct, sys\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_a_png_needs_a_converter(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert draw(saved, "--format", "png") == 2
    error = capsys.readouterr().err
    assert error.startswith("doctor-maint draw: no converter for PNG is present; allowed: --format svg, or one of ")
    assert all(name in error for name in png.CONVERTERS)
    assert list(tmp_path.iterdir()) == [saved]


def test_the_end_of_the_output_says_that_it_is_a_png(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converter(tmp_path, monkeypatch, f"{READ}\nopen(sys.argv[2], 'wb').write({BEGIN!r} + struct.pack('>II', *size))")
    path = tmp_path / "run.PNG"
    assert draw(saved, "--picture", "sequence", "--output", path) == 0
    assert path.read_bytes().startswith(BEGIN)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("sys.exit('no memory')", "rsvg-convert fails with exit code 1: no memory"),
        (f"open(sys.argv[2], 'wb').write({BEGIN!r} + bytes(8))", "rsvg-convert cannot draw a picture of 1200 x "),
        ("", "rsvg-convert cannot draw a picture of 1200 x "),
    ],
    ids=["it fails", "it draws another size", "it draws nothing"],
)
def test_a_converter_that_fails_is_named(
    saved: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    said: str,
) -> None:
    converter(tmp_path, monkeypatch, script)
    assert draw(saved, "--format", "png", "--picture", "sequence") == 2
    assert capsys.readouterr().err.startswith(f"doctor-maint draw: {said}")
    assert not saved.with_name("run.sequence.png").exists()
