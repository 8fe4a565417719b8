"""App managers that break one rule each, in a live run: the claim about that rule catches them."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.actors.app_manager.sample import AppManager
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.protocol import ProjectMessage, Step
from pytest_doctor_maint.testbed.scenario import Scenario

Caught = Callable[[Scenario, str], History]


class AnswersTwice(Policy):
    """Sends every answer twice."""

    def answers(self, message: ProjectMessage, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [body, body]


class AnswersSomethingElse(Policy):
    """Answers PLANNED_MAINTENANCE with the answer to PREPARE_MAINTENANCE."""

    def answers(self, message: ProjectMessage, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        if message.step is Step.PLANNED_MAINTENANCE:
            return [{**body, "state": "ACK_PREPARE_MAINTENANCE"}]
        return [body]


class ForgetsToScaleBack(AppManager):
    """Agrees to MAINTENANCE_COMPLETE without making what it removed."""

    def _prepare(self, step: Step, message: ProjectMessage) -> Any:
        if step is Step.MAINTENANCE_COMPLETE:
            return {}
        return super()._prepare(step, message)


class StopsStandby(AppManager):
    """Stops both sides of the pair before they are hit."""

    def _make_ready(self, message: ProjectMessage) -> Any:
        actions = super()._make_ready(message)
        ids = self.application.ids
        for name in ("doctor_ha_app_0", "doctor_ha_app_1"):
            call(self._connection.compute, "POST", f"/servers/{ids[name]}/action", {"os-stop": None})
        return actions


class DiesOnPlanned(AppManager):
    """Its thread ends with an exception nobody foresaw."""

    def _make_ready(self, message: ProjectMessage) -> Any:
        raise ZeroDivisionError("a bug")


class StopsOne(AppManager):
    """Stops an instance and leaves it so."""

    def _prepare(self, step: Step, message: ProjectMessage) -> Any:
        if step is Step.MAINTENANCE_COMPLETE:
            server_id = self.application.ids["doctor_ha_app_1"]
            call(self._connection.compute, "POST", f"/servers/{server_id}/action", {"os-stop": None})
        return super()._prepare(step, message)


class ForgetsItsAlarm(AppManager):
    """Leaves its alarm behind."""

    def unsubscribe(self) -> None:
        pass


@pytest.mark.parametrize(
    ("policy", "claim"),
    [
        (Policy(ignore=[Step.MAINTENANCE]), "messages_are_answered"),
        (Policy(ignore=[Step.PLANNED_MAINTENANCE]), "messages_are_answered"),
        (Policy(delay=121.0), "messages_are_answered"),
        (AnswersTwice(), "messages_are_answered"),
        (AnswersSomethingElse(), "messages_are_answered"),
        (Policy(refuse=[Step.PLANNED_MAINTENANCE]), "sessions_end_well"),
        (Policy(switch_over=False), "downtime_is_zero"),
    ],
)
def test_the_claim_catches_a_policy(given: Scenario, caught: Caught, policy: Policy, claim: str) -> None:
    caught(given.with_policy(policy), claim)


@pytest.mark.parametrize(
    ("app_manager", "claim"),
    [
        (ForgetsToScaleBack, "scale_is_restored"),
        (StopsStandby, "act_and_stby_never_both_down"),
        (DiesOnPlanned, "no_thread_died"),
        (StopsOne, "everything_is_active_in_the_end"),
        (ForgetsItsAlarm, "alarms_are_gone_in_the_end"),
    ],
)
def test_the_claim_catches(given: Scenario, caught: Caught, app_manager: type[AppManager], claim: str) -> None:
    caught(given.where(make_app_manager=app_manager), claim)
