"""Variants of Fenix that break one rule each, in real runs; the first ones do what the Fenix of 2019 does."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

import pytest
from werkzeug.wrappers import Response

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.actors.admin_tool.fenix.api import FenixApi
from pytest_doctor_maint.actors.admin_tool.fenix.context import FenixWorkflowContext
from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.admin_tool.fenix.workflow import FenixWorkflow
from pytest_doctor_maint.actors.admin_tool.vnf.workflow import VnfWorkflow
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.actors.contract import Notifier
from pytest_doctor_maint.claims import Outcome, judge
from pytest_doctor_maint.protocol import FENIX, Action, ProjectMessage, Step
from pytest_doctor_maint.simtime.http import HttpError
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from tests.support.broken import Caught, fenix_with

#: The payload of a notification. Any: its values are JSON of any kind.
Payload = dict[str, Any]


class Bent:
    """A notifier that changes each payload before it is emitted, or drops it."""

    def __init__(self, notifier: Notifier, bend: Callable[[str, Payload], Payload | None]) -> None:
        self._notifier = notifier
        self._bend = bend

    def emit(self, event_type: str, payload: Mapping[str, Any]) -> None:
        bent = self._bend(event_type, dict(payload))
        if bent is not None:
            self._notifier.emit(event_type, bent)


class BendingWorkflow(FenixWorkflow):
    """Fenix's default workflow, which changes its notifications."""

    def __init__(self, context: FenixWorkflowContext) -> None:
        super().__init__(replace(context, notifier=Bent(context.notifier, self.bend)))

    @staticmethod
    def bend(event_type: str, payload: Payload) -> Payload | None:
        return payload


class BendingVnfWorkflow(VnfWorkflow):
    """Fenix's vnf workflow, which changes its notifications."""

    def __init__(self, context: FenixWorkflowContext) -> None:
        super().__init__(replace(context, notifier=Bent(context.notifier, self.bend)))

    @staticmethod
    def bend(event_type: str, payload: Payload) -> Payload | None:
        return payload


# -- the Fenix of 2019 -------------------------------------------------------------------------------------------------


class SubtractsTheWindow(BendingWorkflow):
    """Subtracts the window from the current time for reply_at, instead of adding it."""

    @staticmethod
    def bend(event_type: str, payload: Payload) -> Payload:
        if payload.get("reply_at"):
            payload["reply_at"] = "2020-01-01 00:00:00"
        return payload


class NamesTheProject(FenixWorkflow):
    """Writes the admin project's name where its id belongs."""

    def __init__(self, context: FenixWorkflowContext) -> None:
        super().__init__(replace(context, admin_project_id="admin"))


class LeavesComputesDisabled(FenixWorkflow):
    """Restores nothing when the session fails."""

    def fail(self, reason: str) -> None:
        self.session.reason = reason
        self.enter("MAINTENANCE_FAILED")


class AsksAgain(FenixWorkflow):
    """Asks to scale in a second time, even when no project removed an instance."""

    def ask_to_scale_down(self, projects: Iterable[str]) -> None:
        projects = list(projects)
        super().ask_to_scale_down(projects)
        super().ask_to_scale_down(projects)


class CannotMigrateLive(FenixWorkflow):
    """Offers LIVE_MIGRATE, and fails when it is chosen."""

    def move(self, instance: Instance, action: Action, target: str) -> None:
        if action is Action.LIVE_MIGRATE:
            raise SessionFailed("")
        super().move(instance, action, target)


# -- other faults ------------------------------------------------------------------------------------------------------


class StandsStill(BendingWorkflow):
    """Reports the same progress from start to end."""

    @staticmethod
    def bend(event_type: str, payload: Payload) -> Payload:
        return {**payload, "percent_done": 50} if event_type == "maintenance.session" else payload


class FallsBack(BendingWorkflow):
    """Reports a progress that decreases."""

    @staticmethod
    def bend(event_type: str, payload: Payload) -> Payload:
        if event_type == "maintenance.session" and payload["state"] != "MAINTENANCE_DONE":
            payload["percent_done"] = 100 - payload["percent_done"]
        return payload


class NotifiesOnlyOfTheEnd(BendingWorkflow):
    """Does not notify the admin before the session is done."""

    @staticmethod
    def bend(event_type: str, payload: Payload) -> Payload | None:
        return None if event_type == "maintenance.session" and payload["percent_done"] < 100 else payload


class LeavesNoTimeToReply(BendingWorkflow):
    """Omits the time when a reply is due."""

    @staticmethod
    def bend(event_type: str, payload: Payload) -> Payload:
        return {**payload, "reply_at": None} if "reply_at" in payload else payload


class NamesNoInstance(BendingVnfWorkflow):
    """Writes a URL where the VNFM expects the id of the instance."""

    @staticmethod
    def bend(event_type: str, payload: Payload) -> Payload:
        if payload["state"] == "PLANNED_MAINTENANCE" and event_type == "maintenance.scheduled":
            payload["instance_ids"] = payload["reply_url"]
        return payload


class ReportsTheReturnFirst(BendingVnfWorkflow):
    """Swaps the two messages about a compute: IN_MAINTENANCE and MAINTENANCE_COMPLETE."""

    @staticmethod
    def bend(event_type: str, payload: Payload) -> Payload:
        words = {"IN_MAINTENANCE": "MAINTENANCE_COMPLETE", "MAINTENANCE_COMPLETE": "IN_MAINTENANCE"}
        if event_type == "maintenance.host":
            payload["state"] = words[payload["state"]]
        return payload


class MaintainsWithoutRoom(VnfWorkflow):
    """Takes a compute out of use while its instances are still on their way."""

    def maintain_hosts(self) -> None:
        self.work_on(next(host for host in self.hosts if self.cloud.instances([host])))
        super().maintain_hosts()


@pytest.fixture
def default() -> Scenario:
    """Fenix's default workflow on a full cloud of three computes."""
    return Scenario(TestbedSettings(wire="memory")).played_by(admin_tool="fenix").on(3).full_with_act_on(0)


@pytest.fixture
def vnf() -> Scenario:
    """Fenix's vnf workflow, a VNFM, and one empty compute of four."""
    scenario = Scenario(TestbedSettings(wire="memory")).played_by(admin_tool="fenix", app_manager="vnfm")
    return scenario.on(4).with_one_empty_compute()


@pytest.mark.parametrize(
    ("workflow", "claim"),
    [
        (SubtractsTheWindow, "windows_are_long_enough"),
        (NamesTheProject, "messages_are_well_formed"),
        (StandsStill, "progress_is_consistent"),
        (FallsBack, "progress_is_consistent"),
        (NotifiesOnlyOfTheEnd, "progress_is_consistent"),
        (LeavesNoTimeToReply, "messages_are_well_formed"),
    ],
)
def test_the_claim_catches(default: Scenario, caught: Caught, workflow: type[FenixWorkflow], claim: str) -> None:
    caught(default.where(make_admin_tool=fenix_with(workflow)), claim)


def test_asking_again_although_no_instance_was_removed_is_caught(default: Scenario, caught: Caught) -> None:
    removing_nothing = default.with_policy(Policy(scale_down=()))
    caught(removing_nothing.where(make_admin_tool=fenix_with(AsksAgain)), "messages_in_order")


@pytest.mark.parametrize("claim", ["failed_sessions_put_everything_back", "services_are_back_in_the_end"])
def test_computes_left_disabled_after_a_refusal_are_caught(default: Scenario, caught: Caught, claim: str) -> None:
    refusing = default.with_policy(Policy(refuse=[Step.PLANNED_MAINTENANCE]))
    caught(refusing.where(make_admin_tool=fenix_with(LeavesComputesDisabled)), claim)


def test_a_live_migration_that_is_offered_and_fails_is_caught(default: Scenario, caught: Caught) -> None:
    live = default.with_policy(Policy(action=Action.LIVE_MIGRATE))
    history = caught(live.where(make_admin_tool=fenix_with(CannotMigrateLive)), "sessions_end_well")
    assert "LIVE_MIGRATE of doctor_" in judge(history, ["sessions_end_well"]).verdicts[0].summary


def test_words_of_another_admin_tool_are_caught(default: Scenario, caught: Caught) -> None:
    wordless = FenixSettings(dialect=replace(FENIX, words={}))
    caught(default.where(admin_tool=wordless), "messages_are_well_formed")


@pytest.mark.parametrize(
    ("workflow", "claim"),
    [
        (NamesNoInstance, "messages_are_well_formed"),
        (ReportsTheReturnFirst, "messages_in_order"),
        (MaintainsWithoutRoom, "computes_are_empty_in_maintenance"),
    ],
)
def test_the_claim_catches_it_at_several_computes_at_once(
    vnf: Scenario, caught: Caught, workflow: type[FenixWorkflow], claim: str
) -> None:
    caught(vnf.where(make_admin_tool=fenix_with(workflow)), claim)


class SendsNonsenseFirst(Policy):
    """Sends a body without a state before the reply."""

    def replies(self, message: ProjectMessage, body: Mapping[str, object]) -> list[Mapping[str, object]]:
        return [{"what": str(datetime.min)}, body]


class BreakingApi(FenixApi):
    """Answers 500 to invalid requests."""

    def error_response(self, request: object, error: HttpError) -> Response:
        return super().error_response(request, HttpError(500, error.message))


class BreaksUponNonsense(Fenix):
    """A Fenix with that API."""

    api_class: ClassVar[type[FenixApi]] = BreakingApi


def test_breaking_upon_nonsense_is_caught(default: Scenario, caught: Caught) -> None:
    caught(default.with_policy(SendsNonsenseFirst()).where(make_admin_tool=BreaksUponNonsense), "refusals_are_clear")


def test_refusing_nonsense_is_right(default: Scenario) -> None:
    history = default.with_policy(SendsNonsenseFirst()).carry_out().history
    verdict = judge(history, ["refusals_are_clear"]).verdicts[0]
    assert verdict.outcome is Outcome.HOLDS
    assert verdict.figures["refusals"]
