"""The witness has alarms of its own, by which it records the notifications of an admin tool elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
import requests

from pytest_doctor_maint.attach.watched_history import WatchedHistory
from pytest_doctor_maint.attach.witness import Witness
from pytest_doctor_maint.embedded import EmbeddedCloud
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.openstack.alarms import alarms_of
from pytest_doctor_maint.openstack.notifier import HttpNotifier
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, SESSION_EVENT
from pytest_doctor_maint.simtime.moments import parse_moment
from tests.support.alarm_bodies import GENERATED, Json, alarm_body, event_in
from tests.support.observed_cloud import ObservedCloud

ELSEWHERE = "http://10.0.0.5:12347"


class Stage:
    """A witness with alarms in the projects ``doctor`` and ``admin``, and an admin tool that emits notifications.

    Attributes:
        history: Where the witness records.
        own: What the admin tool itself records.
    """

    def __init__(self, lab: ObservedCloud) -> None:
        self.lab = lab
        self.cloud: EmbeddedCloud = lab.cloud
        self.history: WatchedHistory = lab.seen
        self.witness = Witness(lab.clock, lab.seen).start()
        self.witness.subscribe_to_all(lab.admin, lab.project("admin"), [lab.project("doctor")])
        self.own = History(lab.clock.now)
        self._notifier = HttpNotifier(lab.admin, self.own)

    def message(self, **changes: object) -> dict[str, object]:
        """Return the payload of a notification to the project ``doctor``."""
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

    def emit(self, payload: Mapping[str, object] | None = None, event_type: str = SCHEDULED_EVENT) -> None:
        """Emit a notification, and wait until it has arrived everywhere."""
        self._notifier.emit(event_type, payload or self.message())
        self.lab.clock.sleep(1)

    def recorded(self) -> tuple[Event, ...]:
        """Return the notifications that the witness has recorded."""
        return self.history.of(kinds.NOTIFICATION)

    def post(self, body: Json) -> requests.Response:
        """Post an alarm to the witness."""
        return self.lab.http.post(self.witness.alarms.new_url(), json=body)


def body_of(
    event_type: str = SCHEDULED_EVENT, *, message_id: str = "m1", generated: str = GENERATED, **changes: str | None
) -> Json:
    """Return an alarm as Aodh posts it; traits that are None are left out."""
    traits = {"session_id": "s1", "project_id": "p1", "state": "MAINTENANCE", **changes}
    return alarm_body(event_type, traits, message_id=message_id, generated=generated)


def without_traits() -> Json:
    """Return an alarm whose traits are not a list."""
    body = body_of()
    event_in(body)["traits"] = 5
    return body


@pytest.fixture
def stage(lab: ObservedCloud) -> Iterator[Stage]:
    made = Stage(lab)
    yield made
    made.witness.stop()


def test_a_message_to_a_project_is_recorded_as_the_admin_tool_records_it(stage: Stage) -> None:
    stage.own.alias(ELSEWHERE, "admin_tool")
    stage.emit()
    (event,) = stage.recorded()
    (own,) = stage.own
    assert event.actor == own.actor == "admin_tool"
    assert {name: event.data[name] for name in own.data} == own.data
    # Ceilometer adds the publisher.
    assert event.data.keys() - own.data.keys() == {"service", "emitted_at", "message_id"}
    assert event.data["actions_at"] == "2030-01-01 00:01:00"


def test_it_is_recorded_when_it_arrives_with_the_moment_of_emission(stage: Stage) -> None:
    stage.lab.clock.sleep(3.25)
    emitted = stage.lab.clock.now()
    stage.emit()
    (event,) = stage.recorded()
    assert parse_moment(event.data["emitted_at"]) == emitted
    assert event.at == emitted + timedelta(seconds=stage.cloud.core.timings.alarm_delivery)


def test_a_body_without_the_moment_of_emission_is_recorded_without_it(stage: Stage) -> None:
    assert stage.post(body_of(generated="")).status_code == 200
    assert "emitted_at" not in stage.recorded()[0].data
    assert "actions_at" not in stage.recorded()[0].data


def test_messages_about_computes_and_sessions_are_recorded_too(stage: Stage) -> None:
    about = {"session_id": "s1", "project_id": stage.lab.project("admin")}
    stage.emit({**about, "host": "compute-1", "state": "IN_MAINTENANCE"}, HOST_EVENT)
    stage.emit({**about, "state": "MAINTENANCE_DONE", "percent_done": 100}, SESSION_EVENT)
    assert [(event.data["event_type"], event.data["state"]) for event in stage.recorded()] == [
        (HOST_EVENT, "IN_MAINTENANCE"),
        (SESSION_EVENT, "MAINTENANCE_DONE"),
    ]
    assert stage.recorded()[0].data["host"] == "compute-1"
    assert stage.recorded()[1].data["percent_done"] == 100


@pytest.mark.parametrize("wrong", ["the id of doctor", "doctor", "admin"])
def test_a_message_about_a_compute_that_names_a_wrong_project_is_recorded(stage: Stage, wrong: str) -> None:
    """Fenix's release of 2019 sends the name of its project, Doctor's sample the id of the project in which it acts."""
    project_id = stage.lab.project("doctor") if wrong == "the id of doctor" else wrong
    about = {"session_id": "s1", "project_id": project_id, "host": "compute-1"}
    for state in ("IN_MAINTENANCE", "MAINTENANCE_COMPLETE"):
        stage.emit({**about, "state": state}, HOST_EVENT)
    assert [(event.data["project_id"], event.data["state"]) for event in stage.recorded()] == [
        (project_id, "IN_MAINTENANCE"),
        (project_id, "MAINTENANCE_COMPLETE"),
    ]


def test_a_message_about_a_compute_to_an_unknown_project_is_not_seen(stage: Stage) -> None:
    about = {"session_id": "s1", "project_id": "nobody", "host": "compute-1", "state": "IN_MAINTENANCE"}
    stage.emit(about, HOST_EVENT)
    assert stage.recorded() == ()


def test_a_notification_that_comes_by_two_alarms_is_recorded_once(stage: Stage) -> None:
    stage.witness.subscribe(stage.lab.admin, stage.lab.project("doctor"), SCHEDULED_EVENT)
    stage.emit()
    assert len(stage.recorded()) == 1
    stage.emit()
    assert len(stage.recorded()) == 2


def test_a_delivery_that_is_repeated_is_recorded_once(stage: Stage) -> None:
    assert [stage.post(body_of()).status_code for _ in range(2)] == [200, 200]
    assert len(stage.recorded()) == 1


def test_messages_to_another_project_are_not_recorded(stage: Stage) -> None:
    stage.emit(stage.message(project_id=stage.lab.project("other")))
    assert stage.recorded() == ()


def test_the_host_by_which_the_admin_tool_calls_itself_is_admin_tool_in_the_history(stage: Stage) -> None:
    stage.emit(stage.message(instance_ids="http://fenix.lab:12347/v1/maintenance/s1/p1"))
    (event,) = stage.recorded()
    assert event.data["reply_url"] == event.data["instance_ids"] == "http://admin_tool/v1/maintenance/s1/p1"
    # From then on, in every event with this host.
    later = stage.history.append(
        "x", kinds.FAULT, {"name": f"{ELSEWHERE}/v1", "target": "http://fenix.lab:12347", "phase": ""}
    )
    assert (later.data["name"], later.data["target"]) == ("http://admin_tool/v1", "http://admin_tool")


def test_listed_instances_are_not_taken_for_a_url(stage: Stage) -> None:
    stage.emit(stage.message(instance_ids=["i1"], reply_url=""))
    assert stage.recorded()[0].data["instance_ids"] == ("i1",)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        pytest.param({}, "alarm_id", id="nothing"),
        pytest.param({"alarm_id": "a1"}, "reason_data", id="no event"),
        pytest.param(without_traits(), "traits", id="no traits"),
        pytest.param(body_of("compute.instance.update"), "event_type 'compute.instance.update'", id="another event"),
        pytest.param(body_of(session_id=None), "session_id", id="no session"),
        pytest.param(body_of(actions_at="soon"), "actions_at", id="not a time"),
        pytest.param(body_of(allowed_actions="['FLY']"), "allowed_actions", id="no such action"),
        pytest.param(body_of(HOST_EVENT, host="c", state="MAINTENANCE"), "state", id="no state of a compute"),
        pytest.param(body_of(HOST_EVENT, state="IN_MAINTENANCE"), "host", id="no host"),
        pytest.param(body_of(SESSION_EVENT, project_id=None), "no project_id", id="a session of no project"),
        pytest.param(body_of(SESSION_EVENT, state=""), "no state", id="a session in no state"),
    ],
)
def test_a_bad_body_is_refused_with_what_is_wrong_and_not_recorded(stage: Stage, body: Json, complaint: str) -> None:
    answer = stage.post(body)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]
    assert stage.recorded() == ()


def test_what_is_not_json_is_refused(stage: Stage) -> None:
    answer = stage.lab.http.post(stage.witness.alarms.new_url(), data="{")
    assert (answer.status_code, "not JSON" in answer.json()["error"]) == (400, True)


def test_the_alarms_are_gone_in_the_end(stage: Stage) -> None:
    lab = stage.lab
    owners = [lab.project("doctor"), lab.project("admin"), "doctor", "admin"]
    assert [len(alarms_of(lab.admin, owner)) for owner in owners] == [2, 2, 1, 1]
    stage.witness.unsubscribe()
    assert [alarms_of(lab.admin, owner) for owner in owners] == [[], [], [], []]
    stage.emit()
    assert stage.recorded() == ()
    stage.witness.unsubscribe()


def test_a_history_with_a_witness_is_witnessed(lab: ObservedCloud) -> None:
    assert not lab.seen.is_witnessed
    Witness(lab.clock, lab.seen).stop()
    assert lab.seen.is_witnessed


@pytest.mark.parametrize("is_first", [True, False], ids=["before the witness", "after the witness"])
def test_an_alarm_follows_from_the_notification_whichever_aodh_calls_first(stage: Stage, is_first: bool) -> None:
    """The app manager and the witness each have an alarm on the event."""
    message = stage.message()
    data = {"event_type": SCHEDULED_EVENT, **message, "subscriber_id": message["project_id"]}
    if is_first:
        stage.history.append("app_manager", kinds.ALARM, data)
    stage.emit(message)
    if not is_first:
        stage.history.append("app_manager", kinds.ALARM, data)
    (notification,) = stage.recorded()
    assert [event.cause for event in stage.history.of(kinds.ALARM)] == [notification.seq]


def test_a_slow_look_does_not_change_the_moment_of_arrival(stage: Stage) -> None:
    lab = stage.lab
    lab.watch_slowly(1.5)
    began = lab.clock.now()
    assert stage.post(body_of()).status_code == 200
    assert lab.clock.now() - began >= timedelta(seconds=1.5)
    (event,) = stage.recorded()
    assert event.at == began


def test_a_notification_without_an_id_is_a_new_one(stage: Stage) -> None:
    """A notification too many is better than one that was sent and is missing."""
    for state in ("MAINTENANCE", "MAINTENANCE_COMPLETE"):
        assert stage.post(body_of(message_id="", state=state)).status_code == 200
    assert [event.data["state"] for event in stage.recorded()] == ["MAINTENANCE", "MAINTENANCE_COMPLETE"]


def test_a_bad_body_is_refused_each_time(stage: Stage) -> None:
    assert [stage.post(body_of(session_id=None)).status_code for _ in range(2)] == [400, 400]
    assert stage.post(body_of()).status_code == 200
    assert len(stage.recorded()) == 1
