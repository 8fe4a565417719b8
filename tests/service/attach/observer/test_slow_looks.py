"""On a slow cloud a look takes long: every recorder reads the time of its message before the look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from pytest_doctor_maint.actors.app_manager import AppManager
from pytest_doctor_maint.actors.contract import AppManagerContext, InspectorContext
from pytest_doctor_maint.actors.inspector import Inspector
from pytest_doctor_maint.attach.relay import AlarmRelay
from pytest_doctor_maint.attach.remote_admin_tool import RemoteAdminTool
from pytest_doctor_maint.attach.witness import Witness
from pytest_doctor_maint.claims import Outcome, judge
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.openstack.notifier import HttpNotifier
from pytest_doctor_maint.protocol import HOST_EVENT, SAMPLE, SCHEDULED_EVENT, to_wire
from pytest_doctor_maint.simtime.http import Answer, App, HttpServer, Request, route
from pytest_doctor_maint.simtime.http.lifecycle import Servable
from tests.support.alarm_bodies import Json, alarm_body
from tests.support.observed_cloud import ObservedCloud

ServableT = TypeVar("ServableT", bound=Servable)
#: Seconds of a look.
LOOK = 1.5
#: Seconds to reply.
WINDOW = 30.0


class _Elsewhere(App):
    """An actor elsewhere, which accepts every request."""

    @route("POST", "/maintenance")
    def alarm(self, request: Request) -> Answer:
        return {}

    @route("PUT", "/maintenance/<session_id>/<project_id>")
    def reply(self, request: Request, session_id: str, project_id: str) -> Answer:
        return {}


class Slow:
    """A cloud that is looked at before each message, and servers that end with the test."""

    def __init__(self, lab: ObservedCloud, stack: ExitStack) -> None:
        self.lab = lab
        self._stack = stack
        lab.watch_slowly(LOOK)
        self.elsewhere = self.serve(HttpServer(_Elsewhere(), name="elsewhere", clock=lab.clock)).url

    def serve(self, server: ServableT) -> ServableT:
        """Start a server, and return it."""
        server.start()
        self._stack.callback(server.stop)
        return server

    def about_project(self) -> Json:
        """Return an alarm about a message to the project."""
        traits = {"session_id": "s1", "project_id": self.lab.project("doctor"), "state": "MAINTENANCE"}
        url = f"{self.elsewhere}/maintenance/s1/{self.lab.project('doctor')}"
        return alarm_body(SCHEDULED_EVENT, {**traits, "reply_url": url, "instance_ids": "[]"})

    def about_compute(self) -> Json:
        """Return an alarm about a message about a compute."""
        traits = {"session_id": "s1", "project_id": self.lab.project("admin"), "state": "IN_MAINTENANCE"}
        return alarm_body(HOST_EVENT, {**traits, "host": "compute-1"})


@pytest.fixture
def slow(lab: ObservedCloud) -> Iterator[Slow]:
    with ExitStack() as stack:
        yield Slow(lab, stack)


def test_a_notification_has_the_moment_of_emission_and_its_window_is_long_enough(slow: Slow) -> None:
    lab = slow.lab
    starts = lab.clock.now() + timedelta(hours=1)
    windows = {step.value: WINDOW for step in SAMPLE.windows}
    run = {
        "seed": 1,
        "cloud": "lab",
        "admin_tool": "sample",
        "app_manager": "sample",
        "inspector": "sample",
        "computes": [],
        "projects": {lab.project("doctor"): "doctor"},
        "admin_project_id": lab.project("admin"),
        "profile": "sample",
        "windows": windows,
        "scenario": "",
        "repeat": "",
    }
    lab.seen.append("harness", kinds.RUN_STARTED, run)
    session = {"session_id": "s1", "hosts": [], "maintenance_at": to_wire(starts), "workflow": "default"}
    lab.seen.append("admin_tool", kinds.SESSION_CREATED, {**session, "metadata": {}})

    due = lab.clock.now() + timedelta(seconds=WINDOW)
    emitted = lab.clock.now()
    message = {"session_id": "s1", "project_id": lab.project("doctor"), "state": "DOWN_SCALE"}
    HttpNotifier(lab.admin, lab.seen).emit(SCHEDULED_EVENT, {**message, "actions_at": due, "reply_at": due})

    (event,) = lab.seen.of(kinds.NOTIFICATION)
    assert event.at == emitted
    assert lab.clock.now() - emitted >= timedelta(seconds=LOOK)
    verdict = judge(lab.seen, ["windows_are_long_enough"]).of("windows_are_long_enough")
    assert verdict.outcome is Outcome.HOLDS, verdict


def witness(slow: Slow) -> None:
    made = Witness(slow.lab.clock, slow.lab.seen)
    slow.serve(made)
    slow.lab.http.post(made.alarms.new_url(), json=slow.about_project()).raise_for_status()


def relay(slow: Slow) -> None:
    made = AlarmRelay(
        slow.elsewhere,
        slow.lab.clock,
        slow.lab.seen,
        actor="app_manager",
        subscriber_id=slow.lab.project("doctor"),
    )
    slow.serve(made)
    slow.lab.http.post(made.alarms.new_url(), json=slow.about_project()).raise_for_status()


def app_manager(slow: Slow) -> None:
    lab = slow.lab
    context = AppManagerContext(lab.clock, lab.seen, lab.users["doctor"], lab.project("doctor"), "doctor")
    made = slow.serve(AppManager(context))
    lab.http.post(made.new_alarm_url(), json=slow.about_project()).raise_for_status()


def inspector(slow: Slow) -> None:
    made = slow.serve(Inspector(InspectorContext(slow.lab.clock, slow.lab.seen, slow.lab.admin)))
    slow.lab.http.post(made.new_alarm_url(), json=slow.about_compute()).raise_for_status()


def wire_recorder(slow: Slow) -> None:
    made = slow.serve(RemoteAdminTool(slow.elsewhere, slow.lab.clock, slow.lab.seen))
    url = f"{made.url}/maintenance/s1/{slow.lab.project('doctor')}"
    slow.lab.http.put(url, json={"state": "ACK_MAINTENANCE"}).raise_for_status()


def moments(lab: ObservedCloud, kind: str) -> set[datetime]:
    return {event.at for event in lab.seen.of(kind)}


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (witness, kinds.NOTIFICATION),
        (relay, kinds.ALARM),
        (app_manager, kinds.ALARM),
        (inspector, kinds.ALARM),
        (wire_recorder, kinds.REPLY),
    ],
)
def test_a_recorder_takes_the_moment_of_arrival(slow: Slow, call: Callable[[Slow], None], kind: str) -> None:
    arrived = slow.lab.clock.now()
    call(slow)
    assert moments(slow.lab, kind) == {arrived}
    assert slow.lab.clock.now() - arrived >= timedelta(seconds=LOOK)
