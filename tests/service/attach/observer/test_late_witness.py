"""Under load, much time may pass between Aodh's two calls for one notification: to the actor and to the witness."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_doctor_maint.attach.relay import AlarmRelay
from pytest_doctor_maint.attach.watched_history import WatchedHistory
from pytest_doctor_maint.attach.witness import Witness
from pytest_doctor_maint.claims import Outcome, judge
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import SCHEDULED_EVENT
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpServer, HttpSession, Request, route
from tests.support.alarm_bodies import Json, alarm_body

#: Seconds between the two calls: longer than any timeout that an implementation could use instead of a match.
LATE = 10.0


class _AppManager(App):
    @route("POST", "/maintenance")
    def alarm(self, request: Request) -> Answer:
        return {}


class Stage:
    """An admin tool and an app manager that run elsewhere: Aodh calls a relay and a witness for them."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(1)
        self.history = WatchedHistory(self.clock)
        self.elsewhere = HttpServer(_AppManager(), name="elsewhere", clock=self.clock).start()
        self.relay = AlarmRelay(
            self.elsewhere.url, self.clock, self.history, actor="app_manager", subscriber_id="project-1"
        )
        self.relay.start()
        self.witness = Witness(self.clock, self.history).start()
        self.http = HttpSession(self.clock)

    def close(self) -> None:
        parts = (self.relay, self.witness, self.elsewhere)
        for part in parts:
            part.stop()
        self.clock.stop()
        for part in parts:
            part.join()
        self.http.close()

    def message(self, message_id: str) -> Json:
        """Return an alarm about one instance; all have the same content except for the message id."""
        traits = {
            "session_id": "s1",
            "project_id": "project-1",
            "state": "INSTANCE_ACTION_DONE",
            "instance_ids": "['i1']",
        }
        return alarm_body(SCHEDULED_EVENT, traits, message_id=message_id)

    def call_actor(self, message_id: str) -> None:
        assert self.http.post(self.relay.alarms.new_url(), json=self.message(message_id)).status_code == 200

    def call_witness(self, message_id: str) -> None:
        assert self.http.post(self.witness.alarms.new_url(), json=self.message(message_id)).status_code == 200


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()
    assert made.clock.failures == []


def each_arrived_once(stage: Stage, count: int) -> None:
    sent = stage.history.of(kinds.NOTIFICATION)
    arrived = stage.history.of(kinds.ALARM)
    assert [alarm.cause for alarm in arrived] == [event.seq for event in sent]
    assert len(sent) == count
    verdict = judge(stage.history, ["messages_reach_their_project"]).of("messages_reach_their_project")
    assert verdict.outcome is Outcome.HOLDS, verdict


def test_a_witness_that_is_called_long_after_the_actor(stage: Stage) -> None:
    stage.call_actor("m1")
    stage.clock.sleep(LATE)
    stage.call_witness("m1")
    each_arrived_once(stage, 1)


def test_a_message_with_the_content_of_an_earlier_one_is_not_taken_for_it(stage: Stage) -> None:
    """The same instance is moved twice, so two messages have the same content."""
    for message_id in ("m1", "m2"):
        stage.call_actor(message_id)
        stage.clock.sleep(LATE)
    for message_id in ("m1", "m2"):
        stage.call_witness(message_id)
    each_arrived_once(stage, 2)


def test_an_actor_that_is_called_long_after_the_witness(stage: Stage) -> None:
    for message_id in ("m1", "m2"):
        stage.call_witness(message_id)
    stage.clock.sleep(LATE)
    for message_id in ("m1", "m2"):
        stage.call_actor(message_id)
    each_arrived_once(stage, 2)
