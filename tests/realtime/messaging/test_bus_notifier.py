"""The notifier of the message bus: what arrives, and what happens when the broker does not accept it."""

from __future__ import annotations

import json
import queue
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Protocol
from uuid import uuid4

import pytest

from pytest_doctor_maint.embedded.aodh.events import traits_of
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack import bus_notifier
from pytest_doctor_maint.openstack.bus_notifier import BusNotifier
from pytest_doctor_maint.openstack.listener import NotificationListener
from pytest_doctor_maint.openstack.notifier import NotificationLost
from pytest_doctor_maint.openstack.transport import Transport
from pytest_doctor_maint.simtime.clock import ClockStopped, WallClock
from tests.support.broker import Relay

PATIENCE = 60.0

Payload = dict[str, object]
#: A notification: its event type, its payload and its publisher.
Heard = tuple[str, Mapping[str, object], str]
#: Returns the next notification of the test's session that a listener at the broker gets.
Hear = Callable[[], Heard]


class Make(Protocol):
    """Makes a notifier for a URL."""

    def __call__(self, url: str, *, publisher_id: str | None = None) -> BusNotifier:
        """Make one; it is closed at the end of the test."""


@pytest.fixture
def session_id() -> str:
    """A unique id: the broker keeps messages of other tests that no listener has received."""
    return str(uuid4())


@pytest.fixture
def payload(session_id: str) -> Payload:
    return {"session_id": session_id, "project_id": "p1", "state": "MAINTENANCE"}


@pytest.fixture
def clock() -> Iterator[WallClock]:
    clock = WallClock()
    yield clock
    clock.stop()


@pytest.fixture
def history(clock: WallClock) -> History:
    return History(clock.now)


@pytest.fixture
def make(clock: WallClock, history: History) -> Iterator[Make]:
    made: list[BusNotifier] = []

    def make_one(url: str, *, publisher_id: str | None = None) -> BusNotifier:
        made.append(BusNotifier(Transport(url), history, clock, publisher_id=publisher_id))
        return made[-1]

    yield make_one
    for notifier in made:
        notifier.close()


@pytest.fixture
def hear(broker: str, session_id: str) -> Iterator[Hear]:
    heard: queue.Queue[Heard] = queue.Queue()

    def publish(event_type: str, payload: Mapping[str, object], publisher_id: str | None) -> None:
        if payload["session_id"] == session_id:
            heard.put((event_type, payload, publisher_id or ""))

    listener = NotificationListener(Transport(broker), publish)
    listener.start()
    yield lambda: heard.get(timeout=PATIENCE)
    listener.stop()


def test_a_notification_is_recorded_and_arrives(
    broker: str, make: Make, hear: Hear, history: History, payload: Payload
) -> None:
    notifier = make(broker, publisher_id="maintenance.lab")
    more = {
        "instance_ids": ["a", "b"],
        "metadata": {"openstack_version": "2026.1"},
        "reply_at": None,
        "percent_done": 5,
    }
    notifier.emit("maintenance.scheduled", {**payload, **more, "actions_at": datetime(2030, 1, 1, 12, tzinfo=UTC)})
    plain = {**payload, **more, "actions_at": "2030-01-01 12:00:00"}
    assert hear() == ("maintenance.scheduled", plain, "maintenance.lab")
    (event,) = history.of(kinds.NOTIFICATION, actor="admin_tool")
    assert json.loads(event.to_json())["data"] == {"event_type": "maintenance.scheduled", **plain}
    traits = traits_of(plain, "maintenance.lab")
    assert ("service", 1, "maintenance.lab") in traits
    assert ("actions_at", 4, "2030-01-01T12:00:00") in traits


@pytest.mark.parametrize("driver", ["messaging", "messagingv2"])
def test_a_notification_with_times_arrives_by_both_drivers(
    broker: str, hear: Hear, payload: Payload, driver: str
) -> None:
    """Fenix hands datetimes to oslo.messaging, whose driver ``messaging`` passes them on as they are."""
    transport = Transport(broker)
    notifier = transport.messaging.Notifier(transport.bus, "fenix", driver=driver, topics=["notifications"])
    moment = datetime(2030, 1, 1, 12, 0, 0)
    notifier.info({}, "maintenance.scheduled", {**payload, "actions_at": moment, "metadata": {"since": moment}})
    _, heard, _ = hear()
    transport.close()
    assert str(heard["actions_at"]).replace("T", " ")[:19] == "2030-01-01 12:00:00"
    assert ("actions_at", 4, "2030-01-01T12:00:00") in traits_of(heard)
    assert json.loads(json.dumps(heard)) == heard


def test_its_publisher_is_named_after_the_machine(broker: str, make: Make, hear: Hear, payload: Payload) -> None:
    make(broker).emit("maintenance.host", {**payload, "host": "compute-1"})
    assert hear()[2] == f"maintenance.{socket.gethostname()}"


def test_an_incomplete_payload_is_neither_recorded_nor_sent(
    broker: str, make: Make, hear: Hear, history: History, payload: Payload
) -> None:
    notifier = make(broker)
    with pytest.raises(ValueError, match="project_id"):
        notifier.emit("maintenance.scheduled", {"session_id": payload["session_id"], "state": "MAINTENANCE"})
    assert history.of(kinds.NOTIFICATION) == ()
    notifier.emit("maintenance.scheduled", payload)
    assert hear()[1] == payload


def test_the_sockets_go_back(relay: Relay, make: Make, hear: Hear, payload: Payload) -> None:
    notifier = make(relay.url)
    assert relay.is_left(), "the check of the bus leaves nothing open"
    notifier.emit("maintenance.scheduled", payload)
    assert relay.pairs
    notifier.close()
    assert relay.is_left()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("notification")]


def test_a_broker_that_goes_away(
    relay: Relay,
    make: Make,
    hear: Hear,
    history: History,
    payload: Payload,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    notifier = make(relay.url)
    notifier.emit("maintenance.scheduled", payload)
    relay.cut()
    began = monotonic()
    with pytest.raises(NotificationLost, match=r"maintenance\.host did not reach the message bus at 127.*") as caught:
        notifier.emit("maintenance.host", payload)
    assert monotonic() - began < bus_notifier.PATIENCE
    assert "refused" in str(caught.value)
    # It was emitted, whether or not it arrived.
    assert [event.data["event_type"] for event in history.of(kinds.NOTIFICATION)][-1] == "maintenance.host"
    notifier.close()
    printed = [caplog.text, *capfd.readouterr(), *traceback.format_exception(caught.value)]
    assert "unreachable" in caplog.text
    assert "s3cret" not in "".join(printed)


def test_a_broker_that_is_silent(
    relay: Relay, make: Make, hear: Hear, payload: Payload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_notifier, "PATIENCE", 1.0)
    notifier = make(relay.url)
    notifier.emit("maintenance.scheduled", payload)
    assert hear()[0] == "maintenance.scheduled"
    relay.freeze()
    began = monotonic()
    with pytest.raises(NotificationLost, match="the broker did not accept it within 1 s"):
        notifier.emit("maintenance.host", payload)
    assert monotonic() - began < 10.0
    relay.thaw()
    # The broker had received it and had not acknowledged it.
    assert hear()[0] == "maintenance.host"
    wait_for_the_sender()


def test_the_end_of_the_clock_ends_the_wait(
    relay: Relay, make: Make, hear: Hear, clock: WallClock, payload: Payload
) -> None:
    notifier = make(relay.url)
    relay.freeze()
    failures: list[BaseException] = []
    clock.on_failure = lambda failure: failures.append(failure.error)
    ended = threading.Event()

    def emit() -> None:
        try:
            notifier.emit("maintenance.host", payload)
        except ClockStopped:
            ended.set()
            raise

    clock.spawn(emit, "emits")
    clock.stop()
    assert ended.is_set()
    assert failures == []
    relay.thaw()
    wait_for_the_sender()


def test_a_password_is_not_shown_however_it_is_written(broker: str) -> None:
    """Clients of the bus write their own URL, in which the password may be quoted."""
    transport = Transport(broker)
    transport._passwords = ["p/w d"]
    error = ValueError("amqp://doctor:p/w%20d@lab amqp://doctor:p%2Fw%20d@lab 'p/w d'")
    assert transport.reason(error) == "amqp://doctor:***@lab amqp://doctor:***@lab '***'"
    assert transport.reason(TimeoutError()) == "TimeoutError"
    transport.close()


def wait_for_the_sender() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("notification"):
            thread.join(PATIENCE)
            assert not thread.is_alive()
