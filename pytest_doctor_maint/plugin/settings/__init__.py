"""The settings of a maintenance test: their table, their readers, and the resolution of their sources."""

from pytest_doctor_maint.plugin.settings.checks import check_outputs, default_workflow
from pytest_doctor_maint.plugin.settings.errors import SettingsError
from pytest_doctor_maint.plugin.settings.session import (
    DRAWN_SEED,
    MARKER_HELP,
    PARAMETRIZE,
    SESSION_SETTINGS,
    SessionSettings,
    Settings,
    as_plain,
    header,
    raised,
    runs_alone,
    settings_for,
)
from pytest_doctor_maint.plugin.settings.table import SETTINGS, Setting
from pytest_doctor_maint.plugin.settings.values import choices, dialect_of, is_remote, shown, spec_of

__all__ = [
    "DRAWN_SEED",
    "MARKER_HELP",
    "PARAMETRIZE",
    "SESSION_SETTINGS",
    "SETTINGS",
    "SessionSettings",
    "Setting",
    "Settings",
    "SettingsError",
    "as_plain",
    "check_outputs",
    "choices",
    "default_workflow",
    "dialect_of",
    "header",
    "is_remote",
    "raised",
    "runs_alone",
    "settings_for",
    "shown",
    "spec_of",
]
