"""The witness hears, by alarms of its own, what an admin tool elsewhere tells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from pytest_doctor_maint.attach.watched_history import WatchedHistory
from pytest_doctor_maint.attach.witness import Witness
from pytest_doctor_maint.embedded import EmbeddedCloud
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.history.event import parse_timestamp
from pytest_doctor_maint.openstack.alarms import alarms_of
from pytest_doctor_maint.openstack.notifier import HttpNotifier
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, SESSION_EVENT
from tests.support.observed_cloud import ObservedCloud

ELSEWHERE = "http://10.0.0.5:12347"


class Stage:
    """A witness with alarms in the projects ``doctor`` and ``admin``, and an admin tool that tells them things."""

    def __init__(self, lab: ObservedCloud) -> None:
        self.lab = lab
        self.cloud: EmbeddedCloud = lab.cloud
        self.history: WatchedHistory = lab.seen
        self.witness = Witness(lab.clock, lab.seen).start()
        self.url = self.witness.alarm_url
        self.witness.subscribe(lab.admin, lab.project("doctor"), SCHEDULED_EVENT)
        for event_type in (HOST_EVENT, SESSION_EVENT):
            self.witness.subscribe(lab.admin, lab.project("admin"), event_type)
        self.own = History(lab.clock.now)
        self._notifier = HttpNotifier(lab.admin, self.own)

    def message(self, **changes: Any) -> dict[str, Any]:
        moment = self.lab.clock.now() + timedelta(seconds=60.4)
        return {
            "session_id": "s1",
            "project_id": self.lab.project("doctor"),
            "state": "PLANNED_MAINTENANCE",
            "instance_ids": f"{ELSEWHERE}/v1/maintenance/s1/p1",
            "allowed_actions": ["MIGRATE", "OWN_ACTION"],
            "actions_at": moment,
            "reply_at": moment,
            "reply_url": f"{ELSEWHERE}/v1/maintenance/s1/p1",
            "metadata": {"openstack_version": "2026.1"},
            **changes,
        }

    def tell(self, event_type: str = SCHEDULED_EVENT, **payload: Any) -> None:
        """Tell something, and wait until all have heard it."""
        self._notifier.emit(event_type, payload or self.message())
        self.lab.clock.sleep(1)

    def heard(self) -> tuple[Event, ...]:
        return self.history.of(kinds.NOTIFICATION)

    def post(self, body: Any) -> requests.Response:
        answer: requests.Response = self.lab.http.post(self.url, json=body)
        return answer


def body_of(event_type: str = SCHEDULED_EVENT, *, drop: str = "", event: Any = None, **changes: Any) -> dict[str, Any]:
    """An alarm as Aodh posts it."""
    traits = {"session_id": "s1", "project_id": "p1", "state": "MAINTENANCE", **changes}
    shown = {
        "message_id": "m1",
        "event_type": event_type,
        "generated": "2030-01-01T00:00:00.5",
        "traits": [[name, 1, value] for name, value in traits.items() if name != drop],
        **(event or {}),
    }
    return {"alarm_id": "a1", "reason_data": {"type": "event", "event": shown}}


@pytest.fixture
def stage(lab: ObservedCloud) -> Iterator[Stage]:
    made = Stage(lab)
    yield made
    made.witness.stop()


def test_a_message_to_a_project_is_recorded_as_the_admin_tool_records_it(stage: Stage) -> None:
    stage.own.alias(ELSEWHERE, "admin_tool")
    stage.tell()
    (heard,) = stage.heard()
    (told,) = stage.own
    assert heard.actor == told.actor == "admin_tool"
    assert {name: heard.data[name] for name in told.data} == told.data
    # ceilometer adds who sent it.
    assert heard.data.keys() - told.data.keys() == {"service", "emitted_at"}
    assert heard.data["actions_at"] == "2030-01-01 00:01:00"


def test_it_is_recorded_when_it_is_heard_and_tells_when_it_was_emitted(stage: Stage) -> None:
    stage.lab.clock.sleep(3.25)
    emitted = stage.lab.clock.now()
    stage.tell()
    (heard,) = stage.heard()
    assert parse_timestamp(heard.data["emitted_at"]) == emitted
    assert heard.at == emitted + timedelta(seconds=stage.cloud.core.timings.alarm_delivery)


def test_what_does_not_tell_when_it_was_emitted_is_recorded_without(stage: Stage) -> None:
    assert stage.post(body_of(event={"generated": ""})).status_code == 200
    assert "emitted_at" not in stage.heard()[0].data
    assert "actions_at" not in stage.heard()[0].data


def test_messages_about_computes_and_sessions_are_heard_too(stage: Stage) -> None:
    about = {"session_id": "s1", "project_id": stage.lab.project("admin")}
    stage.tell(HOST_EVENT, **about, host="compute-1", state="IN_MAINTENANCE")
    stage.tell(SESSION_EVENT, **about, state="MAINTENANCE_DONE", percent_done=100)
    assert [(event.data["event_type"], event.data["state"]) for event in stage.heard()] == [
        (HOST_EVENT, "IN_MAINTENANCE"),
        (SESSION_EVENT, "MAINTENANCE_DONE"),
    ]
    assert stage.heard()[0].data["host"] == "compute-1"
    assert stage.heard()[1].data["percent_done"] == 100


def test_a_notification_that_comes_by_two_alarms_is_recorded_once(stage: Stage) -> None:
    stage.witness.subscribe(stage.lab.admin, stage.lab.project("doctor"), SCHEDULED_EVENT)
    stage.tell()
    assert len(stage.heard()) == 1
    stage.tell()
    assert len(stage.heard()) == 2


def test_a_delivery_that_is_repeated_is_recorded_once(stage: Stage) -> None:
    assert [stage.post(body_of()).status_code for _ in range(2)] == [200, 200]
    assert len(stage.heard()) == 1


def test_another_projects_messages_are_not_heard(stage: Stage) -> None:
    stage.tell(**stage.message(project_id=stage.lab.project("other")))
    assert stage.heard() == ()


def test_however_the_admin_tool_calls_itself_it_is_admin_tool_in_the_history(stage: Stage) -> None:
    stage.tell(**stage.message(instance_ids="http://fenix.lab:12347/v1/maintenance/s1/p1"))
    (heard,) = stage.heard()
    assert heard.data["reply_url"] == heard.data["instance_ids"] == "http://admin_tool/v1/maintenance/s1/p1"
    # From then on, wherever it stands.
    later = stage.history.append(
        "x", kinds.FAULT, {"name": f"{ELSEWHERE}/v1", "target": "http://fenix.lab:12347", "phase": ""}
    )
    assert (later.data["name"], later.data["target"]) == ("http://admin_tool/v1", "http://admin_tool")


def test_instances_that_are_listed_are_no_url(stage: Stage) -> None:
    stage.tell(**stage.message(instance_ids=["i1"], reply_url=""))
    assert stage.heard()[0].data["instance_ids"] == ("i1",)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        pytest.param({}, "alarm_id", id="nothing"),
        pytest.param({"alarm_id": "a1"}, "reason_data", id="no event"),
        pytest.param(body_of(event={"traits": 5}), "traits", id="no traits"),
        pytest.param(body_of("compute.instance.update"), "'compute.instance.update' is none", id="another event"),
        pytest.param(body_of(drop="session_id"), "session_id", id="no session"),
        pytest.param(body_of(actions_at="soon"), "actions_at", id="no time"),
        pytest.param(body_of(allowed_actions="['FLY']"), "allowed_actions", id="no such action"),
        pytest.param(body_of(HOST_EVENT, host="c", state="MAINTENANCE"), "state", id="no state of a compute"),
        pytest.param(body_of(HOST_EVENT, state="IN_MAINTENANCE"), "host", id="no host"),
        pytest.param(body_of(SESSION_EVENT, drop="project_id"), "no project_id", id="a session of no project"),
        pytest.param(body_of(SESSION_EVENT, state=""), "no state", id="a session in no state"),
    ],
)
def test_a_bad_body_is_refused_with_what_is_wrong_and_not_recorded(stage: Stage, body: Any, complaint: str) -> None:
    answer = stage.post(body)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]
    assert stage.heard() == ()


def test_what_is_no_json_is_refused(stage: Stage) -> None:
    answer = stage.lab.http.post(stage.url, data="{")
    assert (answer.status_code, "not JSON" in answer.json()["error"]) == (400, True)


def test_the_alarms_are_gone_in_the_end(stage: Stage) -> None:
    lab = stage.lab
    assert len(alarms_of(lab.admin, lab.project("doctor"))) == 1
    assert len(alarms_of(lab.admin, lab.project("admin"))) == 2
    stage.witness.unsubscribe()
    assert [alarms_of(lab.admin, lab.project(name)) for name in ("doctor", "admin")] == [[], []]
    stage.tell()
    assert stage.heard() == ()
    stage.witness.unsubscribe()


def test_a_watched_history_waits_for_its_witness(lab: ObservedCloud) -> None:
    assert not lab.seen.is_witnessed
    witness = Witness(lab.clock, lab.seen)
    assert lab.seen.is_witnessed
    witness.stop()


@pytest.mark.parametrize("subscriber", ["before the witness", "after the witness"])
def test_an_alarm_follows_from_the_notification_whichever_aodh_calls_first(stage: Stage, subscriber: str) -> None:
    """The app manager's alarm and the witness's are two alarms on one event."""
    lab = stage.lab
    recorded: list[Event] = []

    def take(traits: dict[str, Any]) -> None:
        data = {"event_type": SCHEDULED_EVENT, **traits, "subscriber_id": traits["project_id"]}
        recorded.append(stage.history.append("app_manager", kinds.ALARM, data))

    message = stage.message()
    first = subscriber == "before the witness"
    if first:
        lab.clock.spawn(lambda: take(message), "app_manager")
        lab.clock.sleep(0.1)
        assert recorded == []
    stage.tell(**message)
    if not first:
        lab.clock.spawn(lambda: take(message), "app_manager")
        lab.clock.sleep(0.01)
    assert [event.cause for event in recorded] == [stage.heard()[0].seq]


def test_what_has_no_id_is_taken_for_new(stage: Stage) -> None:
    """Better one too many than a message that was sent and is missing."""
    for state in ("MAINTENANCE", "MAINTENANCE_COMPLETE"):
        assert stage.post(body_of(event={"message_id": ""}, state=state)).status_code == 200
    assert [event.data["state"] for event in stage.heard()] == ["MAINTENANCE", "MAINTENANCE_COMPLETE"]


def test_a_bad_body_is_refused_each_time(stage: Stage) -> None:
    assert [stage.post(body_of(drop="session_id")).status_code for _ in range(2)] == [400, 400]
    assert stage.post(body_of()).status_code == 200
    assert len(stage.heard()) == 1
