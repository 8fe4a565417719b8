"""What a maintenance test runs with: which settings there are, how their values are read, and who said so."""

from pytest_doctor_maint.settings.session import (
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
from pytest_doctor_maint.settings.table import KINDS, Kind
from pytest_doctor_maint.settings.values import CHOICES, dialect_of, is_remote

__all__ = [
    "CHOICES",
    "DRAWN_SEED",
    "KINDS",
    "MARKER_HELP",
    "SESSION_SETTINGS",
    "Kind",
    "SessionSettings",
    "Settings",
    "SettingsError",
    "dialect_of",
    "header",
    "is_remote",
    "raised",
    "settings_for",
]
