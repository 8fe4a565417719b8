"""A session whose notifications are lost fails with the reason and restores everything, and no thread dies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.admin_tool.sample.tool import SampleAdminTool
from pytest_doctor_maint.actors.contract import AdminToolContext, Notifier
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.openstack.notifier import NotificationLost
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings

HOLD = ("failed_sessions_put_everything_back", "services_are_back_in_the_end", "no_thread_died", "downtime_is_zero")


class Silenced:
    """A notifier that loses every notification from one message on."""

    def __init__(self, notifier: Notifier, state: str) -> None:
        self._notifier = notifier
        self._state = state
        self._lost = False

    def emit(self, event_type: str, payload: Mapping[str, object]) -> None:
        self._lost = self._lost or payload["state"] == self._state
        if self._lost:
            raise NotificationLost(f"the notification {event_type} did not reach the bus")
        self._notifier.emit(event_type, payload)


Kind = type[SampleAdminTool] | type[Fenix]


def silenced(kind: Kind, state: str) -> Callable[[AdminToolContext[FenixSettings]], SampleAdminTool | Fenix]:
    # Fenix's settings are those of every admin tool and more.
    def make(context: AdminToolContext[FenixSettings]) -> SampleAdminTool | Fenix:
        return kind(replace(context, notifier=Silenced(context.notifier, state)))

    return make


@pytest.mark.parametrize("state", ["MAINTENANCE", "PREPARE_MAINTENANCE", "IN_MAINTENANCE", "PLANNED_MAINTENANCE"])
@pytest.mark.parametrize(
    ("kind", "app_manager"),
    [(SampleAdminTool, "sample"), (Fenix, "sample"), (Fenix, "vnfm")],
    ids=["sample", "fenix", "vnf"],
)
def test_the_session_fails_with_the_reason_and_puts_everything_back(kind: Kind, app_manager: str, state: str) -> None:
    name = "sample" if kind is SampleAdminTool else "fenix"
    given = (
        Scenario(TestbedSettings(wire="memory"))
        .played_by(admin_tool=name, app_manager=app_manager)
        .on(3)
        .full_with_act_on(0)
    )
    history = given.where(make_admin_tool=silenced(kind, state)).carry_out().history
    last = history.of(kinds.SESSION_STATE)[-1].data
    assert last["state"] == "MAINTENANCE_FAILED"
    assert "did not reach the bus" in last["reason"]
    # Fenix also reports its failure to the admin, with a notification.
    assert ("not reported: the notification maintenance.session" in last["reason"]) is (kind is Fenix)
    judgement = judge(history, HOLD)
    assert {each.claim: each.summary for each in judgement.failed()} == {}
