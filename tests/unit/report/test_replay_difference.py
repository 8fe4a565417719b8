"""The first difference of two histories, whatever their ids, addresses and times are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pytest_doctor_maint.history import Event, History
from pytest_doctor_maint.report.replay.difference import Difference, first_difference
from tests.support.histories import without
from tests.support.replays import elsewhere


def with_data(history: History, event: Event, **data: Any) -> History:
    """Return a history with other data of one event."""
    return History(events=[replace(e, data={**e.data, **data}) if e == event else e for e in history])


def renumbered(events: list[Event]) -> History:
    return History(events=[replace(event, seq=seq, cause=None) for seq, event in enumerate(events, start=1)])


def test_a_run_that_another_cloud_recorded_does_not_differ(good: History) -> None:
    other = elsewhere(good)
    assert other.events[-1].at != good.events[-1].at
    assert first_difference(good, good) is None
    assert first_difference(good, other) is None


def test_events_of_one_moment_have_no_order(good: History) -> None:
    events = list(good)
    place = next(
        i for i in range(len(events) - 1) if events[i].at == events[i + 1].at and events[i].kind != events[i + 1].kind
    )
    events[place], events[place + 1] = events[place + 1], events[place]
    assert first_difference(good, renumbered(events)) is None
    assert first_difference(renumbered(events), good) is None


def _another_step(good: History) -> tuple[Event, History]:
    event = good.of("notification", state="DOWN_SCALE")[0]
    return event, with_data(good, event, state="PREPARE_MAINTENANCE")


def _another_host(good: History) -> tuple[Event, History]:
    event = good.of("host.work")[0]
    return event, with_data(good, event, host="compute-9")


def _another_kind(good: History) -> tuple[Event, History]:
    event = good.of("reply", state="ACK_DOWN_SCALE")[0]
    return event, without(good, [event])


def _another_instance(good: History) -> tuple[Event, History]:
    event = good.of("notification", state="ADMIN_ACTION_DONE")[0]
    instances = {server.data["server_id"] for server in good.of("server")} - set(event.data["instance_ids"])
    return event, with_data(good, event, instance_ids=(min(instances),))


def _another_actor(good: History) -> tuple[Event, History]:
    event = good.of("alarm")[-1]
    return event, History(events=[replace(e, actor="inspector~") if e == event else e for e in good])


@pytest.mark.parametrize("change", [_another_step, _another_host, _another_kind, _another_instance, _another_actor])
def test_the_first_event_that_differs_is_found(
    good: History, change: Callable[[History], tuple[Event, History]]
) -> None:
    event, other = change(good)
    found = first_difference(good, elsewhere(other))
    assert found is not None
    assert found.left == event


def test_a_difference_names_the_instances_that_one_event_alone_is_about(good: History) -> None:
    event, other = _another_instance(good)
    found = first_difference(good, other)
    assert found is not None
    names = {server.data["server_id"]: server.data["name"] for server in good.of("server")}
    assert found.only_left == tuple(names[identifier] for identifier in event.data["instance_ids"])
    assert found.only_right == (names[other.events[event.seq - 1].data["instance_ids"][0]],)


def test_a_history_that_ends_earlier_differs_there(good: History) -> None:
    short = History(events=good.events[:60])
    assert first_difference(good, short) == Difference(good.events[60], None)
    assert first_difference(short, good) == Difference(None, good.events[60])


def test_where_a_cloud_is_observed_only_steps_are_compared(good: History) -> None:
    # given an observer who saw only the last state of each server, and no notification
    started = good.of("run.started")[0]
    seen = [
        event for event in good if event.kind not in ("guest", "notification") and event.data.get("task_state") is None
    ]
    observed = renumbered(
        [
            replace(e, data={**e.data, "observed_every": 1.0, "unseen": ["notification"]}) if e == started else e
            for e in seen
        ]
    )
    # then
    assert first_difference(good, observed) is None
    reply = observed.of("reply")[-1]
    found = first_difference(good, without(observed, [reply]))
    assert found is not None
    assert found.left is not None
    assert found.left.data == reply.data
