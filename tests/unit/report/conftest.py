"""Histories to report about: one in which every claim holds, and one with violations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_doctor_maint.history import History
from tests.support.allure import RecordedAllure, recorded_allure
from tests.support.histories import SAVED, without


@pytest.fixture
def saved() -> Path:
    """The file of a run in which every claim holds."""
    return SAVED


@pytest.fixture
def good() -> History:
    """A run on three computes in which every claim holds."""
    return History.load(SAVED)


@pytest.fixture
def bad(good: History) -> History:
    """The same run without the switch-over before the first planned compute, and without the reply to DOWN_SCALE."""
    (planned, *_) = good.of("notification", state="PLANNED_MAINTENANCE")
    switched_over = next(event for event in good.of("floating_ip") if event.seq > planned.seq)
    (reply,) = good.of("reply", state="ACK_DOWN_SCALE")
    return without(good, [switched_over, reply])


@pytest.fixture
def allure() -> Iterator[RecordedAllure]:
    """An Allure that writes a report of the current test."""
    with recorded_allure() as recorded:
        yield recorded
