"""Admin tools go on through trouble with the cloud that passes, and fail with a sentence in trouble that lasts."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from pytest_doctor_maint.actors.registry import ADMIN_TOOLS
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from tests.support.troubled_cloud import (
    EachOnce,
    LostAnswer,
    Outage,
    Trouble,
    Verdict,
    acts,
    admin_tool_in,
    is_notification,
)

# Many runs: with the others of their kind, not among the fast tests.
pytestmark = pytest.mark.realtime(seconds=2)

TOOLS = pytest.mark.parametrize(
    ("admin_tool", "app_manager"), [("sample", "sample"), ("fenix", "vnfm")], ids=["sample", "vnf"]
)
Reset = requests.ConnectionError


def run(trouble: Trouble, admin_tool: str, app_manager: str) -> History:
    given = Scenario(TestbedSettings(wire="memory")).played_by(admin_tool=admin_tool, app_manager=app_manager).on(3)
    make = admin_tool_in(trouble, ADMIN_TOOLS.get(admin_tool).make)
    return given.full_with_act_on(0).where(make_admin_tool=make).carry_out().history


def last(history: History) -> dict[str, Any]:
    return dict(history.of(kinds.SESSION_STATE)[-1].data)


def check(history: History, *claims: str) -> None:
    judgement = judge(history, claims or None)
    assert {each.claim: each.summary for each in judgement.failed()} == {}


@TOOLS
@pytest.mark.parametrize("way", [409, 500, 503, LostAnswer], ids=["409", "500", "503", "lost answer"])
def test_a_move_is_done_though_each_request_fails_once(
    way: int | type[Exception], admin_tool: str, app_manager: str
) -> None:
    trouble = EachOnce(way)
    history = run(trouble, admin_tool, app_manager)
    assert {method for method, _, _ in trouble.seen} == {"GET", "POST", "PUT"}
    assert last(history)["state"] == "MAINTENANCE_DONE", last(history)
    check(history, "downtime_is_zero", "everything_is_active_in_the_end", "admin_actions_are_reported_once")
    check(history, "no_thread_died", "services_are_back_in_the_end", "sessions_end_well")


@TOOLS
@pytest.mark.parametrize("way", [503, Reset], ids=["503", "reset"])
@pytest.mark.parametrize("action", ["migrate", "confirmResize"])
def test_a_session_outlives_some_seconds_without_any_answer(
    action: str, way: int | type[Exception], admin_tool: str, app_manager: str
) -> None:
    # Whether a notification arrived cannot be asked, so it is sent again only where the answer says that it did not.
    spared = is_notification if way != 503 else lambda request: False
    history = run(Outage(acts(action), 20.0, way, spared=spared), admin_tool, app_manager)
    assert last(history)["state"] == "MAINTENANCE_DONE", last(history)
    check(history, "no_thread_died", "services_are_back_in_the_end", "downtime_is_zero")


@pytest.mark.parametrize("way", [503, Reset], ids=["503", "reset"])
def test_a_session_outlives_a_service_that_does_not_tell_its_versions(way: int | type[Exception]) -> None:
    placement = Outage(lambda request: "/placement" in (request.url or ""), 20.0, way, only=True)
    history = run(placement, "sample", "sample")
    assert placement.began
    assert last(history)["state"] == "MAINTENANCE_DONE", last(history)


@TOOLS
@pytest.mark.parametrize("action", ["migrate", "confirmResize"])
def test_trouble_that_lasts_fails_the_session_and_everything_is_put_back(
    action: str, admin_tool: str, app_manager: str
) -> None:
    history = run(Outage(acts(action), 75.0, 503, only=True), admin_tool, app_manager)
    assert last(history)["state"] == "MAINTENANCE_FAILED"
    assert f"Nova refuses {action} of instance" in last(history)["reason"]
    assert "there is trouble" in last(history)["reason"]
    check(history, "failed_sessions_put_everything_back", "services_are_back_in_the_end", "no_thread_died")


@TOOLS
def test_a_cloud_that_does_not_come_back_fails_the_session_with_a_sentence(admin_tool: str, app_manager: str) -> None:
    # Fenix answers nobody without Keystone, so the look-ups of tokens go on.
    outage = Outage(acts("migrate"), 1e6, Reset, spared=lambda request: "/auth/tokens" in str(request.url))
    history = run(outage, admin_tool, app_manager)
    assert last(history)["state"] == "MAINTENANCE_FAILED"
    assert "Unable to establish connection" in last(history)["reason"]
    assert "not put back" in last(history)["reason"]
    check(history, "no_thread_died")


@TOOLS
def test_a_token_that_is_revoked_in_between_is_replaced(admin_tool: str, app_manager: str) -> None:
    testbeds: list[Any] = []
    revoked: list[str] = []
    seen: set[str] = set()

    def revoke(request: requests.PreparedRequest, clock: Clock) -> Verdict:
        if acts("migrate", "confirmResize")(request) and (key := f"{request.url} {request.body!r}") not in seen:
            seen.add(key)
            revoked.append(str(request.headers["X-Auth-Token"]))
            session = testbeds[0].admin.session
            session.delete(f"{session.auth.auth_url}/auth/tokens", headers={"X-Subject-Token": revoked[-1]})
        return None

    given = Scenario(TestbedSettings(wire="memory", prepare=testbeds.append))
    given = given.played_by(admin_tool=admin_tool, app_manager=app_manager).on(3).full_with_act_on(0)
    make = admin_tool_in(revoke, ADMIN_TOOLS.get(admin_tool).make)
    history = given.where(make_admin_tool=make).carry_out().history
    assert len(revoked) > 3
    assert last(history)["state"] == "MAINTENANCE_DONE", last(history)
    check(history, "no_thread_died", "downtime_is_zero")
