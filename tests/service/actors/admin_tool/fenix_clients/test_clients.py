"""Whole sessions with VNFMs that deviate from Fenix's reference: Fenix serves them, and every claim holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import SCHEDULED_EVENT
from pytest_doctor_maint.testbed.scenario import Scenario

LAYOUTS: dict[str, Callable[[Scenario], Scenario]] = {
    "full": lambda given: given.on(3).full(),
    "five full": lambda given: given.on(5).full_with_act_on(0),
    "room": lambda given: given.on(4).with_room_but_no_empty_compute(),
    "two empty": lambda given: given.on(5).with_empty_computes(2),
}


def doubts(history: History) -> dict[str, str]:
    return {each.claim: each.summary for each in judge(history).failed()}


def sent(history: History, word: str) -> int:
    return len(history.of(kinds.NOTIFICATION, event_type=SCHEDULED_EVENT, state=word))


@pytest.mark.parametrize(("layout", "seed"), [*((layout, 1) for layout in LAYOUTS), ("five full", 2), ("room", 3)])
def test_known_vnfms_are_served(given: Scenario, layout: str, seed: int) -> None:
    history = LAYOUTS[layout](given).where(seed=seed).carry_out().history
    last = history.of(kinds.SESSION_STATE)[-1].data
    assert last["state"] == "MAINTENANCE_DONE", last
    assert not history.of(kinds.REPLY_REFUSED)
    assert doubts(history) == {}
    # The history has one word for an action, whichever spelling a client uses.
    assert {event.data["migration_type"] for event in history.of(kinds.CONSTRAINT_INSTANCE)} == {"MIGRATE"}


def test_a_vnfm_that_removes_one_instance_at_a_time_is_asked_until_it_is_enough(given_tacker: Scenario) -> None:
    history = given_tacker.on(3).full().carry_out().history
    assert sent(history, "SCALE_IN") == 2
    scaled = [event for event in history.of(kinds.SERVER, status="DELETED") if event.at < history.events[-1].at]
    assert len(scaled) >= 2


def test_a_reply_that_is_sent_twice_counts_once(given_tacker: Scenario) -> None:
    """Each reply about an instance is sent twice, and messages that need no reply get one: neither has an effect."""
    history = given_tacker.on(4).with_one_empty_compute().carry_out().history
    replies = Counter(event.data["state"] for event in history.of(kinds.REPLY))
    moved = sent(history, "INSTANCE_ACTION_DONE")
    assert moved == sent(history, "PLANNED_MAINTENANCE") == 6
    assert replies["ACK_PLANNED_MAINTENANCE"] == 2 * moved
    assert replies["ACK_INSTANCE_ACTION_DONE"] == moved
    assert doubts(history) == {}
