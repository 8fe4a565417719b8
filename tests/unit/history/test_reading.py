"""A saved history that is not as it must be is refused with its line, and with the reason."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pytest_doctor_maint.history import History, kinds, reading
from pytest_doctor_maint.history.kinds import Kind
from pytest_doctor_maint.history.reading import read
from tests.support.histories import SAVED, Ticking

LINES = [json.loads(line) for line in SAVED.read_text().splitlines()]
#: The first event of each kind in a saved run.
FIRST_OF = {fields["kind"]: fields for fields in reversed(LINES)}


def written(path: Path, *lines: dict[str, Any]) -> Path:
    """Write events to a file; their numbers are made right."""
    path.write_text("".join(f"{json.dumps({**fields, 'seq': number})}\n" for number, fields in enumerate(lines, 1)))
    return path


def changed(tmp_path: Path, text: str) -> Path:
    """Write the saved run with ``text`` as its fifth line."""
    lines = SAVED.read_text().splitlines(keepends=True)
    lines[4] = text + "\n"
    path = tmp_path / "run.jsonl"
    path.write_text("".join(lines), encoding="utf-8", errors="surrogatepass")
    return path


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("seq", "5", "the seq is '5'; allowed: a whole number from 1 on"),
        ("seq", 5.0, "the seq is 5.0; "),
        ("seq", True, "the seq is True; "),
        ("seq", 0, "the seq is 0; "),
        ("seq", 4, "event 4; expected event 5"),
        ("seq", 6, "event 6; expected event 5"),
        ("cause", 5, "the cause of event 5 is 5; allowed: the seq of an earlier event, or null"),
        ("cause", 6, "the cause of event 5 is 6; "),
        ("cause", 0, "the cause of event 5 is 0; "),
        ("cause", True, "the cause of event 5 is True; "),
        ("cause", "4", "the cause of event 5 is '4'; "),
        ("at", "yesterday", "the time 'at' is 'yesterday'; allowed: an ISO 8601 time from 1970 to 8999"),
        ("at", 1, "the time 'at' is 1; "),
        ("at", "0001-01-01T00:00:00+23:59", "the time 'at' is '0001-"),
        ("at", "9999-12-31T23:59:59-23:59", "the time 'at' is '9999-"),
        ("at", "1969-12-31T23:59:59Z", "the time 'at' is '1969-"),
        ("at", "9000-01-01T00:00:00Z", "the time 'at' is '9000-"),
        ("wall", None, "the time 'wall' is None; "),
        ("actor", "", "the actor is ''; allowed: a text of 1 to 200 characters"),
        ("actor", "x" * 201, "the actor is 'xxx"),
        ("actor", ["nova"], r"the actor is \['nova'\]; "),
        ("kind", 7, "the kind is 7; "),
        ("data", [], r"the data of event 5 is \[\]; allowed: an object"),
    ],
)
def test_a_field_of_an_event_that_is_wrong_is_refused(
    tmp_path: Path, field: str, value: object, complaint: str
) -> None:
    with pytest.raises(ValueError, match=rf"run\.jsonl, line 5: {complaint}"):
        read(changed(tmp_path, json.dumps({**LINES[4], field: value})))


@pytest.mark.parametrize("field", ["seq", "at", "wall", "actor", "kind", "cause", "data"])
def test_an_event_without_a_field_is_refused(tmp_path: Path, field: str) -> None:
    rest = {name: value for name, value in LINES[4].items() if name != field}
    with pytest.raises(ValueError, match=rf"line 5: not an event of a history: it lacks '{field}'"):
        read(changed(tmp_path, json.dumps(rest)))


@pytest.mark.parametrize("kind", sorted(FIRST_OF))
def test_data_without_a_field_of_its_kind_is_refused(tmp_path: Path, kind: str) -> None:
    for field in kinds.kind(kind).required:
        data = {name: value for name, value in FIRST_OF[kind]["data"].items() if name != field}
        with pytest.raises(ValueError, match=rf"line 1: an event of kind '{kind}' lacks {field}"):
            read(written(tmp_path / "run.jsonl", {**FIRST_OF[kind], "cause": None, "data": data}))


@pytest.mark.parametrize("kind", sorted(FIRST_OF))
@pytest.mark.parametrize("value", [{"nested": [1]}, -1, 1e300, [[]]], ids=str)
def test_data_of_a_wrong_type_is_refused(tmp_path: Path, kind: str, value: object) -> None:
    for field, allowed in kinds.kind(kind).types.items():
        data = {**FIRST_OF[kind]["data"], field: value}
        path = written(tmp_path / "run.jsonl", {**FIRST_OF[kind], "cause": None, "data": data})
        if allowed.allows(value):
            assert read(path).events[0].data[field] == value
        else:
            with pytest.raises(ValueError, match=rf"line 1: {field} of an event of kind '{kind}' is .*; allowed: "):
                read(path)


@pytest.mark.parametrize("kind", kinds.all_kinds(), ids=lambda kind: kind.name)
def test_the_typed_fields_of_a_kind_are_fields_that_it_describes(kind: Kind) -> None:
    assert kind.types.keys() <= kind.fields.keys() | kind.optional.keys()


@pytest.mark.parametrize(
    ("number", "complaint"),
    [
        ("NaN", "the number NaN; allowed: finite numbers"),
        ("-Infinity", "the number -Infinity; "),
        ("1e999", "the number 1e999; "),
        ("9" * 5000, "Exceeds the limit"),
        ("[" * 63 + "]" * 63, "JSON of more than 64 levels"),
        ("[" * 100_000, "JSON of more than 64 levels"),
        ('"\x00"', r"not JSON \(Invalid control character at, column"),
        ('"\ud800"', r"not UTF-8 \(invalid continuation byte at byte "),
    ],
    ids=["nan", "infinity", "float", "int", "levels", "recursion", "nul", "surrogate"],
)
def test_json_that_not_every_reader_can_read_is_refused(tmp_path: Path, number: str, complaint: str) -> None:
    text = json.dumps({**LINES[4], "data": {**LINES[4]["data"], "more": "?"}}).replace('"?"', number)
    with pytest.raises(ValueError, match=rf"line 5: {complaint}"):
        read(changed(tmp_path, text))


def test_json_of_as_many_levels_as_are_allowed_is_read(tmp_path: Path) -> None:
    text = json.dumps({**LINES[4], "data": {**LINES[4]["data"], "more": "?"}}).replace('"?"', "[" * 62 + "]" * 62)
    assert len(read(changed(tmp_path, text)).events) == len(LINES)


@pytest.mark.parametrize("text", ["[]", "null", "7", '"text"', "{"])
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"line 5: not (a JSON object|JSON \()"):
        read(changed(tmp_path, text))


def test_a_compressed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl.gz"
    path.write_bytes(gzip.compress(SAVED.read_bytes()))
    with pytest.raises(ValueError, match=r"line 1: the file is compressed by gzip"):
        read(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read(tmp_path)


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_LINE", 100)
    path = tmp_path / "run.jsonl"
    path.write_text("{" + " " * 99)
    assert read(path).torn == 1
    path.write_text("{" + " " * 100)
    with pytest.raises(ValueError, match="line 1: longer than 100 bytes"):
        read(path)


def test_more_events_than_are_allowed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_EVENTS", len(LINES))
    assert len(read(SAVED).events) == len(LINES)
    monkeypatch.setattr(reading, "MAX_EVENTS", len(LINES) - 1)
    with pytest.raises(ValueError, match=rf"line {len(LINES)}: more than {len(LINES) - 1} events"):
        read(SAVED)


@pytest.mark.parametrize("cut", [1, 2, 100])
def test_a_last_line_that_breaks_off_is_left_out(tmp_path: Path, cut: int) -> None:
    # given the file of a run that broke off while an event was written
    path = tmp_path / "run.jsonl"
    path.write_bytes(SAVED.read_bytes()[: -1 - cut])
    # when it is read, then the line is left out, and its number is told
    found = read(path)
    assert (len(found.events), found.torn) == (len(LINES) - 1, len(LINES))


def test_a_last_line_that_is_cut_within_a_character_breaks_off_too(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(SAVED.read_bytes() + '{"actor": "é'.encode()[:-1])
    assert read(path).torn == len(LINES) + 1


def test_a_whole_event_needs_no_line_feed_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(SAVED.read_bytes()[:-1])
    found = read(path)
    assert (len(found.events), found.torn) == (len(LINES), None)


def test_a_whole_last_line_that_is_wrong_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(SAVED.read_text() + '{"seq": 1}')
    with pytest.raises(ValueError, match=rf"line {len(LINES) + 1}: not an event"):
        read(path)


def test_what_a_run_recorded_can_be_read_again(tmp_path: Path) -> None:
    """Numbers that JSON does not have, and control characters, may come from foreign programs."""
    history = History(Ticking())
    text = "".join(map(chr, range(0x110))) + "\u202e\u2028\ud800"
    history.append("a", kinds.RUN_ENDED, {"numbers": [float("nan"), float("inf"), 1.5], text: text})
    raw = history.save(tmp_path / "run.jsonl").read_bytes()
    (event,) = read(tmp_path / "run.jsonl").events
    assert event.data["numbers"] == ("nan", "inf", 1.5)
    assert event.data[text] == text
    assert all(byte == 0x0A or 0x20 <= byte < 0x7F for byte in raw)
