"""The texts that Allure shows about a maintenance test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_doctor_maint.plugin.allure import COMMIT_VARIABLES, commit, in_short, joined, readable


class Plain:
    """An object without a repr of its own."""


@dataclass
class Record:
    made: object


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        (3, "3"),
        (None, "None"),
        (Plain, "Plain"),
        (Plain(), "Plain"),
        (len, "len"),
        ({"a": Plain()}, "{a: Plain}"),
        ([1, (Plain(),)], "[1, [Plain]]"),
        ({"b", "a", "c"}, "[a, b, c]"),
        (Record(Plain()), "Record(made=Plain)"),
    ],
)
def test_a_parameter_reads_the_same_in_each_run(value: object, text: str) -> None:
    assert readable(value) == text


def test_a_function_reads_as_its_name() -> None:
    made: Callable[[], int] = lambda: 1  # noqa: E731 - what is tested
    assert readable(made).endswith("<lambda>")


FAILURE = """Failed: 2 of 39 claims fail

VIOLATED: downtime_is_zero
  no service for 12 s; allowed: 0 s
    about 10.0.0.9, at 00:02
      31  00:00:19.000  |
UNKNOWN: scale_is_restored
  the history breaks off
seed: 1"""


def test_a_failure_in_short_has_what_was_seen_of_each_claim() -> None:
    assert in_short(FAILURE).splitlines() == [
        "Failed: 2 of 39 claims fail",
        "",
        "VIOLATED: downtime_is_zero",
        "  no service for 12 s; allowed: 0 s",
        "UNKNOWN: scale_is_restored",
        "  the history breaks off",
        "seed: 1",
    ]


def test_any_other_message_is_whole() -> None:
    message = "AssertionError: assert 1 == 2\n  Differing items:\n    1 != 2"
    assert in_short(message) == message


def test_the_environment_is_ascii_and_lists_what_differs_once() -> None:
    first = joined("", {"cloud": "Zürich\\1", "seed": "1"})
    again = joined(first, {"cloud": "Zürich\\1", "seed": "2", "commit": "a=b"})
    assert first == "cloud=Z\\u00fcrich\\\\1\nseed=1\n"
    assert again == "cloud=Z\\u00fcrich\\\\1\nseed=1 | 2\ncommit=a=b\n"


def test_a_ci_system_names_the_commit_and_a_folder_that_is_no_checkout_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in COMMIT_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit(tmp_path) == ""
    monkeypatch.setenv("CI_COMMIT_SHA", "c0ffee")
    assert commit(tmp_path) == "c0ffee"
