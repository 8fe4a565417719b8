"""Every receiver of alarms takes those of its own subscription alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from pytest_doctor_maint.actors.app_manager import AppManager
from pytest_doctor_maint.actors.contract import AppManagerContext, InspectorContext
from pytest_doctor_maint.actors.inspector import Inspector
from pytest_doctor_maint.attach.remote_app_manager import RemoteAppManager
from pytest_doctor_maint.attach.remote_inspector import RemoteInspector
from pytest_doctor_maint.attach.witness import Witness
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack.alarms import alarms_of
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT
from tests.support.alarm_bodies import Json, alarm_body
from tests.support.observed_cloud import ObservedCloud


class Receiver(Protocol):
    """A receiver of alarms."""

    def start(self) -> object: ...
    def stop(self) -> None: ...
    def unsubscribe(self) -> None: ...


class Stage:
    """A receiver of alarms on a cloud.

    Attributes:
        lab: The cloud.
        receiver: The receiver.
        project: The project that owns its alarm.
        body: A body that Aodh could post.
    """

    def __init__(
        self, lab: ObservedCloud, receiver: Receiver, subscribe: Callable[[], object], *, about_host: bool = False
    ) -> None:
        self.lab = lab
        self.receiver = receiver
        self.project = lab.project("admin" if about_host else "doctor")
        self.subscribe = subscribe
        traits: Json = {"session_id": "s", "project_id": self.project, "state": "MAINTENANCE_COMPLETE"}
        traits |= {"host": "compute-1"} if about_host else {"reply_url": "http://127.0.0.1:1/maintenance/s/p"}
        self.body = alarm_body(HOST_EVENT if about_host else SCHEDULED_EVENT, traits)

    def urls(self) -> list[str]:
        """Return the URLs of the project's alarms, as Aodh keeps them."""
        return [url for alarm in alarms_of(self.lab.admin, self.project) for url in alarm["alarm_actions"]]

    def post(self, url: str) -> tuple[int, Json]:
        """Post the body, and return status and JSON of the answer."""
        answer = self.lab.http.post(url, json=self.body)
        return answer.status_code, answer.json()

    def recorded(self) -> int:
        """Return the number of messages in the history."""
        history: History = self.lab.seen
        return len(history.of(kinds.ALARM, kinds.NOTIFICATION))


def app_manager(lab: ObservedCloud) -> Stage:
    context = AppManagerContext(lab.clock, lab.seen, lab.users["doctor"], lab.project("doctor"), "doctor")
    made = AppManager(context)
    return Stage(lab, made, made.subscribe)


def inspector(lab: ObservedCloud) -> Stage:
    made = Inspector(InspectorContext(lab.clock, lab.seen, lab.admin))
    return Stage(lab, made, made.subscribe, about_host=True)


def app_manager_elsewhere(lab: ObservedCloud) -> Stage:
    made = RemoteAppManager(
        "http://127.0.0.1:1",
        lab.clock,
        lab.seen,
        lab.admin,
        project_id=lab.project("doctor"),
        project_name="doctor",
    )
    return Stage(lab, made, made.subscribe)


def inspector_elsewhere(lab: ObservedCloud) -> Stage:
    made = RemoteInspector("http://127.0.0.1:1", lab.clock, lab.seen, lab.admin)
    return Stage(lab, made, made.subscribe, about_host=True)


def witness(lab: ObservedCloud) -> Stage:
    made = Witness(lab.clock, lab.seen)
    return Stage(lab, made, lambda: made.subscribe(lab.admin, lab.project("doctor"), SCHEDULED_EVENT))


@pytest.fixture(params=[app_manager, inspector, app_manager_elsewhere, inspector_elsewhere, witness])
def stage(lab: ObservedCloud, request: pytest.FixtureRequest) -> Iterator[Stage]:
    made: Stage = request.param(lab)
    made.receiver.start()
    made.subscribe()
    yield made
    made.receiver.stop()


def test_an_alarm_without_the_secret_changes_nothing(stage: Stage) -> None:
    (url,) = stage.urls()
    bare, _, secret = url.rpartition("/")
    assert len(secret) == 43
    for forged in (
        bare,
        f"{bare}/",
        f"{bare}/{secret[:-1]}",
        f"{bare}/{secret}x",
        f"{bare}/{secret.swapcase()}",
        f"{bare}/{'A' * 43}",
        f"{bare}/%FF%00",
        f"{bare}?secret={secret}",
    ):
        status, answer = stage.post(forged)
        assert (status, set(answer)) == (403, {"error"}), forged
        assert secret not in str(answer["error"])
    assert stage.recorded() == 0


def test_an_alarm_with_the_secret_is_taken(stage: Stage) -> None:
    (url,) = stage.urls()
    stage.post(url)
    assert stage.recorded() == 1


def test_the_secret_ends_with_the_alarm_and_the_next_one_is_new(stage: Stage) -> None:
    (old,) = stage.urls()
    stage.receiver.unsubscribe()
    assert stage.urls() == []
    assert stage.post(old)[0] == 403
    stage.subscribe()
    (new,) = stage.urls()
    assert new != old
    assert stage.post(old)[0] == 403
    assert stage.recorded() == 0
    stage.post(new)
    assert stage.recorded() == 1


def test_the_secret_is_in_no_history_and_no_repr(stage: Stage) -> None:
    (url,) = stage.urls()
    stage.post(url)
    shown = (stage.lab.seen.to_json_lines(), repr(stage.receiver), repr(vars(stage.receiver)))
    assert not [text for text in shown if url.rpartition("/")[2] in text]
