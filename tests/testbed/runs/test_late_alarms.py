"""An alarm that a slow cloud delivers late belongs to the run, also the one of the last notification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.contract import AdminToolContext, Notifier
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.embedded.timings import Timings
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.protocol import HOST_EVENT
from pytest_doctor_maint.testbed.run import LOST
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings


class OneMore:
    """A notifier that repeats the last message about a compute when the session has ended."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._about_host: Mapping[str, object] = {}

    def emit(self, event_type: str, payload: Mapping[str, object]) -> None:
        self._notifier.emit(event_type, payload)
        if event_type == HOST_EVENT:
            self._about_host = payload
        elif payload["state"] == "MAINTENANCE_DONE":
            self._notifier.emit(HOST_EVENT, self._about_host)


def late(context: AdminToolContext[FenixSettings]) -> Fenix:
    return Fenix(replace(context, notifier=OneMore(context.notifier)))


def history_with(delivery: float) -> History:
    """Return the history of a run on a cloud that delivers its alarms after so many seconds."""
    settings = TestbedSettings(wire="memory", timings=Timings(alarm_delivery=delivery))
    scenario = Scenario(settings).played_by(admin_tool="fenix").on(3).full()
    return scenario.where(make_admin_tool=late).carry_out().history


def last_about_host(history: History) -> Event:
    return history.of(kinds.NOTIFICATION, event_type=HOST_EVENT)[-1]


@pytest.mark.parametrize("delivery", [0.5, LOST - 1])
def test_the_last_alarm_is_waited_for(delivery: float) -> None:
    history = history_with(delivery)
    last = last_about_host(history)
    assert last == history.of(kinds.NOTIFICATION)[-1]
    (arrived,) = [alarm for alarm in history.of(kinds.ALARM) if alarm.cause == last.seq]
    assert arrived.seq < history.of(kinds.RUN_ENDED)[0].seq
    assert judge(history, ["alarms_are_gone_in_the_end"]).failed() == ()


def test_an_alarm_that_never_arrives_does_not_keep_the_run() -> None:
    history = history_with(3600)
    assert not history.of(kinds.ALARM)
    last, ended = history.of(kinds.NOTIFICATION)[-1], history.of(kinds.RUN_ENDED)[0]
    assert LOST <= (ended.at - last.at).total_seconds() < 3600
