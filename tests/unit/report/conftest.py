from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_doctor_maint.history import Event, History

SAVED = Path(__file__).parent / "histories" / "full_cloud.jsonl"


@pytest.fixture
def saved() -> Path:
    """Where the run is saved in which everything went right."""
    return SAVED


@pytest.fixture
def good() -> History:
    """A run of three computes in which everything went right."""
    return History.load(SAVED)


@pytest.fixture
def bad(good: History) -> History:
    """The same run without the switch-over before the first planned compute, and without the answer to DOWN_SCALE."""
    events = good.events
    planned = next(event for event in events if event.data.get("state") == "PLANNED_MAINTENANCE")
    missing = (
        next(event for event in events if event.kind == "floating_ip" and event.seq > planned.seq),
        next(event for event in events if event.data.get("state") == "ACK_DOWN_SCALE"),
    )
    return History(events=[_said_nothing(event) if event in missing else event for event in events])


def _said_nothing(event: Event) -> Event:
    """An event in its place that means nothing, so that the numbers of all others stay."""
    return replace(event, kind="alarm.deleted", data={"alarm_id": "none", "project_id": "none"})
