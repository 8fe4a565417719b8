"""A session that fails restores everything, at whichever step and for whatever reason it fails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
import requests

from pytest_doctor_maint.actors.admin_tool.base.moves import Moves
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.actors.admin_tool.base.workflow import Workflow
from pytest_doctor_maint.actors.admin_tool.sample.tool import SampleAdminTool
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import ANSWERED, ProjectMessage, Step, to_wire
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.testbed import Testbed

GIVEN = Scenario(TestbedSettings(wire="memory")).on(3)
CLAIMS = ["failed_sessions_put_everything_back", "downtime_is_zero", "no_thread_died", "admin_tool_waits_for_answers"]


class RepliesWrongly(Policy):
    """Replies to one step with the acknowledgement of another."""

    def replies(self, message: ProjectMessage, body: Mapping[str, object]) -> list[Mapping[str, object]]:
        return [{**body, "state": "ACK_SOMETHING_ELSE"}] if message.step in self.refuse else [body]


def run(policy: Policy) -> History:
    # Scaling down empties no compute, so every step is sent.
    return GIVEN.full_with_act_on(0).with_policy(policy).carry_out().history


@pytest.mark.parametrize("step", ANSWERED)
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("refuse", "replied NACK_{}"),
        ("ignore", "did not reply to {} by"),
        ("wrong", "replied ACK_SOMETHING_ELSE to {}"),
    ],
)
def test_the_session_fails_and_everything_is_put_back(step: Step, how: str, reason: str) -> None:
    policies = {
        "refuse": Policy(refuse=[step]),
        "ignore": Policy(ignore=[step]),
        "wrong": RepliesWrongly(refuse=[step]),
    }
    history = run(policies[how])
    (failed,) = history.of("session.state", state="MAINTENANCE_FAILED")
    assert reason.format(step) in failed.data["reason"]
    judgement = judge(history, CLAIMS)
    assert judgement.holds, judgement.failed()


def test_an_unexpected_error_fails_the_session_too_and_everything_is_put_back() -> None:
    class Breaks(Workflow):
        def work_on(self, host: str) -> None:
            super().work_on(host)
            raise ZeroDivisionError("a bug")

    broken = type("Broken", (SampleAdminTool,), {"workflows": {"default": Breaks}})
    history = GIVEN.full_with_act_on(0).where(make_admin_tool=broken).carry_out().history
    (failed,) = history.of("session.state", state="MAINTENANCE_FAILED")
    assert failed.data["reason"] == "ZeroDivisionError: a bug"
    assert judge(history, ["failed_sessions_put_everything_back"]).holds
    assert [event.data["error"] for event in history.of("thread.died")] == ["ZeroDivisionError: a bug"]


def test_a_migration_that_waits_for_its_confirmation_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    confirm = Moves.confirm
    lost = ["the first confirmation is lost"]

    def lose_the_first(moves: Moves, instance_id: str) -> None:
        if lost:
            raise SessionFailed(lost.pop())
        confirm(moves, instance_id)

    monkeypatch.setattr(Moves, "confirm", lose_the_first)
    history = GIVEN.full_with_act_on(0).carry_out().history
    (failed,) = history.of("session.state", state="MAINTENANCE_FAILED")
    assert failed.data["reason"] == "the first confirmation is lost"
    assert [event.data["status"] for event in history.of("server", action="confirmResize")][-1] == "ACTIVE"
    assert judge(history, ["failed_sessions_put_everything_back"]).holds


def test_one_project_of_two_refuses() -> None:
    scenario = GIVEN.full_with_projects("doctor", "nurse")
    refusing = scenario.with_policy(Policy(refuse=[Step.PLANNED_MAINTENANCE]), "nurse")
    history = refusing.carry_out().history
    assert history.of("session.state", state="MAINTENANCE_FAILED")
    judgement = judge(history, CLAIMS)
    assert judgement.holds, judgement.failed()


@pytest.mark.parametrize("after", [5.0, 150.0], ids=["announced", "moving"])
def test_a_session_that_is_deleted_while_it_runs_is_removed_after_everything_is_put_back(after: float) -> None:
    given = GIVEN.full_with_act_on(0)
    with Testbed(given.topology, given.settings) as testbed:
        testbed.deploy()
        starts = (testbed.clock.now() + timedelta(seconds=30)).replace(microsecond=0)
        path = testbed.begin_session((), {"maintenance_at": to_wire(starts), "hosts": given.topology.hosts})
        testbed.clock.sleep(after)
        assert testbed.ask_admin_tool("DELETE", path) == {}
        # A move and the work on a compute may end.
        testbed.clock.sleep(120)
        with pytest.raises(requests.HTTPError, match="404"):
            testbed.ask_admin_tool("GET", path)
        # The computes are free for another session.
        starts = (testbed.clock.now() + timedelta(seconds=30)).replace(microsecond=0)
        testbed.begin_session((), {"maintenance_at": to_wire(starts), "hosts": given.topology.hosts})
        testbed.withdraw()
    history = testbed.history
    assert {event.data["host"]: event.data["status"] for event in history.of(kinds.COMPUTE)} == dict.fromkeys(
        given.topology.hosts, "enabled"
    )
    assert {event.data["status"] for event in history.of(kinds.SERVER)} > {"ACTIVE"}
    last = {event.data["server_id"]: event.data["status"] for event in history.of(kinds.SERVER)}
    assert set(last.values()) <= {"ACTIVE", "DELETED"}
    assert history.of(kinds.THREAD_DIED) == ()
