"""The reasons for which Aodh refuses a request. :class:`~pytest_doctor_maint.embedded.aodh.routes.AodhApi` has the
status of each.
"""

from __future__ import annotations


class Invalid(ValueError):
    """The request is not what the API takes. The text is shown to the caller."""


class NotAuthorized(Exception):
    """The request is for another project or user."""


class Forbidden(Exception):
    """The caller's roles do not allow the request."""

    def __init__(self) -> None:
        super().__init__("RBAC Authorization Failed")


class OverQuota(Exception):
    """The project must not have more alarms."""


def invalid(field: str, value: object, reason: str = "") -> Invalid:
    """Return the error for a wrong value of ``field``."""
    return Invalid(f"Invalid input for field/attribute {field}. Value: '{value}'. {reason}".rstrip())
