"""Patterns of users in Aodh: matched in linear time, of bounded length, and never under the cloud's lock."""

from __future__ import annotations

import json
import threading
import time

import pytest

from pytest_doctor_maint.embedded.patterns import LONGEST, Pattern
from tests.support.aodh import AodhLab, definition
from tests.support.json import Json


def query(pattern: str) -> dict[str, str]:
    return {"filter": json.dumps({"=~": {"name": pattern}})}


@pytest.mark.parametrize("pattern", ["(a+)+$", "(.*a){20}b"])
def test_no_pattern_takes_long(lab: AodhLab, pattern: str) -> None:
    lab.alarm(name="a" * 254 + "!")

    before = time.process_time()
    lab.aodh("POST", "/v2/query/alarms", query(pattern))
    lab.aodh("POST", "/v2/query/alarms/history", {"filter": json.dumps({"=~": {"detail": pattern}})})

    assert time.process_time() - before < 2


@pytest.mark.parametrize("pattern", ["(", "(?=a)", "a" * (LONGEST + 1)])
def test_an_invalid_pattern_is_refused(lab: AodhLab, pattern: str) -> None:
    message = lab.fault("POST", "/v2/query/alarms", query(pattern))

    assert message.startswith("Filter expression not valid: invalid regular expression: ")


def test_patterns_are_matched_without_the_lock(lab: AodhLab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.alarm()
    lock, free = lab.cloud.core.lock, []

    def is_in(self: Pattern, text: str) -> bool:
        def take() -> None:
            free.append(lock.acquire(timeout=1))
            lock.release()

        other = threading.Thread(target=take)
        other.start()
        other.join()
        return True

    monkeypatch.setattr(Pattern, "is_in", is_in)

    assert [alarm["name"] for alarm in lab.aodh("POST", "/v2/query/alarms", query("a"))] == ["a"]
    assert free == [True]


def test_the_glob_of_an_event_type_is_bounded(lab: AodhLab) -> None:
    rule: Json = {"event_type": "*a" * 127 + "*"}
    lab.aodh("POST", "/v2/alarms", definition(event_rule=rule), status=201)

    message = lab.fault("POST", "/v2/alarms", definition(event_rule={"event_type": "*a" * 128}))

    assert message.endswith("It has 256 characters; 255 are allowed.")
