"""No report has a control character, whatever the names in a history are."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.commands import __main__ as cli
from pytest_doctor_maint.history import History, frozen
from pytest_doctor_maint.printable import lines, printable, shortened
from pytest_doctor_maint.report import (
    allure_steps,
    failure_text,
    properties,
    sequence,
    terminal_summary,
    timeline,
    to_json,
)
from pytest_doctor_maint.report.terminal import Attempt
from tests.support.allure import RecordedAllure
from tests.support.histories import event

#: A character of each kind that must not reach a terminal: C0, DEL, C1, a bidirectional override, a zero-width space,
#: line and paragraph separators, a surrogate, and what is no character.
BAD = "\x00\x07\t\n\r\x1b\x7f\x85\x9b\u202e\u2066\u200b\u2028\u2029\ud800\ufffe"
NAME = f"name{BAD}\nVIOLATED: forged <b>&amp;]]>"


def renamed(value: Any) -> Any:
    """Return the data of an event with the bad name in place of each text that is free, and of each name of a host."""
    if isinstance(value, Mapping):
        free = ("scenario", "repeat", "reason", "address")
        return {
            key: NAME if key in free or (key == "name" and isinstance(item, str)) else renamed(item)
            for key, item in value.items()
        }
    if isinstance(value, tuple | list):
        return [renamed(item) for item in value]
    return {"doctor": NAME, "compute-1": f"host{BAD}"}.get(value, value) if isinstance(value, str) else value


@pytest.fixture
def evil(bad: History) -> History:
    """A run in which claims are violated, and whose names are full of control characters."""
    return History(events=[replace(each, data=frozen(renamed(each.data))) for each in bad])


def is_clean(text: str) -> bool:
    """Return True if `text` has printable characters and line feeds only."""
    return text.replace("\n", "").isprintable()


def test_each_bad_character_is_escaped_and_others_are_not() -> None:
    assert not any(letter.isprintable() for letter in BAD)
    assert printable(f"a{BAD}b") == (r"a\x00\x07\t\n\r\x1b\x7f\x85\x9b\u202e\u2066\u200b\u2028\u2029\ud800\ufffeb")
    assert printable("Größe \\ 東京 'x' \"y\" <z>") == "Größe \\ 東京 'x' \"y\" <z>"
    assert printable(printable(BAD)) == printable(BAD)


def test_a_line_stays_one_line_and_short() -> None:
    assert lines(["a\nb", "c"]) == "a\\nb\nc"
    assert (shortened("x" * 10, 10), shortened("x" * 11, 10)) == ("x" * 10, "xxxxxxx...")
    assert len(shortened("\x00" * 10, 10)) == 10


def test_a_failure_text_has_no_control_character(evil: History) -> None:
    text = failure_text(judge(evil), evil, Path(f"out{BAD}"))
    assert is_clean(text)
    assert "VIOLATED: downtime_is_zero" in text.splitlines()
    assert not any(line.startswith("VIOLATED: forged") for line in text.splitlines())


def test_a_diagram_has_no_control_character(evil: History) -> None:
    drawing = sequence([*evil.events, event("power.lost", {}, actor=f"probe{BAD}")])
    assert is_clean(drawing)
    assert len(drawing.splitlines()) == len(evil) + 2


def test_a_page_of_html_is_one_line_of_a_diagram() -> None:
    page = "<html>\n<head><title>502 Bad Gateway</title></head>\r\n" + "<p>sorry</p>\n" * 100
    drawing = sequence([event("reply.refused", {"status": 502, "error": page}, actor="admin_tool")])
    _, line = drawing.split("\n")
    assert "refused with 502: <html>\\n<head><title>502 Bad Gateway" in line
    assert line.endswith("...")
    assert len(line) < 260


def test_what_cannot_be_put_into_words_is_named() -> None:
    """A foreign admin tool may answer what no text is made for."""
    shown = sequence([event("constraint.instance", {"deleted": False, "lead_time": "long"}, actor="admin_tool")])
    assert "constraint.instance, whose data cannot be put into words (KeyError: 'instance_name')" in shown


def test_a_timeline_is_well_formed(evil: History) -> None:
    picture = timeline(evil)
    ElementTree.fromstring(picture)  # noqa: S314  # the document is our own
    assert is_clean(picture)
    assert "name\\x00" in picture


def test_verdicts_as_json_are_printable_ascii(evil: History) -> None:
    text = to_json(judge(evil))
    assert is_clean(text)
    assert text.isascii()
    assert NAME in {violation["subject"] for each in json.loads(text)["verdicts"] for violation in each["violations"]}


def test_the_titles_of_allure_have_no_control_character(evil: History, allure: RecordedAllure) -> None:
    allure_steps(evil, judge(evil))
    assert allure.titles
    shown = [text for step in allure.steps() for text in (step.name, *(each.value for each in step.parameters))]
    assert all(printable(text) == text for text in shown)


def test_the_summary_has_no_control_character(evil: History) -> None:
    run = properties(judge(evil), evil, 0.5, 1, f"a.py::test_x[{BAD}]")
    assert all(line.text.isprintable() for line in terminal_summary([Attempt("a.py::test_x", [run], reason=BAD)], 80))


@pytest.mark.parametrize("options", [[], ["--json"], ["--claim", "downtime_is_zero"]])
def test_the_command_prints_no_control_character(
    evil: History, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    path = evil.save(tmp_path / "evil\x1b[2J.jsonl")
    assert cli.main(["judge", str(path), "--svg", str(tmp_path / "run.svg"), *options]) == 1
    output = capsys.readouterr().out
    assert is_clean(output)
    assert not any(line.startswith("VIOLATED: forged") for line in output.splitlines())
    ElementTree.parse(tmp_path / "run.svg")  # noqa: S314


def test_an_error_of_the_command_has_no_control_character(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "evil\x1b[2J\nVIOLATED: x.jsonl"
    path.write_text('{"seq": "\\u001b[2J"}\n')
    assert cli.main(["judge", str(path)]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert is_clean(error)


def test_a_terminal_that_lacks_a_letter_gets_it_escaped(
    evil: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = History(events=[replace(each, actor="Größe") for each in evil]).save(tmp_path / "run.jsonl")
    with (tmp_path / "out").open("w", encoding="ascii") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        assert cli.main(["judge", str(path)]) == 1
    assert "Gr\\xf6\\xdfe" in (tmp_path / "out").read_text()
