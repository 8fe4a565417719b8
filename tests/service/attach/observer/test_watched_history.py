"""A history that looks at the cloud before each message, and finds the notification behind each alarm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pytest_doctor_maint.attach.watched_history import WatchedHistory
from pytest_doctor_maint.history import Event, kinds
from tests.support.observed_cloud import ObservedCloud

MESSAGE: dict[str, object] = {
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


def notify(history: WatchedHistory, **changes: object) -> Event:
    """Record a notification as an admin tool in this process does."""
    return history.append("admin_tool", kinds.NOTIFICATION, {**MESSAGE, **changes})


def alarm(history: WatchedHistory, actor: str = "app_manager", **changes: object) -> Event:
    """Record an alarm as an actor or a relay does."""
    return history.append(actor, kinds.ALARM, {**MESSAGE, "subscriber_id": "p1", **changes})


# -- the look ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WIRE)
def test_the_cloud_is_looked_at_before_a_message_is_recorded(lab: ObservedCloud, kind: str) -> None:
    lab.seen.observer = lab.observer
    lab.observer.start()
    lab.service("compute-1", status="disabled")
    event = lab.seen.append("someone", kind, dict.fromkeys(kinds.kind(kind).required, "x"))
    (disabled,) = lab.seen.of(kinds.COMPUTE, status="disabled")
    assert (disabled.seq, disabled.at) == (event.seq - 1, event.at)


def test_the_cloud_is_not_looked_at_for_anything_else(lab: ObservedCloud) -> None:
    lab.seen.observer = lab.observer
    lab.observer.start()
    lab.service("compute-1", status="disabled")
    lab.tap.asked.clear()
    for kind in {each.name for each in kinds.all_kinds()} - set(WIRE):
        lab.seen.append("someone", kind, dict.fromkeys(kinds.kind(kind).required, "x"))
    assert lab.tap.asked == []


@pytest.mark.parametrize("kind", WIRE)
def test_a_message_has_the_moment_before_the_look(lab: ObservedCloud, kind: str) -> None:
    """The look takes 1.5 s; its events have a later time than the message, and are recorded before it."""
    lab.watch_slowly(1.5)
    lab.service("compute-1", status="disabled")
    began = lab.clock.now()
    event = lab.seen.append("someone", kind, dict.fromkeys(kinds.kind(kind).required, "x"))
    (disabled,) = lab.seen.of(kinds.COMPUTE, status="disabled")
    assert event.at == began
    assert disabled.seq == event.seq - 1
    assert disabled.at == lab.clock.now() >= began + timedelta(seconds=1.5)


def test_a_given_moment_is_kept(lab: ObservedCloud) -> None:
    lab.seen.observer = lab.observer
    lab.observer.start()
    moment = lab.clock.now() - timedelta(seconds=3)
    data = dict.fromkeys(kinds.kind(kinds.REPLY).required, "x")
    assert lab.seen.append("someone", kinds.REPLY, data, at=moment).at == moment


# -- the notification behind an alarm ----------------------------------------------------------------------------------


def test_without_an_observer_it_is_a_history_like_any_other(lab: ObservedCloud) -> None:
    notification = notify(lab.seen)
    assert alarm(lab.seen).cause == notification.seq
    assert [event.kind for event in lab.seen] == [kinds.NOTIFICATION, kinds.ALARM]


def test_an_alarm_follows_from_its_notification(lab: ObservedCloud) -> None:
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
def test_an_alarm_does_not_follow_from_a_notification_of_something_else(
    lab: ObservedCloud, other: dict[str, object]
) -> None:
    notify(lab.seen, **other)
    began = lab.clock.now()
    assert alarm(lab.seen).cause is None
    assert lab.clock.now() == began


@pytest.mark.parametrize("nothing", [None, [], ""])
def test_an_absent_value_is_absent_in_each_form_in_which_it_is_sent(lab: ObservedCloud, nothing: object) -> None:
    meant = notify(lab.seen, instance_ids=None)
    assert alarm(lab.seen, instance_ids=nothing).cause == meant.seq


def test_the_other_fields_of_a_message_do_not_matter(lab: ObservedCloud) -> None:
    meant = notify(lab.seen, actions_at="2030-01-01 00:00:10", metadata={"a": 1})
    assert alarm(lab.seen, actions_at="2030-01-01T00:00:10", metadata="{'a': 1}").cause == meant.seq


@pytest.mark.parametrize("message_ids", [("", ""), ("m1", "m2")], ids=["without ids", "with ids"])
def test_two_notifications_of_one_content_arrive_in_their_order(
    lab: ObservedCloud, message_ids: tuple[str, str]
) -> None:
    emitted = [notify(lab.seen).seq, notify(lab.seen).seq]
    assert [alarm(lab.seen, message_id=each).cause for each in message_ids] == emitted


def test_a_second_delivery_follows_from_the_last_notification_of_its_content(lab: ObservedCloud) -> None:
    emitted = [notify(lab.seen).seq, notify(lab.seen).seq]
    assert [alarm(lab.seen).cause for _ in range(4)] == [*emitted, emitted[1], emitted[1]]


def test_a_second_delivery_with_an_id_follows_from_the_same_notification(lab: ObservedCloud) -> None:
    emitted = [notify(lab.seen).seq, notify(lab.seen).seq]
    causes = [alarm(lab.seen, message_id=each).cause for each in ("m1", "m1", "m2", "m1")]
    assert causes == [emitted[0], emitted[0], emitted[1], emitted[0]]


def test_each_actor_sees_each_notification(lab: ObservedCloud) -> None:
    emitted = [notify(lab.seen).seq, notify(lab.seen).seq]
    assert [alarm(lab.seen).cause, alarm(lab.seen, "inspector").cause] == [emitted[0], emitted[0]]
    assert [alarm(lab.seen, "inspector").cause, alarm(lab.seen).cause] == [emitted[1], emitted[1]]


# -- where the admin tool runs elsewhere -------------------------------------------------------------------------------


@pytest.fixture
def witnessed(lab: ObservedCloud) -> WatchedHistory:
    """Return a history whose notifications are recorded where they arrive."""
    lab.seen.is_witnessed = True
    return lab.seen


def witness(history: WatchedHistory, **changes: object) -> Event:
    """Record a notification as the witness does."""
    return history.append_witnessed({**MESSAGE, **changes})


@pytest.mark.parametrize("message_id", ["m1", ""], ids=["with an id", "without an id"])
def test_an_alarm_before_the_witness_records_the_notification(witnessed: WatchedHistory, message_id: str) -> None:
    arrived = alarm(witnessed, message_id=message_id)
    found = witness(witnessed, message_id=message_id)
    (notification,) = witnessed.of(kinds.NOTIFICATION)
    assert arrived.cause == notification.seq == found.seq
    assert notification.actor == "admin_tool"
    assert "subscriber_id" not in notification.data


@pytest.mark.parametrize("message_id", ["m1", ""], ids=["with an id", "without an id"])
def test_an_alarm_after_the_witness_finds_the_notification(witnessed: WatchedHistory, message_id: str) -> None:
    notification = witness(witnessed, message_id=message_id)
    assert alarm(witnessed, message_id=message_id).cause == notification.seq
    assert len(witnessed.of(kinds.NOTIFICATION)) == 1


def test_an_alarm_never_waits_for_the_witness(lab: ObservedCloud, witnessed: WatchedHistory) -> None:
    witness(witnessed, state="MAINTENANCE", message_id="m0")
    began = lab.clock.now()
    assert alarm(witnessed, message_id="m1").at == began == lab.clock.now()


def test_a_second_delivery_to_the_witness_is_not_a_second_notification(witnessed: WatchedHistory) -> None:
    first = witness(witnessed, message_id="m1")
    assert witness(witnessed, message_id="m1") == first
    assert witness(witnessed, message_id="m2") != first
    assert len(witnessed.of(kinds.NOTIFICATION)) == 2


def test_without_an_id_a_second_delivery_to_the_witness_is_a_second_notification(witnessed: WatchedHistory) -> None:
    """A notification too many is better than one that was sent and is missing."""
    assert witness(witnessed) != witness(witnessed)


def test_the_host_by_which_the_admin_tool_calls_itself_is_admin_tool_in_the_history(witnessed: WatchedHistory) -> None:
    url = "http://10.0.0.5:12347/maintenance/s1/p1"
    arrived = alarm(witnessed, instance_ids=url, message_id="m1")
    found = witness(witnessed, instance_ids=url, message_id="m1")
    assert arrived.cause == found.seq
    assert arrived.data["instance_ids"] == found.data["instance_ids"] == "http://admin_tool/maintenance/s1/p1"


def test_actors_and_witness_at_once_record_one_notification(lab: ObservedCloud, witnessed: WatchedHistory) -> None:
    lab.seen.observer = lab.observer
    lab.observer.start()
    tasks = [
        lab.clock.spawn(lambda: alarm(witnessed, message_id="m1"), "app_manager"),
        lab.clock.spawn(lambda: witness(witnessed, message_id="m1"), "witness"),
        lab.clock.spawn(lambda: alarm(witnessed, "inspector", message_id="m1"), "inspector"),
    ]
    for task in tasks:
        task.join()
    (notification,) = witnessed.of(kinds.NOTIFICATION)
    assert [event.cause for event in witnessed.of(kinds.ALARM)] == [notification.seq] * 2
