"""An alarm that a slow cloud delivers late belongs to the run: claims see it."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.embedded.timings import Timings
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.testbed.run import LOST
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings

ARRIVES = ("messages_reach_their_project", "inspector_hears_of_maintenance", "alarms_are_gone_in_the_end")


def history_with(delivery: float) -> History:
    """Return the history of a run on a cloud that delivers its alarms after so many seconds."""
    timings = Timings(alarm_delivery=delivery)
    return Scenario(TestbedSettings(wire="memory", timings=timings)).on(3).full().carry_out().history


@pytest.mark.parametrize("delivery", [0.5, 1.5, LOST - 1])
def test_late_alarms_are_waited_for(delivery: float) -> None:
    history = history_with(delivery)
    assert {verdict.claim: verdict.summary for verdict in judge(history, ARRIVES).failed()} == {}
    last = history.of(kinds.NOTIFICATION, event_type="maintenance.host")[-1]
    (arrived,) = [alarm for alarm in history.of(kinds.ALARM) if alarm.cause == last.seq]
    assert (arrived.at - last.at).total_seconds() >= delivery


def test_an_alarm_that_never_arrives_does_not_keep_the_run() -> None:
    history = history_with(3600)
    assert not history.of(kinds.ALARM)
    last, ended = history.of(kinds.NOTIFICATION)[-1], history.of(kinds.RUN_ENDED)[0]
    # The admin tool looks for replies until the end of the window; then the run waits once for the alarm.
    assert LOST <= (ended.at - last.at).total_seconds() < 3600
