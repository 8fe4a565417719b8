"""A history that looks at the cloud before each message, and finds the notification behind each alarm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pytest_doctor_maint.attach.elsewhere import PATIENCE, WatchedHistory
from pytest_doctor_maint.history import Event, kinds

MESSAGE = {
    "event_type": "maintenance.scheduled",
    "session_id": "s1",
    "project_id": "p1",
    "state": "PLANNED_MAINTENANCE",
    "instance_ids": ["i1"],
}
WIRE = [
    kinds.NOTIFICATION,
    kinds.ALARM,
    kinds.REPLY,
    kinds.SESSION_CREATED,
    kinds.SESSION_STATE,
    kinds.SESSION_DELETED,
    kinds.HOST_WORK,
    kinds.FAULT_MANAGEMENT,
]


def notify(history: WatchedHistory, **changes: Any) -> Event:
    return history.append("admin_tool", kinds.NOTIFICATION, {**MESSAGE, **changes})


def alarm(history: WatchedHistory, actor: str = "app_manager", **changes: Any) -> Event:
    return history.append(actor, kinds.ALARM, {**MESSAGE, "subscriber_id": "p1", **changes})


@pytest.mark.parametrize("kind", WIRE)
def test_the_cloud_is_looked_at_before_a_message_is_recorded(lab: Any, kind: str) -> None:
    lab.seen.observer = lab.observer
    lab.observer.start()
    lab.service("compute-1", status="disabled")
    event = lab.seen.append("someone", kind, dict.fromkeys(kinds.kind(kind).required, "x"))
    (disabled,) = lab.seen.of(kinds.COMPUTE, status="disabled")
    assert (disabled.seq, disabled.at) == (event.seq - 1, event.at)


def test_the_cloud_is_not_looked_at_for_anything_else(lab: Any) -> None:
    lab.seen.observer = lab.observer
    lab.observer.start()
    lab.service("compute-1", status="disabled")
    lab.tap.asked.clear()
    for kind in {each.name for each in kinds.all_kinds()} - set(WIRE):
        lab.seen.append("someone", kind, dict.fromkeys(kinds.kind(kind).required, "x"))
    assert lab.tap.asked == []


def test_without_an_observer_it_is_a_history_like_any_other(lab: Any) -> None:
    notification = notify(lab.seen)
    assert alarm(lab.seen).cause == notification.seq
    assert [event.kind for event in lab.seen] == [kinds.NOTIFICATION, kinds.ALARM]


def test_an_alarm_follows_from_the_notification_that_it_tells_of(lab: Any) -> None:
    before = notify(lab.seen, state="MAINTENANCE")
    meant = notify(lab.seen)
    notify(lab.seen, state="MAINTENANCE_COMPLETE")
    assert alarm(lab.seen).cause == meant.seq
    assert alarm(lab.seen, state="MAINTENANCE").cause == before.seq


@pytest.mark.parametrize(
    "other",
    [
        {"event_type": "maintenance.host"},
        {"session_id": "s2"},
        {"project_id": "p2"},
        {"state": "MAINTENANCE"},
        {"host": "compute-1"},
        {"instance_ids": ["i2"]},
        {"instance_ids": None},
    ],
    ids=lambda other: next(iter(other)),
)
def test_an_alarm_does_not_follow_from_a_notification_of_something_else(lab: Any, other: dict[str, Any]) -> None:
    notify(lab.seen, **other)
    began = lab.clock.now()
    assert alarm(lab.seen).cause is None
    # Nobody else could bring the right one later.
    assert lab.clock.now() == began


@pytest.mark.parametrize("nothing", [None, [], ""])
def test_nothing_is_nothing_in_whichever_form_it_travels(lab: Any, nothing: Any) -> None:
    meant = notify(lab.seen, instance_ids=None)
    assert alarm(lab.seen, instance_ids=nothing).cause == meant.seq


def test_what_else_is_in_a_message_does_not_matter(lab: Any) -> None:
    meant = notify(lab.seen, actions_at="2030-01-01 00:00:10", metadata={"a": 1})
    assert alarm(lab.seen, actions_at="2030-01-01T00:00:10", metadata="{'a': 1}").cause == meant.seq


def test_the_same_words_said_twice_are_told_in_their_order(lab: Any) -> None:
    said = [notify(lab.seen).seq, notify(lab.seen).seq]
    assert [alarm(lab.seen).cause for _ in range(2)] == said


def test_an_alarm_that_comes_a_second_time_follows_from_the_last_one_alike(lab: Any) -> None:
    said = [notify(lab.seen).seq, notify(lab.seen).seq]
    assert [alarm(lab.seen).cause for _ in range(4)] == [*said, said[1], said[1]]


def test_each_actor_is_told_of_each_notification(lab: Any) -> None:
    said = [notify(lab.seen).seq, notify(lab.seen).seq]
    assert [alarm(lab.seen).cause, alarm(lab.seen, "inspector").cause] == [said[0], said[0]]
    assert [alarm(lab.seen, "inspector").cause, alarm(lab.seen).cause] == [said[1], said[1]]


def alarm_meanwhile(lab: Any, **changes: Any) -> list[Event]:
    """An alarm that is recorded in a thread of its own, once it has found its cause."""
    recorded: list[Event] = []
    lab.clock.spawn(lambda: recorded.append(alarm(lab.seen, **changes)), "app_manager")
    return recorded


def test_an_alarm_may_be_earlier_than_the_witness(lab: Any) -> None:
    lab.seen.witnessed = True
    earlier = notify(lab.seen, state="MAINTENANCE")
    recorded = alarm_meanwhile(lab)
    lab.clock.sleep(0.5)
    # What is told of meanwhile does not count.
    notify(lab.seen, state="MAINTENANCE_COMPLETE")
    lab.clock.sleep(0.5)
    assert recorded == []
    meant = notify(lab.seen)
    lab.clock.sleep(0.01)
    assert [event.cause for event in recorded] == [meant.seq]
    assert recorded[0].at == meant.at == earlier.at + timedelta(seconds=1)


def test_an_alarm_that_nobody_emitted_has_no_cause_when_patience_ends(lab: Any) -> None:
    lab.seen.witnessed = True
    began = lab.clock.now()
    notify(lab.seen, state="MAINTENANCE")
    assert alarm(lab.seen).cause is None
    assert (lab.clock.now() - began).total_seconds() == PATIENCE


def test_an_alarm_that_comes_a_second_time_waits_for_a_second_notification(lab: Any) -> None:
    lab.seen.witnessed = True
    first = notify(lab.seen)
    began = lab.clock.now()
    assert alarm(lab.seen).cause == first.seq
    assert lab.clock.now() == began
    recorded = alarm_meanwhile(lab)
    lab.clock.sleep(1)
    second = notify(lab.seen)
    lab.clock.sleep(0.01)
    assert [event.cause for event in recorded] == [second.seq]
    began = lab.clock.now()
    assert alarm(lab.seen).cause == second.seq
    assert (lab.clock.now() - began).total_seconds() == PATIENCE


def test_urls_are_compared_as_the_history_writes_them(lab: Any) -> None:
    """What the admin tool calls itself may be known only from the notification that is waited for."""
    lab.seen.witnessed = True
    url = "http://10.0.0.5:12347/maintenance/s1/p1"
    recorded = alarm_meanwhile(lab, instance_ids=url)
    lab.clock.sleep(0.5)
    lab.seen.alias("http://10.0.0.5:12347", "admin_tool")
    meant = notify(lab.seen, instance_ids=url)
    lab.clock.sleep(0.01)
    assert [(event.cause, event.data["instance_ids"]) for event in recorded] == [
        (meant.seq, "http://admin_tool/maintenance/s1/p1")
    ]


def test_an_alarm_that_is_recorded_meanwhile_keeps_none_waiting(lab: Any) -> None:
    """The notification comes just when it was looked for in vain, and another actor's alarm right after it."""

    class Interrupted(WatchedHistory):
        interrupted = False

        def of(self, *kinds_: str, actor: str | None = None, **data: Any) -> tuple[Event, ...]:
            found = super().of(*kinds_, actor=actor, **data)
            if kinds_ == (kinds.NOTIFICATION,) and not self.interrupted:
                self.interrupted = True
                notify(self)
                alarm(self, "inspector")
            return found

    history = Interrupted(lab.clock)
    history.witnessed = True
    began = lab.clock.now()
    assert alarm(history).cause == 1
    assert lab.clock.now() == began
