"""The windows of an admin tool's settings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.protocol import FENIX, SAMPLE, Step

MAINTENANCE_REPLIES = (Step.MAINTENANCE, Step.PREPARE_MAINTENANCE, Step.PLANNED_MAINTENANCE)
SCALE_IN_REPLIES = (Step.DOWN_SCALE, Step.MAINTENANCE_COMPLETE)


def test_the_windows_are_those_of_the_dialect_unless_they_are_set() -> None:
    settings = AdminToolSettings(windows={Step.DOWN_SCALE: 5.0})
    assert settings.all_windows == {**SAMPLE.windows, Step.DOWN_SCALE: 5.0}
    assert settings.window(Step.DOWN_SCALE) == 5.0
    assert settings.window(Step.IN_MAINTENANCE) == 0.0, "a step without a window"


def test_fenix_names_two_windows_which_a_copy_of_the_settings_may_change() -> None:
    assert FenixSettings().all_windows == FENIX.windows
    for settings in (
        FenixSettings(project_maintenance_reply=40.0, project_scale_in_reply=90.0),
        replace(FenixSettings(), project_maintenance_reply=40.0, project_scale_in_reply=90.0),
    ):
        assert {settings.window(step) for step in MAINTENANCE_REPLIES} == {40.0}
        assert {settings.window(step) for step in SCALE_IN_REPLIES} == {90.0}


@pytest.mark.parametrize("step", [*MAINTENANCE_REPLIES, *SCALE_IN_REPLIES])
def test_a_window_of_one_step_comes_before_those_of_the_names(step: Step) -> None:
    settings = FenixSettings(project_maintenance_reply=40.0, windows={step: 7.0})
    assert settings.window(step) == 7.0
