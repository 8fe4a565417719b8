"""The relay records alarms, and passes them on to the actor unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from pytest_doctor_maint.attach.relay import AlarmRelay
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.report import failure_text
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpError, HttpServer, HttpSession, Request, route
from tests.support.alarm_bodies import Json, alarm_body


class Actor(App):
    """An actor elsewhere: it keeps the alarms, and answers as the test says."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__()
        self.clock = clock
        self.got: list[Json] = []
        self.answer: Answer = {"heard": True}
        self.thinks = 0.0

    @route("POST", "/hooks/alarm")
    @route("POST", "/maintenance")
    def alarm(self, request: Request) -> Answer:
        self.got.append(request.json_object())
        self.clock.sleep(self.thinks)
        if isinstance(self.answer, tuple) and self.answer[0] == 500:
            raise HttpError(500, "out of order")
        return self.answer


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    made = SimulatedClock()
    yield made
    made.stop()


@pytest.fixture
def history(clock: SimulatedClock) -> History:
    return History(clock.now)


@pytest.fixture
def actor(clock: SimulatedClock) -> Actor:
    return Actor(clock)


@pytest.fixture
def elsewhere(clock: SimulatedClock, actor: Actor) -> Iterator[HttpServer]:
    server = HttpServer(actor, name="elsewhere", clock=clock)
    server.start()
    yield server
    server.stop()


Post = Callable[..., requests.Response]


@pytest.fixture
def post(clock: SimulatedClock, history: History, elsewhere: HttpServer) -> Iterator[Post]:
    """Return a function that calls the relay as Aodh does."""
    relay = AlarmRelay(f"{elsewhere.url}/hooks/alarm", clock, history, actor="app_manager", subscriber_id="project-1")
    relay.start()
    url = relay.alarms.new_url()
    with HttpSession(clock) as session:
        yield lambda body: session.post(url, json=body)
    relay.stop()
    clock.stop()
    relay.join()
    elsewhere.join()


def alarm(**traits: str) -> Json:
    """Return the body of an alarm; an empty trait is left out."""
    message = {
        "session_id": "s",
        "project_id": "project-1",
        "state": "MAINTENANCE",
        "allowed_actions": "['MIGRATE']",
        **traits,
    }
    present = {name: value or None for name, value in message.items()}
    times = {"actions_at": 4, "reply_at": 4}
    return alarm_body("maintenance.scheduled", present, generated="", kinds=times)


def test_an_alarm_is_recorded_and_passed_on_as_it_came(post: Post, history: History, actor: Actor) -> None:
    body = alarm(actions_at="2030-01-01T00:00:30", reply_at="2030-01-01T00:00:20.000000")
    answer = post(body)
    assert (answer.status_code, answer.json()) == (200, {"heard": True})
    assert actor.got == [body]
    (event,) = history.of(kinds.ALARM)
    assert event.actor == "app_manager"
    assert event.data["subscriber_id"] == "project-1"
    assert event.data["event_type"] == "maintenance.scheduled"
    assert event.data["message_id"] == "m"
    assert (event.data["state"], event.data["allowed_actions"]) == ("MAINTENANCE", ("MIGRATE",))
    # In the format of the protocol.
    assert (event.data["actions_at"], event.data["reply_at"]) == ("2030-01-01 00:00:30", "2030-01-01 00:00:20")
    assert not history.of(kinds.ALARM_REFUSED)


@pytest.mark.parametrize("ending", ["", "/", "/maintenance"])
def test_an_actor_without_a_path_takes_alarms_at_the_path_of_doctors_actors(
    clock: SimulatedClock, history: History, elsewhere: HttpServer, actor: Actor, ending: str
) -> None:
    relay = AlarmRelay(f"{elsewhere.url}{ending}", clock, history, actor="inspector", subscriber_id="project-1")
    relay.start()
    with HttpSession(clock) as session:
        assert session.post(relay.alarms.new_url(), json=alarm()).status_code == 200
    assert len(actor.got) == 1
    relay.stop()
    elsewhere.stop()
    clock.stop()
    relay.join()
    elsewhere.join()


def test_it_is_recorded_before_the_actor_acts_upon_it(
    post: Post, history: History, actor: Actor, clock: SimulatedClock
) -> None:
    actor.thinks = 40.0
    began = clock.now()
    assert post(alarm()).status_code == 200
    assert (clock.now() - began).total_seconds() == 40.0
    assert history.of(kinds.ALARM)[0].at == began


@pytest.mark.parametrize("status", [400, 404, 500])
def test_an_alarm_that_the_actor_refuses_has_not_reached_it(
    post: Post, history: History, actor: Actor, status: int
) -> None:
    actor.answer = (status, {"error": "no"})
    assert post(alarm()).status_code == status
    (arrived,), (refused,) = history.of(kinds.ALARM), history.of(kinds.ALARM_REFUSED)
    assert (refused.cause, refused.data["status"]) == (arrived.seq, status)


def test_an_actor_that_does_not_answer_has_not_been_reached(
    post: Post, history: History, elsewhere: HttpServer
) -> None:
    elsewhere.stop()
    answer = post(alarm())
    assert answer.status_code == 502
    assert f"the app manager at {elsewhere.url}/hooks/alarm does not answer" in answer.json()["error"]
    (refused,) = history.of(kinds.ALARM_REFUSED)
    assert (refused.data["status"], refused.data["error"]) == (None, answer.json()["error"])


def test_an_actor_that_does_not_answer_is_named_in_the_first_line(clock: SimulatedClock, history: History) -> None:
    url = "http://127.0.0.1:9/maintenance"
    relay = AlarmRelay(url, clock, history, actor="inspector", subscriber_id="project-1")
    relay.start()
    with HttpSession(clock) as session:
        for _ in range(2):
            assert session.post(relay.alarms.new_url(), json=alarm()).status_code == 502
    relay.stop()
    clock.stop()
    relay.join()
    text = failure_text(judge(history), history, None)
    assert text.splitlines()[0] == f"the Inspector at {url} does not answer: Connection refused (2 messages)"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "not the body of an event alarm: alarm_id: Field required"),
        (alarm(session_id=""), "not a message of an admin tool: it has no session_id"),
        (alarm(state="", project_id=""), "not a message of an admin tool: it has no project_id, state"),
    ],
)
def test_what_is_not_a_message_is_not_passed_on(
    post: Post, history: History, actor: Actor, body: Json, complaint: str
) -> None:
    answer = post(body)
    assert (answer.status_code, complaint in answer.json()["error"]) == (400, True), answer.json()
    assert not history.events
    assert not actor.got
