"""What breaks a run off, and the names of the parts that may be to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from pytest_doctor_maint.testbed.settings import TestbedSettings

ADMIN_TOOL, APP_MANAGER, INSPECTOR = "admin tool", "app manager", "Inspector"
#: Clock seconds in which an admin tool or a cloud may not answer before the run breaks off.
SILENCE = 15.0


def silence_of(settings: TestbedSettings) -> float:
    """Return the seconds in which an admin tool or a cloud may not answer; they are never more than the patience."""
    return SILENCE if settings.patience is None else min(SILENCE, settings.patience)


class NoAnswer(Exception):
    """The cloud or an actor elsewhere does not answer.

    Args:
        who: Who does not answer, with the address that the user gave.
        reason: The reason.
    """

    def __init__(self, who: str, reason: str) -> None:
        self.who = who
        super().__init__(f"{who} does not answer: {reason}")


class RequestRefused(requests.HTTPError):
    """The admin tool refused a request of the infrastructure admin; the message has its reason."""


class SessionHangs(AssertionError):
    """A session neither ended nor failed, and nothing new happened."""
