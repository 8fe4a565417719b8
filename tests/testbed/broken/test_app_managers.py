"""App managers that break one rule each, in real runs: the claim about that rule is violated."""

from collections.abc import Callable, Mapping

import pytest

from pytest_doctor_maint.actors.app_manager import AppManager, Policy
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.protocol import Action, ProjectMessage, Step
from pytest_doctor_maint.testbed.scenario import Scenario

Caught = Callable[[Scenario, str], History]


class RepliesTwice(Policy):
    """Sends every reply twice."""

    def replies(self, message: ProjectMessage, body: Mapping[str, object]) -> list[Mapping[str, object]]:
        return [body, body]


class RepliesSomethingElse(Policy):
    """Replies to PLANNED_MAINTENANCE with the reply to PREPARE_MAINTENANCE."""

    def replies(self, message: ProjectMessage, body: Mapping[str, object]) -> list[Mapping[str, object]]:
        if message.step is Step.PLANNED_MAINTENANCE:
            return [{**body, "state": "ACK_PREPARE_MAINTENANCE"}]
        return [body]


class ForgetsToScaleBack(AppManager):
    """Agrees to MAINTENANCE_COMPLETE without creating the instances that it removed."""

    def restore(self, message: ProjectMessage) -> None:
        pass


class StopsStandby(AppManager):
    """Stops both instances of the pair before they are impacted."""

    def make_ready(self, message: ProjectMessage) -> dict[str, Action]:
        actions = super().make_ready(message)
        for name in ("doctor_ha_app_0", "doctor_ha_app_1"):
            stop(self, name)
        return actions


class DiesOnPlanned(AppManager):
    """Its thread ends with an unexpected exception."""

    def make_ready(self, message: ProjectMessage) -> dict[str, Action]:
        raise ZeroDivisionError("a bug")


class ForgetsItsAlarm(AppManager):
    """Leaves its alarm behind."""

    def unsubscribe(self) -> None:
        pass


def stop(manager: AppManager, name: str) -> None:
    """Stop an instance of the application."""
    server_id = manager.application.ids[name]
    call(manager.connection.compute, "POST", f"/servers/{server_id}/action", {"os-stop": None})


@pytest.mark.parametrize(
    ("policy", "claim"),
    [
        (Policy(ignore=[Step.MAINTENANCE]), "messages_are_answered"),
        (Policy(ignore=[Step.PLANNED_MAINTENANCE]), "messages_are_answered"),
        (Policy(delay=121.0), "messages_are_answered"),
        (RepliesTwice(), "messages_are_answered"),
        (RepliesSomethingElse(), "messages_are_answered"),
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
        (ForgetsItsAlarm, "alarms_are_gone_in_the_end"),
    ],
)
def test_the_claim_catches(given: Scenario, caught: Caught, app_manager: type[AppManager], claim: str) -> None:
    caught(given.where(make_app_manager=app_manager), claim)
