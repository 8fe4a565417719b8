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
    found: list[Json] = request("GET", f"{url.partition('/maintenance')[0]}/hosts").json()["hosts"]
    return found


DOWN = [{"type": "compute.host.down", "details": {"hostname": "compute-2"}}]


def service(lab: Lab) -> Service:
    """Return the service nova-compute of compute-2."""
    (found,) = lab.admin.compute.services(binary="nova-compute", host="compute-2")
    return found


@pytest.mark.parametrize(
    ("arguments", "how"),
    [
        pytest.param([], signal.SIGTERM, id="with its alarm"),
        pytest.param(["--no-subscribe"], signal.SIGINT, id="without"),
        pytest.param(["--no-subscribe", "--open"], signal.SIGTERM, id="open"),
    ],
)
def test_it_takes_alarms_and_leaves_nothing(lab: Lab, arguments: list[str], how: signal.Signals) -> None:
    with lab.running("inspector", *arguments) as process:
        secret = r"/[\w-]{43}" if arguments == ["--no-subscribe"] else ""
        assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/maintenance{secret}", process.line)
        admin_project = lab.admin.current_project_id
        alarms = lab.alarms()
        url = process.line
        if not arguments:
            (alarm,) = alarms
            assert (alarm["project_id"], alarm["event_rule"]["event_type"]) == (admin_project, "maintenance.host")
            (url,) = alarm["alarm_actions"]
            assert url.startswith(f"{process.line}/")
        else:
            assert alarms == []

        traits = {"session_id": "s", "project_id": admin_project, "host": "compute-1", "state": "IN_MAINTENANCE"}
        assert post_alarm(url, "maintenance.host", **traits) == 200
        assert [(host["hostname"], host["maintenance_sessions"]) for host in hosts(process.line)] == [
            ("compute-1", ["s"])
        ]
        assert post_alarm(url, "maintenance.host", **{**traits, "project_id": "another"}) == 400
        assert post_alarm(url, "maintenance.host", **{**traits, "state": "HOLIDAY"}) == 400
        assert post_alarm(url, "maintenance.scheduled", **traits) == 400

        words = process.end(how)
    assert "could not" not in words
    assert lab.password not in words
    assert "The Inspector sample has ended." in words


def test_it_manages_a_failure(lab: Lab) -> None:
    """It can make all requests to the cloud that it needs; its decisions are tested in tests/service."""

    with lab.running("inspector", "--open") as process:
        assert request("PUT", process.line.replace("/maintenance", "/events"), DOWN).status_code == 200
        assert service(lab).is_forced_down
        process.end()
    lab.admin.compute.update_service_forced_down(service(lab), forced=False)


def test_it_takes_no_forged_alarm_and_no_forged_report(lab: Lab) -> None:
    with lab.running("inspector") as process:
        traits = {"session_id": "s", "project_id": lab.admin.current_project_id, "host": "compute-1"}
        assert post_alarm(process.line, "maintenance.host", **traits, state="IN_MAINTENANCE") == 403
        assert hosts(process.line) == []
        assert request("PUT", process.line.replace("/maintenance", "/events"), DOWN).status_code == 403
        assert not service(lab).is_forced_down
        words = process.end()
    assert re.search(r"Monitors report with PUT http://127\.0\.0\.1:\d+/monitors/[\w-]{43}/events", words)


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
