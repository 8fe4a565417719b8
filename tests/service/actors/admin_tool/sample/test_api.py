"""The sample admin tool's HTTP API, with a workflow that only posts a message."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import requests

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Message
from pytest_doctor_maint.actors.admin_tool.base.reply_secrets import ReplySecrets
from pytest_doctor_maint.actors.admin_tool.base.session import MAINTENANCE_DONE, SessionFailed
from pytest_doctor_maint.actors.admin_tool.base.sessions import RunningSession, Sessions
from pytest_doctor_maint.actors.admin_tool.sample.api import SampleApi
from pytest_doctor_maint.attach.wire_recorder import WireRecorder
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Action, to_wire
from pytest_doctor_maint.simtime.clock import EPOCH, SimulatedClock
from pytest_doctor_maint.simtime.http import HttpServer, HttpSession
from pytest_doctor_maint.simtime.ids import Ids

HOSTS = {"compute-1": "up", "compute-2": "up", "compute-3": "down"}


class Tool:
    """The API on a server, and a client for it.

    Attributes:
        works: The seconds for which a workflow waits.
        reasons: Why the workflows that were interrupted ended.
    """

    #: The seconds in which a workflow that is interrupted puts everything back.
    PUT_BACK = 10.0

    def __init__(self) -> None:
        self.works = 0.0
        self.reasons: list[str] = []
        self.clock = SimulatedClock()
        self.history = History(self.clock.now)
        self.runs: list[RunningSession] = []
        self.sessions = Sessions(self.clock, Ids(1), run=self._run, known_hosts=lambda: HOSTS, least_notice=10.0)
        self.secrets = ReplySecrets()
        app = WireRecorder(SampleApi(self.sessions, self.secrets), self.history, lambda: self.server.url)
        self.server = HttpServer(app, name="admin_tool", clock=self.clock).start()
        self.history.alias(self.server.url, "admin_tool")
        self.http = HttpSession(self.clock)

    def _run(self, running: RunningSession) -> None:
        due = running.session.request.maintenance_at
        running.mailbox.post(Message("p", "PLANNED_MAINTENANCE", due, ("i1",), (Action.MIGRATE,)))
        self.runs.append(running)
        try:
            running.mailbox.pause(self.works)
        except SessionFailed as failure:
            self.clock.sleep(self.PUT_BACK)
            self.reasons.append(str(failure))

    def call(self, method: str, path: str, body: object = None, *, data: str | None = None) -> requests.Response:
        return self.http.request(method, self.server.url + path, json=body, data=data)

    def path(self, session_id: str, project_id: str = "p") -> str:
        """Return the path for a project's replies, as the message has it."""
        return f"{self.secrets.path(session_id, project_id)}/maintenance/{session_id}/{project_id}"

    def begin(self, **changes: object) -> requests.Response:
        body = {
            "state": "MAINTENANCE",
            "maintenance_at": to_wire(EPOCH + timedelta(seconds=30)),
            "hosts": ["compute-1"],
            "metadata": {"openstack_version": "2026.1"},
            "workflow": "default",
            **changes,
        }
        return self.call("POST", "/maintenance", {key: value for key, value in body.items() if value != "absent"})

    def begun(self) -> str:
        session_id: str = self.begin().json()["session_id"]
        self.clock.sleep(1)
        return session_id


@pytest.fixture
def tool() -> Iterator[Tool]:
    made = Tool()
    yield made
    made.server.stop()
    made.clock.stop()
    made.server.join()
    made.http.close()
    assert made.clock.failures == []


def test_a_session_begins_is_read_and_deleted_when_it_has_ended(tool: Tool) -> None:
    begun = tool.begin()
    assert begun.status_code == 200
    assert begun.json()["state"] == "MAINTENANCE"
    path = f"/maintenance/{begun.json()['session_id']}"
    assert tool.call("GET", path).json() == {"state": "MAINTENANCE"}
    tool.clock.sleep(1)
    tool.runs[0].session.state = MAINTENANCE_DONE
    assert tool.call("DELETE", path).status_code == 200
    assert tool.call("GET", path).status_code == 404


def test_a_session_that_runs_is_removed_when_its_workflow_has_put_everything_back(tool: Tool) -> None:
    tool.works = 50.0
    path = f"/maintenance/{tool.begun()}"
    assert (tool.call("DELETE", path).status_code, tool.call("DELETE", path).status_code) == (200, 200)
    # It is shown, and has its computes, as long as it puts something back.
    assert tool.call("GET", path).status_code == 200
    assert tool.begin().status_code == 409
    tool.clock.sleep(Tool.PUT_BACK + 1)
    assert tool.call("GET", path).status_code == 404
    assert tool.reasons == ["the admin deleted the session"]
    assert tool.begin().status_code == 200


def test_a_session_whose_workflow_is_over_without_an_end_can_be_deleted(tool: Tool) -> None:
    path = f"/maintenance/{tool.begun()}"
    assert tool.call("DELETE", path).status_code == 200
    assert tool.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "complaint"),
    [
        ({"maintenance_at": "2029-12-31 23:59:59"}, 400, "is in the past"),
        ({"maintenance_at": "2030-01-01 00:00:09"}, 400, "leaves 9 s to reply; at least 10 s are needed"),
        ({"maintenance_at": "tomorrow"}, 400, "maintenance_at: .*YYYY-MM-DD HH:MM:SS"),
        ({"maintenance_at": 12}, 400, "maintenance_at: .*YYYY-MM-DD HH:MM:SS"),
        ({"maintenance_at": "absent"}, 400, "maintenance_at: Field required"),
        ({"hosts": ["compute-9"]}, 400, "unknown compute-9; known are compute-1, compute-2, compute-3"),
        ({"hosts": []}, 400, "hosts: List should have at least 1 item"),
        ({"hosts": "compute-1"}, 400, "hosts: Input should be a valid list"),
        ({"hosts": [1]}, 400, "hosts.0: Input should be a valid string"),
        ({"hosts": ["compute-1", "compute-1"]}, 400, "compute-1 is named more than once"),
        ({"state": "PLANNED_MAINTENANCE"}, 400, "state: Input should be 'MAINTENANCE'"),
        ({"metadata": "2026.1"}, 400, "metadata: Input should be a valid dictionary"),
        ({"metadata": {"k": "v" * 300}}, 400, "alarms carry 255 at most"),
        ({"workflow": "vnf"}, 400, "workflow: Input should be 'default'"),
        ({"surprise": 1}, 400, "surprise: Extra inputs are not permitted"),
    ],
)
def test_a_bad_session_is_refused_and_changes_nothing(
    tool: Tool, changes: dict[str, object], status: int, complaint: str
) -> None:
    refused = tool.begin(**changes)
    assert refused.status_code == status
    assert re.search(complaint, refused.json()["error"]), refused.json()
    tool.clock.sleep(1)
    assert tool.runs == []
    assert [event.kind for event in tool.history] == ["session.refused"]


@pytest.mark.parametrize(("body", "complaint"), [("{", "not JSON"), ("[]", "must be a JSON object")])
def test_a_body_that_is_not_a_json_object_is_refused(tool: Tool, body: str, complaint: str) -> None:
    refused = tool.call("POST", "/maintenance", data=body)
    assert refused.status_code == 400
    assert complaint in refused.json()["error"]


def test_a_host_belongs_to_one_session_at_a_time(tool: Tool) -> None:
    first = tool.begun()
    refused = tool.begin(hosts=["compute-2", "compute-1"])
    assert refused.status_code == 409
    assert refused.json()["error"] == f"hosts: session {first} has compute-1"
    assert tool.begin(hosts=["compute-2"]).status_code == 200
    tool.runs[0].session.state = MAINTENANCE_DONE
    assert tool.begin(hosts=["compute-1"]).status_code == 200


def test_a_project_reads_its_instances_and_replies(tool: Tool) -> None:
    path = tool.path(tool.begun())
    assert tool.call("GET", path).json() == {"instance_ids": ["i1"]}
    replied = tool.call("PUT", path, {"state": "ACK_PLANNED_MAINTENANCE", "instance_actions": {"i1": "MIGRATE"}})
    assert replied.status_code == 200
    assert [event.kind for event in tool.history] == ["session.created", "reply"]
    assert tool.history.events[1].data["url"] == re.sub("s/[^/]{43}/", "s/***/", f"http://admin_tool{path}", count=1)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "state: Field required"),
        ({"state": 1}, "state: Input should be a valid string"),
        ({"state": "ACK_PLANNED_MAINTENANCE", "instance_actions": {"i1": "DANCE"}}, "instance_actions.i1: Input"),
        ({"state": "ACK_PLANNED_MAINTENANCE", "instance_actions": ["MIGRATE"]}, "instance_actions: Input"),
        ({"state": "ACK_PLANNED_MAINTENANCE"}, "instance_actions: no action for i1"),
    ],
)
def test_a_bad_reply_is_refused_and_may_be_corrected(tool: Tool, body: dict[str, object], complaint: str) -> None:
    path = tool.path(tool.begun())
    refused = tool.call("PUT", path, body)
    assert refused.status_code == 400
    assert complaint in refused.json()["error"]
    good = {"state": "ACK_PLANNED_MAINTENANCE", "instance_actions": {"i1": "MIGRATE"}}
    assert tool.call("PUT", path, good).status_code == 200
    assert [event.kind for event in tool.history][1:] == ["reply", "reply.refused", "reply"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize(("session", "project"), [("nowhere", "p"), ("{}", "stranger")])
def test_what_is_not_there_is_404(tool: Tool, method: str, session: str, project: str) -> None:
    path = tool.path(session.format(tool.begun()), project)
    answer = tool.call(method, path, {"state": "ACK_PLANNED_MAINTENANCE"})
    assert answer.status_code == 404
    assert answer.json()["error"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_nobody_reads_or_replies_for_a_project_without_the_secret_of_its_messages(tool: Tool, method: str) -> None:
    session_id = tool.begun()
    other = tool.begin(hosts=["compute-2"]).json()["session_id"]
    # given the ids, and the secrets of another project and of another session
    path = f"/maintenance/{session_id}/p"
    strangers = [
        path,
        f"/replies/{'x' * 43}{path}",
        f"/replies/%C3%A9{path}",
        tool.secrets.path(session_id, "q") + path,
        tool.secrets.path(other, "p") + path,
    ]
    # when they are used
    nack = {"state": "NACK_PLANNED_MAINTENANCE"}
    answers = [tool.call(method, each, nack) for each in strangers]
    # then nothing is told, and nothing counts
    assert [answer.status_code for answer in answers] == [403] * len(strangers)
    assert all("i1" not in answer.text for answer in answers)
    assert tool.runs[0].mailbox.current("p") == Message(
        "p", "PLANNED_MAINTENANCE", EPOCH + timedelta(seconds=30), ("i1",), (Action.MIGRATE,)
    )
    assert not any(secret in tool.history.to_json_lines() for secret in (tool.secrets.path(other, "p")[9:],))


def test_an_open_admin_tool_takes_replies_at_the_bare_url() -> None:
    secrets = ReplySecrets(is_open=True)
    secrets.check("s", "p", "")
    assert secrets.path("s", "p") == ""


def test_states_are_recorded_when_they_change(tool: Tool) -> None:
    path = f"/maintenance/{tool.begun()}"
    for _ in range(3):
        tool.call("GET", path)
    tool.runs[0].session.state = MAINTENANCE_DONE
    tool.call("GET", path)
    tool.call("DELETE", path)
    seen = [(event.kind, event.data.get("state")) for event in tool.history][1:]
    assert seen == [("session.state", "MAINTENANCE"), ("session.state", MAINTENANCE_DONE), ("session.deleted", None)]


def test_a_reply_without_a_known_cause_points_at_the_message_that_it_replies_to(
    tool: Tool, scheduled: Callable[[str], int]
) -> None:
    path = tool.path(tool.begun())
    older, newest = scheduled("PLANNED_MAINTENANCE"), scheduled("ADMIN_ACTION_DONE")
    tool.call("PUT", path, {"state": "NACK_PLANNED_MAINTENANCE"})
    tool.call("PUT", path, {"state": "ACK_SOMETHING_ELSE"})
    assert [event.cause for event in tool.history.of("reply")] == [older, newest]


@pytest.fixture
def scheduled(tool: Tool) -> Callable[[str], int]:
    def append(state: str) -> int:
        data = {
            "event_type": "maintenance.scheduled",
            "session_id": tool.runs[0].session.session_id,
            "project_id": "p",
            "state": state,
        }
        return tool.history.append("admin_tool", "notification", data).seq

    return append
