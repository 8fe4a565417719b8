"""Fenixes that break one rule each, in a live run; the first ones do what the Fenix of 2019 does."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix, FenixSettings
from pytest_doctor_maint.actors.admin_tool.fenix.workflow import FenixWorkflow
from pytest_doctor_maint.actors.admin_tool.vnf.workflow import VnfWorkflow
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.claims import Outcome, judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import FENIX, Action, ProjectMessage, Step
from pytest_doctor_maint.testbed.cast import cast
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.testbed import TestbedSettings

Caught = Callable[[Scenario, str], History]


class Bent:
    """A notifier that emits something else than it is given."""

    def __init__(self, notifier: Any, bend: Callable[[str, dict[str, Any]], dict[str, Any] | None]) -> None:
        self._notifier = notifier
        self._bend = bend

    def emit(self, event_type: str, payload: Mapping[str, Any]) -> None:
        bent = self._bend(event_type, dict(payload))
        if bent is not None:
            self._notifier.emit(event_type, bent)


class Bends:
    """A part of a workflow that bends its messages."""

    def __init__(self, *args: Any, **more: Any) -> None:
        more["notifier"] = Bent(more["notifier"], self.bend)
        super().__init__(*args, **more)

    @staticmethod
    def bend(event_type: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        return payload


# -- the Fenix of 2019 -------------------------------------------------------------------------------------------------


class SubtractsTheWindow(Bends, FenixWorkflow):
    """Writes into reply_at when the window would have begun, had it ended now."""

    @staticmethod
    def bend(event_type: str, payload: dict[str, Any]) -> dict[str, Any]:
        if payload.get("reply_at"):
            payload["reply_at"] = "2020-01-01 00:00:00"
        return payload


class NamesTheProject(Bends, FenixWorkflow):
    """Writes the admin project's name where its id is due."""

    @staticmethod
    def bend(event_type: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "project_id": "admin"} if event_type == "maintenance.host" else payload


class LeavesComputesDisabled(FenixWorkflow):
    """Puts nothing back when it fails."""

    def _fail(self, reason: str) -> None:
        self._session.reason = reason
        self.enter("MAINTENANCE_FAILED")


class AsksAgain(FenixWorkflow):
    """Asks to scale in again, whatever it got."""

    def ask_to_scale_down(self, projects: Any) -> None:
        super().ask_to_scale_down(projects)
        super().ask_to_scale_down(projects)


class CannotMigrateLive(FenixWorkflow):
    """Offers LIVE_MIGRATE, and fails when it is chosen."""

    def maintain(self) -> None:
        move = self._moves.move

        def fails(instance: Instance, action: Action, target: str) -> None:
            if action is Action.LIVE_MIGRATE:
                raise SessionFailed("")
            move(instance, action, target)

        self._moves.move = fails  # type: ignore[method-assign]
        super().maintain()


# -- other faults ------------------------------------------------------------------------------------------------------


class StandsStill(Bends, FenixWorkflow):
    """Is half done from the begin to the end."""

    @staticmethod
    def bend(event_type: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "percent_done": 50} if event_type == "maintenance.session" else payload


class FallsBack(Bends, FenixWorkflow):
    """Has less done the longer it takes."""

    @staticmethod
    def bend(event_type: str, payload: dict[str, Any]) -> dict[str, Any]:
        if event_type == "maintenance.session" and payload["state"] != "MAINTENANCE_DONE":
            payload["percent_done"] = 100 - payload["percent_done"]
        return payload


class TellsOnlyTheEnd(Bends, FenixWorkflow):
    """Tells the admin nothing before it is done."""

    @staticmethod
    def bend(event_type: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        return None if event_type == "maintenance.session" and payload["percent_done"] < 100 else payload


class TakesNoTimeToAnswer(Bends, FenixWorkflow):
    """Does not say when an answer is due."""

    @staticmethod
    def bend(event_type: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "reply_at": None} if "reply_at" in payload else payload


class NamesNoInstance(Bends, VnfWorkflow):
    """Writes a URL where the VNFM is to find the one instance."""

    @staticmethod
    def bend(event_type: str, payload: dict[str, Any]) -> dict[str, Any]:
        if payload["state"] == "PLANNED_MAINTENANCE" and event_type == "maintenance.scheduled":
            payload["instance_ids"] = payload["reply_url"]
        return payload


class TellsTheReturnFirst(Bends, VnfWorkflow):
    """Says that a compute is back when it goes, and that it goes when it is back."""

    @staticmethod
    def bend(event_type: str, payload: dict[str, Any]) -> dict[str, Any]:
        words = {"IN_MAINTENANCE": "MAINTENANCE_COMPLETE", "MAINTENANCE_COMPLETE": "IN_MAINTENANCE"}
        if event_type == "maintenance.host":
            payload["state"] = words[payload["state"]]
        return payload


class MaintainsWithoutRoom(VnfWorkflow):
    """Takes a compute out of use while its instances are still on their way."""

    def maintain_hosts(self) -> None:
        self.work_on(next(host for host in self._hosts if self._cloud.instances([host])))
        super().maintain_hosts()


@pytest.fixture
def default() -> Scenario:
    """Fenix's default workflow on a full cloud of three computes."""
    return Scenario(TestbedSettings(**cast("fenix", "sample"))).on(3).full_with_act_on(0)


@pytest.fixture
def vnf() -> Scenario:
    """Fenix's vnf workflow, a VNFM, and one empty compute of four."""
    return Scenario(TestbedSettings(**cast("fenix", "vnfm"))).on(4).with_one_empty_compute()


def fenix_with(workflow: type[FenixWorkflow]) -> type[Fenix]:
    return type("BrokenFenix", (Fenix,), {"workflows": {"default": workflow, "vnf": workflow}})


@pytest.mark.parametrize(
    ("workflow", "claim"),
    [
        (SubtractsTheWindow, "windows_are_long_enough"),
        (NamesTheProject, "messages_are_well_formed"),
        (StandsStill, "progress_is_consistent"),
        (FallsBack, "progress_is_consistent"),
        (TellsOnlyTheEnd, "progress_is_consistent"),
        (TakesNoTimeToAnswer, "messages_are_well_formed"),
    ],
)
def test_the_claim_catches(default: Scenario, caught: Caught, workflow: type[FenixWorkflow], claim: str) -> None:
    caught(default.where(make_admin_tool=fenix_with(workflow)), claim)


def test_asking_for_more_of_who_gave_nothing_is_caught(default: Scenario, caught: Caught) -> None:
    giving_nothing = default.with_policy(Policy(scale_down=()))
    caught(giving_nothing.where(make_admin_tool=fenix_with(AsksAgain)), "messages_in_order")


@pytest.mark.parametrize("claim", ["failed_sessions_put_everything_back", "services_are_back_in_the_end"])
def test_computes_left_disabled_after_a_refusal_are_caught(default: Scenario, caught: Caught, claim: str) -> None:
    refusing = default.with_policy(Policy(refuse=[Step.PLANNED_MAINTENANCE]))
    caught(refusing.where(make_admin_tool=fenix_with(LeavesComputesDisabled)), claim)


def test_a_live_migration_that_is_offered_and_fails_is_caught(default: Scenario, caught: Caught) -> None:
    live = default.with_policy(Policy(action=Action.LIVE_MIGRATE))
    history = caught(live.where(make_admin_tool=fenix_with(CannotMigrateLive)), "sessions_end_well")
    assert "LIVE_MIGRATE of doctor_" in judge(history, ["sessions_end_well"]).verdicts[0].summary


def test_words_of_another_admin_tool_are_caught(default: Scenario, caught: Caught) -> None:
    spoken = FenixSettings(profile=replace(FENIX, words={}))
    caught(default.where(admin_tool=spoken), "messages_are_well_formed")


@pytest.mark.parametrize(
    ("workflow", "claim"),
    [
        (NamesNoInstance, "messages_are_well_formed"),
        (TellsTheReturnFirst, "messages_in_order"),
        (MaintainsWithoutRoom, "computes_are_empty_in_maintenance"),
    ],
)
def test_the_claim_catches_it_at_several_computes_at_once(
    vnf: Scenario, caught: Caught, workflow: type[FenixWorkflow], claim: str
) -> None:
    caught(vnf.where(make_admin_tool=fenix_with(workflow)), claim)


class SendsNonsenseFirst(Policy):
    """Answers with a body that has no state, then properly."""

    def replies(self, message: ProjectMessage, body: Mapping[str, object]) -> list[Mapping[str, object]]:
        return [{"what": str(datetime.min)}, body]


class BreaksUponNonsense(Fenix):
    """Answers 500 where the client is at fault."""

    def _make_api(self) -> Any:
        api = super()._make_api()

        def app(environ: Any, start_response: Any) -> Any:
            def breaks(status: str, headers: Any, *rest: Any) -> Any:
                return start_response("500 Internal Server Error" if status[0] == "4" else status, headers, *rest)

            return api(environ, breaks)

        return app


def test_breaking_upon_nonsense_is_caught(default: Scenario, caught: Caught) -> None:
    caught(default.with_policy(SendsNonsenseFirst()).where(make_admin_tool=BreaksUponNonsense), "refusals_are_clear")


def test_refusing_nonsense_is_right(default: Scenario) -> None:
    history = default.with_policy(SendsNonsenseFirst()).carry_out().history
    verdict = judge(history, ["refusals_are_clear"]).verdicts[0]
    assert verdict.outcome is Outcome.HOLDS
    assert verdict.figures["refusals"]
