"""What a maintenance test runs with: which settings there are, how their values are read, and who said so."""

from pytest_doctor_maint.plugin.settings.session import (
    DRAWN_SEED,
    MARKER_HELP,
    SESSION_SETTINGS,
    SessionSettings,
    Settings,
    SettingsError,
    header,
    raised,
    settings_for,
)
from pytest_doctor_maint.plugin.settings.table import SETTINGS, Setting
from pytest_doctor_maint.plugin.settings.values import CHOICES, dialect_of, is_remote

__all__ = [
    "CHOICES",
    "DRAWN_SEED",
    "MARKER_HELP",
    "SESSION_SETTINGS",
    "SETTINGS",
    "SessionSettings",
    "Setting",
    "Settings",
    "SettingsError",
    "dialect_of",
    "header",
    "is_remote",
    "raised",
    "settings_for",
]
