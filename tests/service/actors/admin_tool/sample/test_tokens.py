"""The sample admin tool that requires tokens of Keystone from the infrastructure admin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.protocol import to_wire
from pytest_doctor_maint.testbed.projects import make_member
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology

REQUIRED = TestbedSettings(wire="memory", admin_tool=AdminToolSettings(require_token=True))


@pytest.fixture
def testbed() -> Iterator[Testbed]:
    """Return a sample admin tool that requires tokens, on an embedded cloud with one project."""
    with Testbed(Topology((2, 2, 2), (ApplicationSpec("doctor", 0),)), REQUIRED) as made:
        yield made


def ask(testbed: Testbed, method: str, path: str, token: str | None, body: object = None) -> requests.Response:
    headers = {} if token is None else {"X-Auth-Token": token}
    return testbed.http.request(method, f"{testbed.admin_tool.url}/maintenance{path}", headers=headers, json=body)


def session(testbed: Testbed) -> dict[str, object]:
    begins = testbed.clock.now() + timedelta(seconds=3600)
    return {"maintenance_at": to_wire(begins), "hosts": list(testbed.topology.hosts)}


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("a forger", 401), ("a member", 403)])
def test_only_the_admin_may_begin_show_and_delete_a_session(testbed: Testbed, who: str, status: int) -> None:
    token: str | None = None
    if who == "a forger":
        token = "gAAAAAB-not-of-this-cloud"
    if who == "a member":
        make_member(testbed.admin, testbed.app_managers["doctor"].project_id, "member", "secret")
        token = testbed.cloud.connect("member", "secret", "doctor").session.get_token()
    answer = ask(testbed, "POST", "", token, session(testbed))
    assert (answer.status_code, set(answer.json())) == (status, {"error"})
    assert testbed.history.of("session.created") == ()

    session_id = testbed.ask_admin_tool("POST", "/maintenance", session(testbed))["session_id"]
    for method in ("GET", "DELETE"):
        assert ask(testbed, method, f"/{session_id}", token).status_code == status
    assert testbed.ask_admin_tool("GET", f"/maintenance/{session_id}")["state"] == "MAINTENANCE"


def test_a_maintenance_goes_through(testbed: Testbed) -> None:
    """The app managers reply without a token, as Doctor's do."""
    history = Scenario(REQUIRED).on(3).full().carry_out().history
    assert judge(history).failed() == ()
