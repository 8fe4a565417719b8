"""Actors whose cloud cannot be reached answer 503 with a sentence; their threads do not die of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from pytest_doctor_maint.actors.inspector.sample import Inspector
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import to_wire
from pytest_doctor_maint.testbed.settings import TestbedSettings, played_by
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology, lay_out
from tests.support.alarm_bodies import Json, alarm_body

HOSTS = ("compute-1", "compute-2", "compute-3")
#: A monitor's report.
REPORT = [{"type": "compute.host.down", "details": {"hostname": "compute-1"}}]
#: The traits of a message about a compute.
TRAITS = {"host": "compute-1", "project_id": "admin", "session_id": "s", "state": "IN_MAINTENANCE"}


def bench_with(admin_tool: str) -> Testbed:
    names = ApplicationSpec("doctor", 6).names
    application = ApplicationSpec("doctor", 6, lay_out(names, HOSTS))
    return Testbed(Topology((2, 2, 2), (application,), HOSTS), TestbedSettings(wire="memory", **played_by(admin_tool)))


def session_body(bench: Testbed) -> Json:
    """Return the admin's request for a session on all computes."""
    return {
        "state": "MAINTENANCE",
        "maintenance_at": to_wire(bench.clock.now() + timedelta(seconds=60)),
        "hosts": list(HOSTS),
        "metadata": {},
        "workflow": "default",
    }


@pytest.mark.parametrize(
    ("admin_tool", "sentence"),
    [
        ("sample", "the cloud does not do what this request needs: "),
        # Fenix looks up the token of each request that changes something.
        ("fenix", "Keystone could not be asked for the owner of the token: ConnectFailure"),
    ],
)
def test_a_session_is_not_created(admin_tool: str, sentence: str) -> None:
    with bench_with(admin_tool) as bench:
        token = bench.admin.session.get_token()
        headers = {"X-Auth-Token": str(token)}
        if admin_tool == "fenix":
            assert bench.http.get(f"{bench.admin_tool.url}/maintenance", headers=headers).status_code == 200
        bench.cloud.stop()
        answer = bench.http.post(f"{bench.admin_tool.url}/maintenance", json=session_body(bench), headers=headers)
        assert answer.status_code == 503
        assert answer.json()["error"].startswith(sentence)
        assert "\n" not in answer.json()["error"]
        assert not bench.history.of(kinds.THREAD_DIED)


def test_a_failure_is_not_managed_and_may_be_reported_again() -> None:
    with bench_with("sample") as bench:
        bench.inspector.subscribe()
        bench.cloud.stop()
        answer = bench.http.put(f"{bench.inspector_url}/events", json=REPORT)
        assert answer.status_code == 503
        assert answer.json()["error"].startswith("the cloud does not do what this request needs: ")
        assert bench.http.get(f"{bench.inspector.url}/hosts").json() == {"hosts": []}
        assert not bench.history.of(kinds.THREAD_DIED)


@pytest.mark.parametrize("admin_tool", ["sample", "fenix"])
def test_an_actor_whose_login_is_no_longer_valid_answers_503(admin_tool: str) -> None:
    with bench_with(admin_tool) as bench:
        inspector = bench.inspector
        assert isinstance(inspector, Inspector)
        # given the tokens of the actors are revoked, and their password is another one
        session = bench.admin.session
        headers = {"X-Auth-Token": str(session.get_token())}
        users = f"{session.get_endpoint(service_type='identity')}/v3/users/{session.get_user_id()}"
        bench.http.patch(users, headers=headers, json={"user": {"password": "another"}}).raise_for_status()
        # when they are asked for something
        answers = [
            bench.http.post(f"{bench.admin_tool.url}/maintenance", headers=headers, json=session_body(bench)),
            bench.http.put(f"{bench.inspector_url}/events", json=REPORT),
            bench.http.post(inspector.new_alarm_url(), json=alarm_body("maintenance.host", TRAITS)),
        ]
        # then the answer is a sentence
        for answer in answers:
            assert answer.status_code == 503, answer.text
            assert re.match("the cloud does not|Keystone could not", answer.json()["error"])
            assert "\n" not in answer.json()["error"]
        assert not bench.history.of(kinds.THREAD_DIED)
