"""Admin tools move instances in every state, and instances that others act on meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.embedded import Timings
from pytest_doctor_maint.faults import Fault, Target
from pytest_doctor_maint.faults.triggers import wait_for_event
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.protocol import Action, Step
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings

NAME = "doctor_nonha_app_2"
# Many runs: with the others of their kind, not among the fast tests.
pytestmark = pytest.mark.realtime(seconds=2)

TOOLS = pytest.mark.parametrize(
    ("admin_tool", "app_manager"),
    [("sample", "sample"), ("fenix", "sample"), ("fenix", "vnfm")],
    ids=["sample", "fenix", "vnf"],
)
BOTH_WORKFLOWS = pytest.mark.parametrize(
    ("admin_tool", "app_manager"), [("sample", "sample"), ("fenix", "vnfm")], ids=["default", "vnf"]
)
WAYS = pytest.mark.parametrize("way", [Action.MIGRATE, Action.LIVE_MIGRATE], ids=lambda way: way.value.lower())


@dataclass(frozen=True)
class SomebodyActs(Fault):
    """Somebody acts on an instance.

    Attributes:
        moment: The kind of event upon which it happens, and values of its data.
        actions: The actions on the server, in order; ``DELETE`` deletes it.
        after: Clock seconds from the event.
    """

    moment: tuple[str, dict[str, Any]]
    actions: tuple[str, ...]
    after: float = 0.0
    name = "somebody_acts"
    injects = "somebody acts on an instance"
    struck: list[str] = field(default_factory=list, compare=False)

    def strike(self, target: Target) -> None:
        kind, data = self.moment
        wait_for_event(target, kind, **data)
        target.clock.sleep(self.after)
        (server,) = {event.data["server_id"] for event in target.history.of(kinds.SERVER, name=NAME)}
        self.record(target, "injected", NAME)
        for action in self.actions:
            if action == "DELETE":
                call(target.admin.compute, "DELETE", f"/servers/{server}")
            else:
                value = {"state": "error"} if action == "os-resetState" else None
                call(target.admin.compute, "POST", f"/servers/{server}/action", {action: value})
            self.struck.append(action)

    def heal(self, target: Target) -> None:
        """Nothing is left to mend."""


def upon(step: Step) -> tuple[str, dict[str, Any]]:
    return kinds.NOTIFICATION, {"state": step.value}


WAITS = (kinds.SERVER, {"name": NAME, "status": "VERIFY_RESIZE"})


def run(fault: Fault, admin_tool: str, app_manager: str, way: Action = Action.MIGRATE, **settings: Any) -> History:
    given = Scenario(TestbedSettings(wire="memory")).played_by(admin_tool=admin_tool, app_manager=app_manager).on(3)
    return given.full_with_act_on(0).deciding(action=way).where(**settings).with_faults(fault).carry_out().history


def looking_rarely(given: Scenario) -> Any:
    """Return the settings of an operator whose admin tool looks at a move every twenty seconds."""
    return replace(given.settings.admin_tool, poll_seconds=20.0)


def last(history: History) -> dict[str, Any]:
    return dict(history.of(kinds.SESSION_STATE)[-1].data)


def states(history: History) -> list[Event]:
    return list(history.of(kinds.SERVER, name=NAME))


def check(history: History, *claims: str) -> None:
    judgement = judge(history, claims)
    assert {each.claim: each.summary for each in judgement.failed()} == {}


BEFORE = {
    "os-stop": "SHUTOFF",
    "pause": "PAUSED",
    "suspend": "SUSPENDED",
    "shelve": "SHELVED_OFFLOADED",
    "lock": "ACTIVE",
}


@BOTH_WORKFLOWS
@WAYS
@pytest.mark.parametrize(("action", "status"), BEFORE.items(), ids=list(BEFORE.values()))
def test_an_instance_is_moved_as_it_is(
    action: str, status: str, way: Action, admin_tool: str, app_manager: str
) -> None:
    fault = SomebodyActs(upon(Step.MAINTENANCE), (action,))
    history = run(fault, admin_tool, app_manager, way)
    assert fault.struck == [action]
    assert last(history)["state"] == "MAINTENANCE_DONE", last(history)
    before, after = history.of(kinds.SERVER, name=NAME, status=status)[0].data, states(history)[-1].data
    assert (after["status"], after["task_state"]) == (status, None)
    assert before["host"] is None or len({event.data["host"] for event in states(history)}) > 1
    check(
        history,
        "downtime_is_zero",
        "no_thread_died",
        "computes_are_empty_in_maintenance",
        "services_are_back_in_the_end",
    )
    check(history, "admin_actions_are_reported_once", "agreed_actions_are_taken")


@BOTH_WORKFLOWS
@pytest.mark.parametrize(
    ("action", "status"), [("os-resetState", "ERROR"), ("rescue", "RESCUE")], ids=["error", "rescue"]
)
def test_an_instance_that_nova_does_not_move_fails_the_session_before_anything_is_touched(
    action: str, status: str, admin_tool: str, app_manager: str
) -> None:
    history = run(SomebodyActs(upon(Step.MAINTENANCE), (action,)), admin_tool, app_manager)
    assert last(history)["state"] == "MAINTENANCE_FAILED"
    assert "Nova moves no instance in ERROR, RESCUE" in last(history)["reason"]
    assert f"({status})" in last(history)["reason"]
    assert not history.of(kinds.COMPUTE, status="disabled")
    assert {event.data["state"] for event in history.of(kinds.NOTIFICATION) if "project_id" in event.data} <= {
        "MAINTENANCE",
        "MAINTENANCE_FAILED",
    }
    check(history, "no_thread_died", "failed_sessions_put_everything_back")


@BOTH_WORKFLOWS
@WAYS
@pytest.mark.parametrize("after", [0.0, 3.0], ids=["asked", "moved"])
def test_an_instance_that_is_deleted_need_not_be_moved(
    after: float, way: Action, admin_tool: str, app_manager: str
) -> None:
    history = run(SomebodyActs(upon(Step.PLANNED_MAINTENANCE), ("DELETE",), after), admin_tool, app_manager, way)
    assert last(history)["state"] == "MAINTENANCE_DONE", last(history)
    assert states(history)[-1].data["status"] == "DELETED"
    check(history, "downtime_is_zero", "no_thread_died", "admin_actions_are_reported_once", "sessions_end_well")


@BOTH_WORKFLOWS
@pytest.mark.parametrize("action", ["DELETE", "confirmResize"])
def test_a_cold_migration_that_somebody_else_ends_is_done(action: str, admin_tool: str, app_manager: str) -> None:
    fault = SomebodyActs(WAITS, (action,))
    history = run(fault, admin_tool, app_manager)
    assert fault.struck == [action]
    assert last(history)["state"] == "MAINTENANCE_DONE", last(history)
    check(history, "downtime_is_zero", "no_thread_died", "sessions_end_well", "services_are_back_in_the_end")


@TOOLS
def test_a_cold_migration_that_somebody_reverts_fails_the_session(admin_tool: str, app_manager: str) -> None:
    fault = SomebodyActs(WAITS, ("revertResize",))
    history = run(fault, admin_tool, app_manager)
    assert fault.struck == ["revertResize"]
    assert last(history)["state"] == "MAINTENANCE_FAILED", last(history)
    assert "revert" in last(history)["reason"]
    check(history, "downtime_is_zero", "no_thread_died", "failed_sessions_put_everything_back")


@TOOLS
def test_a_live_migration_that_does_not_end_is_aborted(admin_tool: str, app_manager: str) -> None:
    given = Scenario(TestbedSettings(wire="memory")).played_by(admin_tool=admin_tool, app_manager=app_manager).on(3)
    given = given.full_with_act_on(0).deciding(action=Action.LIVE_MIGRATE)
    history = given.where(timings=Timings(live_migrate=90000.0), admin_tool=looking_rarely(given)).carry_out().history
    check(history, "downtime_is_zero", "no_thread_died", "services_are_back_in_the_end")
    if app_manager == "vnfm":
        # Its project has prepared for a cold migration, which takes the place of the live one.
        assert last(history)["state"] == "MAINTENANCE_DONE", last(history)
    else:
        assert "had not ended" in last(history)["reason"] or "has not ended" in last(history)["reason"]
        assert "was aborted" in last(history)["reason"]
        assert last(history)["state"] == "MAINTENANCE_FAILED"
        check(history, "failed_sessions_put_everything_back")


@TOOLS
def test_a_cold_migration_that_does_not_end_is_told(admin_tool: str, app_manager: str) -> None:
    given = Scenario(TestbedSettings(wire="memory")).played_by(admin_tool=admin_tool, app_manager=app_manager).on(3)
    given = given.full_with_act_on(0)
    history = given.where(timings=Timings(cold_migrate=90000.0), admin_tool=looking_rarely(given)).carry_out().history
    assert last(history)["state"] == "MAINTENANCE_FAILED"
    # Nova cannot abort it.
    assert "the migrate of instance" in last(history)["reason"]
    assert "not put back: after 600 s the move of instance" in last(history)["reason"]
    check(history, "no_thread_died", "services_are_back_in_the_end")
