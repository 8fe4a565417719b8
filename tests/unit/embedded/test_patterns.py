"""Patterns of users are matched in linear time, and what cannot be matched so is refused."""

from __future__ import annotations

import time

import pytest

from pytest_doctor_maint.embedded.patterns import LONGEST, InvalidPattern, Pattern

# Each takes a backtracking matcher years.
HOSTILE = [
    "(a+)+$",
    "(a*)*$",
    "(a|a)+$",
    "(.*a){12}b",
    "(x+x+)+y",
    "(?:a?){200}" + "a" * 40 + "$",
    "(.*)" * 60 + "[^!]$",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_pattern_takes_no_time(text: str) -> None:
    pattern = Pattern(text, ignore_case=True)

    before = time.process_time()
    pattern.is_in("a" * 254 + "!")

    assert time.process_time() - before < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "(",
        "[z-a]",
        "a{2000}",
        "(?=a)",
        "(?<!a)b",
        r"(a)\1",
        "(?P<x>a)(?P=x)",
        ".{1000}" * 30,
        "((((a{9}){9}){9}){9}){9}",
    ],
)
def test_what_is_not_matched_in_linear_time_is_refused(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidPattern, match=r".+"):
        Pattern(text)

    assert capfd.readouterr().err == ""


def test_a_pattern_has_at_most_255_characters() -> None:
    assert Pattern("a" * LONGEST).is_in("a" * LONGEST)
    with pytest.raises(InvalidPattern, match="256 characters; 255 are allowed"):
        Pattern("a" * (LONGEST + 1))


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [("^web-[0-9]+$", "web-12", True), ("^web-[0-9]+$", "xweb-12", False), ("é", "café", True), ("", "x", True)],
)
def test_a_pattern_is_searched_anywhere_in_the_text(pattern: str, text: str, found: bool) -> None:
    assert Pattern(pattern).is_in(text) is found


def test_letters_are_alike_on_request() -> None:
    assert Pattern("WEB", ignore_case=True).is_in("web")
    assert not Pattern("WEB").is_in("web")


def test_half_of_a_surrogate_pair_is_text_like_any_other() -> None:
    assert not Pattern("\ud800a").is_in("b\udfff")
