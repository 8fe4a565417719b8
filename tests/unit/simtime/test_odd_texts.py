"""Numbers, times, JSON and literals from elsewhere: each is a value, or refused in one way."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_doctor_maint.simtime.literals import parse_literal
from pytest_doctor_maint.simtime.moments import parse_moment
from pytest_doctor_maint.simtime.nesting import MAX_LEVELS, parse_json, read_json
from pytest_doctor_maint.simtime.numbers import integer, natural


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("0" * 50 + "1", 1), ("9" * 18, 10**18 - 1)]
)
def test_digits_are_a_number(text: str, number: int) -> None:
    assert natural(text) == integer(text) == number
    assert integer(f"-{text}") == -number
    assert natural(f"-{text}") is None


@pytest.mark.parametrize(
    "text", ["", "-", "--1", "+1", " 1", "1_0", "1.0", "1e3", "0x1", "²", "٣", "9" * 19, "9" * 4400]
)
def test_what_has_other_characters_or_too_many_digits_is_no_number(text: str) -> None:
    assert natural(text) is None
    assert integer(text) is None


@given(st.text())
def test_any_text_is_a_number_or_none(text: str) -> None:
    natural(text)
    integer(text)


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert parse_moment("2030-01-01T01:00:00") == datetime(2030, 1, 1, 1, tzinfo=UTC)
    assert parse_moment("2030-01-01T01:00:00+01:00") == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "2030-02-30", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "٢٠٣٠-01-01", "\ud800"]
)
def test_what_has_no_date_in_utc_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def test_json_is_read_up_to_its_bounds() -> None:
    assert parse_json(nested(MAX_LEVELS)) is not None
    assert parse_json(str(2**64 - 1)) == 2**64 - 1
    assert parse_json("1e308") == 1e308


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        nested(MAX_LEVELS + 1),
        "[" * 100_000,
        '{"a":' * 100_000,
        "NaN",
        "-Infinity",
        "1e309",
        "9" * 21,
        "9" * 4400,
    ],
)
def test_json_beyond_its_bounds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text.encode())
    assert read_json(text.encode()) is None


@given(st.recursive(st.none() | st.booleans() | st.text() | st.integers(-(10**18), 10**18), st.lists, max_leaves=9))
def test_json_that_is_read_can_be_written_again(value: object) -> None:
    raw = json.dumps(value).encode()
    assert json.dumps(parse_json(raw)).encode() == raw


def test_literals_are_read() -> None:
    assert parse_literal("['a', {'b': None}]") == ["a", {"b": None}]


@pytest.mark.parametrize("text", ["", "a", "{[]: 1}", "[" * 5000, "[" + "-" * 100_000, "\x00", "9" * 5000, "f()"])
def test_what_is_no_literal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_literal(text)
