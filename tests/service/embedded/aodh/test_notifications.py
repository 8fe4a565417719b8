"""Notifications on their way from a notifier over the notification bus to an alarm."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from openstack.connection import Connection

from pytest_doctor_maint.openstack.alarms import subscribe
from pytest_doctor_maint.openstack.connection import connect, disconnect
from pytest_doctor_maint.openstack.notifier import HttpNotifier
from pytest_doctor_maint.simtime.clock import SimulatedClock
from tests.support.aodh import AodhLab, running_lab
from tests.support.json import Json

GOOD = {"event_type": "maintenance.scheduled", "publisher_id": "me", "payload": {"project_id": "p1"}}
PAYLOAD = {"session_id": "s1", "project_id": "p1", "state": "MAINTENANCE"}


def test_notifications_are_taken_from_admins_only(lab: AodhLab) -> None:
    lab.alarm()
    assert lab.call("POST", "/notifications/", GOOD, who="thief").status_code == 401
    refused = lab.call("POST", "/notifications/", GOOD, who="ann")
    assert (refused.status_code, list(refused.json())) == (403, ["error"])
    lab.clock.sleep(1)
    assert lab.subscriber.calls == []
    assert lab.call("POST", "/notifications/", GOOD, who="admin").status_code == 202
    lab.clock.sleep(1)
    (call,) = lab.subscriber.calls
    assert call["reason_data"]["event"]["traits"][0] == ["service", 1, "me"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**GOOD, "event_type": None}, "event_type"),
        ({**GOOD, "event_type": ""}, "event_type"),
        ({**GOOD, "event_type": 5}, "event_type"),
        ({**GOOD, "publisher_id": 5}, "publisher_id"),
        ({**GOOD, "payload": None}, "payload"),
        ({**GOOD, "payload": []}, "payload"),
        ({**GOOD, "payload": {"project_id": "p1", "actions_at": "soon"}}, "payload: actions_at"),
        ({**GOOD, "payload": {"project_id": "p1", "reply_at": 5}}, "payload: reply_at"),
        ({**GOOD, "colour": "red"}, "'colour'"),
        ([], "object"),
        (None, "JSON"),
    ],
)
def test_a_bad_notification_is_refused_with_the_reason(lab: AodhLab, body: Json, words: str) -> None:
    lab.alarm()
    answer = lab.call("POST", "/notifications/", body, who="admin")
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    lab.clock.sleep(1)
    assert lab.subscriber.calls == []


class Emitting(NamedTuple):
    """A lab with Keystone's own tokens, and a notifier of an admin."""

    lab: AodhLab
    notifier: HttpNotifier
    connection: Connection


@pytest.fixture
def emitting() -> Iterator[Emitting]:
    with running_lab(SimulatedClock(1), own_tokens=False) as lab:
        connection = connect(
            lab.clock, auth_url=lab.cloud.auth_url, username="admin", password="admin", project_name="admin"
        )
        yield Emitting(lab, HttpNotifier(connection, lab.history), connection)
        disconnect(connection)


def test_a_notification_is_recorded_and_sent_in_one_request(emitting: Emitting) -> None:
    lab, emitter, connection = emitting
    project_id = lab.cloud.keystone.admin_project_id
    subscribe(connection, name="all", event_type="maintenance.*", url=f"{lab.subscriber_url}/alarm")
    sent = lab.clock.requests
    at = datetime(2030, 1, 1, 12, tzinfo=UTC)
    emitter.emit("maintenance.scheduled", {**PAYLOAD, "project_id": project_id, "actions_at": at, "reply_at": None})
    emitter.emit("maintenance.host", {**PAYLOAD, "project_id": project_id, "host": "compute-1"})
    assert lab.clock.requests == sent + 2
    lab.clock.sleep(1)
    scheduled, host = lab.history.of("notification", actor="admin_tool")
    assert dict(scheduled.data) == {
        "event_type": "maintenance.scheduled",
        **PAYLOAD,
        "project_id": project_id,
        "actions_at": "2030-01-01 12:00:00",
        "reply_at": None,
    }
    assert host.data["host"] == "compute-1"
    events = [call["reason_data"]["event"] for call in lab.subscriber.calls]
    delivered = dict(zip(lab.subscriber.causes, events, strict=True))
    assert {cause: event["event_type"] for cause, event in delivered.items()} == {
        scheduled.seq: "maintenance.scheduled",
        host.seq: "maintenance.host",
    }
    traits = delivered[scheduled.seq]["traits"]
    assert ["actions_at", 4, "2030-01-01T12:00:00"] in traits
    assert ["service", 1, "maintenance"] in traits


def test_an_incomplete_payload_is_neither_recorded_nor_sent(emitting: Emitting) -> None:
    lab, emitter, _ = emitting
    with pytest.raises(ValueError, match="session_id"):
        emitter.emit("maintenance.scheduled", {"project_id": "p1", "state": "MAINTENANCE"})
    assert lab.history.of("notification") == ()
    assert lab.clock.requests == 0


def test_the_same_seed_delivers_in_the_same_order() -> None:
    def order(seed: int) -> list[str]:
        with running_lab(SimulatedClock(seed)) as lab:
            for name in "abcdefgh":
                lab.alarm(name=name)
            lab.publish({"project_id": "p1"})
            return lab.subscriber.names

    orders = {seed: order(seed) for seed in (1, 2, 3)}
    assert orders[1] == order(1)
    assert len({tuple(names) for names in orders.values()}) > 1
