"""The vnf workflow on the embedded cloud: what happens at the same time, and how a failed session ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_doctor_maint.actors.admin_tool.vnf import workflow
from pytest_doctor_maint.actors.admin_tool.vnf.impacts import Impact
from pytest_doctor_maint.actors.admin_tool.vnf.workflow import VnfWorkflow
from pytest_doctor_maint.actors.app_manager.vnfm import GroupConstraint, InstanceConstraint
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, Action, Step
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from tests.support.broken import fenix_with

FREE = GroupConstraint(max_impacted_members=16, recovery_time=0)


@pytest.fixture
def given() -> Scenario:
    """Six computes of which two are empty, and a VNFM that breaks no rule."""
    scenario = Scenario(TestbedSettings(wire="memory")).played_by(admin_tool="fenix", app_manager="vnfm")
    return scenario.on(6).with_empty_computes(2)


def broken(history: History) -> list[str]:
    """Return the claims that do not hold."""
    return [verdict.claim for verdict in judge(history).failed()]


def ended(history: History) -> tuple[str, str]:
    """Return the last state of the session, and the reason if it failed."""
    last = history.of(kinds.SESSION_STATE)[-1].data
    return last["state"], last.get("reason", "")


def announced(history: History, step: Step) -> list[str]:
    """Return the instances of the messages of a step, in order."""
    return [
        event.data["instance_ids"][0]
        for event in history.of(kinds.NOTIFICATION, event_type=SCHEDULED_EVENT, state=step.value)
    ]


@pytest.mark.parametrize("seed", range(1, 7))
def test_every_claim_holds_in_every_interleaving(given: Scenario, seed: int) -> None:
    history = given.where(seed=seed).carry_out().history
    assert broken(history) == []


def test_one_seed_is_one_history(given: Scenario) -> None:
    assert given.carry_out().history.events == given.carry_out().history.events


def test_each_instance_has_its_own_message_with_lists_and_its_own_url(given: Scenario) -> None:
    history = given.carry_out().history
    messages = [
        event.data for event in history.of(kinds.NOTIFICATION, event_type=SCHEDULED_EVENT, state="PLANNED_MAINTENANCE")
    ]
    assert len(messages) == 8
    for message in messages:
        (instance_id,) = message["instance_ids"]
        assert message["reply_url"].endswith(f"/{message['project_id']}/{instance_id}")
        assert message["allowed_actions"] == ("MIGRATE",)
        assert message["reply_at"] <= message["actions_at"]


def test_a_full_cloud_of_two_projects(given: Scenario) -> None:
    history = given.full_with_projects("red", "blue").carry_out().history
    assert broken(history) == []
    assert ended(history)[0] == "MAINTENANCE_DONE"


def test_scattered_room_empties_several_computes_together() -> None:
    """Each compute is half full: half of them are emptied before any is maintained, and are maintained together."""
    given = Scenario(TestbedSettings(wire="memory")).played_by(admin_tool="fenix", app_manager="vnfm").on(4)
    given = given.with_instances_on(ha_0=0, ha_1=1, nonha_0=2, nonha_1=3).constrained(alone=FREE)
    history = given.carry_out().history
    assert broken(history) == []
    assert len(announced(history, Step.PREPARE_MAINTENANCE)) == 2
    entered = history.of(kinds.NOTIFICATION, event_type=HOST_EVENT, state="IN_MAINTENANCE")
    assert entered[0].at == entered[1].at


def test_live_migrations_that_stop_for_too_long_are_cold_ones(given: Scenario) -> None:
    live = InstanceConstraint(migration_type=Action.LIVE_MIGRATE)
    tender = replace(live, max_interruption_time=0)
    scenario = given.constrained(instance=live, instances={"doctor_nonha_app_0": tender})
    history = scenario.carry_out().history
    assert broken(history) == []
    names = {event.data["server_id"]: event.data["name"] for event in history.of(kinds.SERVER)}
    offers = {
        names[event.data["instance_ids"][0]]: event.data["allowed_actions"]
        for event in history.of(kinds.NOTIFICATION, event_type=SCHEDULED_EVENT, state="PLANNED_MAINTENANCE")
    }
    assert offers.pop("doctor_nonha_app_0") == ("MIGRATE",)
    assert set(offers.values()) == {("LIVE_MIGRATE",)}


def test_a_refusal_ends_every_thread_and_puts_everything_back(given: Scenario) -> None:
    history = given.deciding(refuse=(Step.PLANNED_MAINTENANCE,)).carry_out().history
    state, reason = ended(history)
    assert state == "MAINTENANCE_FAILED"
    assert "NACK_PLANNED_MAINTENANCE" in reason
    holds = (
        "failed_sessions_put_everything_back",
        "no_thread_died",
        "messages_in_order",
        "services_are_back_in_the_end",
    )
    assert not set(holds) & set(broken(history))


def test_silence_fails_the_session_when_the_reply_was_due(given: Scenario) -> None:
    history = given.deciding(ignore=(Step.PLANNED_MAINTENANCE,)).carry_out().history
    state, reason = ended(history)
    assert state == "MAINTENANCE_FAILED"
    assert "did not reply to PLANNED_MAINTENANCE" in reason
    assert "failed_sessions_put_everything_back" not in broken(history)


class Buggy(VnfWorkflow):
    """Has a bug that shows at the third instance."""

    seen = 0

    def carry_out(self, impact: Impact, allowed: tuple[Action, ...]) -> None:
        self.seen += 1
        if self.seen == 3:
            raise ZeroDivisionError("a bug")
        super().carry_out(impact, allowed)


def test_a_bug_in_one_thread_fails_the_session_and_is_reported(given: Scenario) -> None:
    history = given.where(make_admin_tool=fenix_with(Buggy)).carry_out().history
    assert ended(history) == ("MAINTENANCE_FAILED", "ZeroDivisionError: a bug")
    assert "failed_sessions_put_everything_back" not in broken(history)
    assert "services_are_back_in_the_end" not in broken(history)
    assert [event.data["error"] for event in history.of(kinds.THREAD_DIED)] == ["ZeroDivisionError: a bug"]


def test_a_group_that_may_never_be_impacted_fails_the_session_with_a_reason(
    given: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "PATIENCE", 60.0)
    never = replace(FREE, max_impacted_members=0)
    history = given.constrained(alone=never).carry_out().history
    state, reason = ended(history)
    assert state == "MAINTENANCE_FAILED"
    assert "0 may be impacted" in reason
    assert "services_are_back_in_the_end" not in broken(history)
