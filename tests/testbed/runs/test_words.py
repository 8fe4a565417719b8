"""The sample admin tool speaks the words of the use case, or those of Doctor's last release."""

from __future__ import annotations

import pytest

from pytest_doctor_maint import SAMPLE, SAMPLE_2020, AdminToolSettings, Dialect
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings


@pytest.mark.parametrize(
    ("dialect", "words", "others"),
    [
        (SAMPLE, {"DOWN_SCALE", "ADMIN_ACTION_DONE"}, {"SCALE_IN", "INSTANCE_ACTION_DONE"}),
        (SAMPLE_2020, {"SCALE_IN", "INSTANCE_ACTION_DONE"}, {"DOWN_SCALE", "ADMIN_ACTION_DONE"}),
    ],
    ids=["use-case", "2020"],
)
def test_a_session_in_the_words_of_a_dialect(dialect: Dialect, words: set[str], others: set[str]) -> None:
    given = Scenario(TestbedSettings(wire="memory")).on(3).full()
    history = given.where(admin_tool=AdminToolSettings(dialect=dialect)).carry_out().history
    spoken = {event.data["state"] for event in history.of(kinds.NOTIFICATION)}
    assert words <= spoken
    assert not others & spoken
    judgement = judge(history)
    assert judgement.holds, [f"{verdict.claim}: {verdict.summary}" for verdict in judgement.failed()]
