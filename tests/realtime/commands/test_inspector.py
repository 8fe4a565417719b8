"""``doctor-maint inspector`` as a process: its alarm, how it ends, and what it refuses."""

from __future__ import annotations

import re
import signal

import pytest
from openstack.compute.v2.service import Service

from tests.support.json import Json
from tests.support.labs import Lab, post_alarm, request


def hosts(url: str) -> list[Json]:
    """Return the record that the Inspector keeps of each compute."""
    found: list[Json] = request("GET", url.replace("/maintenance", "/hosts")).json()["hosts"]
    return found


@pytest.mark.parametrize(
    ("arguments", "how"),
    [
        pytest.param([], signal.SIGTERM, id="with its alarm"),
        pytest.param(["--no-subscribe"], signal.SIGINT, id="without"),
    ],
)
def test_it_takes_alarms_and_leaves_nothing(lab: Lab, arguments: list[str], how: signal.Signals) -> None:
    with lab.running("inspector", *arguments) as process:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/maintenance", process.line)
        admin_project = lab.admin.current_project_id
        alarms = [
            (alarm["project_id"], alarm["event_rule"]["event_type"], alarm["alarm_actions"]) for alarm in lab.alarms()
        ]
        assert alarms == ([] if arguments else [(admin_project, "maintenance.host", [process.line])])

        traits = {"session_id": "s", "project_id": admin_project, "host": "compute-1", "state": "IN_MAINTENANCE"}
        assert post_alarm(process.line, "maintenance.host", **traits) == 200
        assert [(host["hostname"], host["maintenance_sessions"]) for host in hosts(process.line)] == [
            ("compute-1", ["s"])
        ]
        assert post_alarm(process.line, "maintenance.host", **{**traits, "project_id": "another"}) == 400
        assert post_alarm(process.line, "maintenance.host", **{**traits, "state": "HOLIDAY"}) == 400
        assert post_alarm(process.line, "maintenance.scheduled", **traits) == 400

        words = process.end(how)
    assert "could not" not in words
    assert lab.password not in words
    assert "The Inspector sample has ended." in words


def test_it_manages_a_failure(lab: Lab) -> None:
    """It can make all requests to the cloud that it needs; its decisions are tested in tests/service."""

    def service() -> Service:
        (found,) = lab.admin.compute.services(binary="nova-compute", host="compute-2")
        return found

    with lab.running("inspector") as process:
        events = [{"type": "compute.host.down", "details": {"hostname": "compute-2"}}]
        assert request("PUT", process.line.replace("/maintenance", "/events"), events).status_code == 200
        assert service().is_forced_down
        process.end()
    lab.admin.compute.update_service_forced_down(service(), forced=False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "many"], "argument --port: must be a whole number from 0 to 65535, not 'many'"),
        (["--host", "203.0.113.1"], "argument --host, --port: cannot listen on 203.0.113.1:0"),
        (["--os-cloud", "nowhere"], "argument --os-cloud: no clouds.yaml has the cloud 'nowhere'"),
        (["--type", "congress"], "argument --type: invalid choice: 'congress' (choose from"),
        (["--project", "doctor"], "unrecognized arguments: --project"),
    ],
)
def test_wrong_arguments(lab: Lab, arguments: list[str], words: str) -> None:
    assert words in lab.refuse("inspector", *arguments)


def test_a_port_that_is_taken(lab: Lab, taken_port: int) -> None:
    words = lab.refuse("inspector", "--port", str(taken_port))
    assert f"argument --host, --port: cannot listen on 127.0.0.1:{taken_port}" in words
