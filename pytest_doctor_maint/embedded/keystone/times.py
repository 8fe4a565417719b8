"""Times as Keystone reads and writes them."""

from __future__ import annotations

from datetime import datetime

from pytest_doctor_maint.embedded.keystone.errors import Invalid
from pytest_doctor_maint.simtime.moments import parse_moment


def read_time(text: str | None) -> datetime | None:
    """Return the time of an ISO 8601 text, in UTC; a text without a zone is in UTC.

    Raises:
        Invalid: The text is not an ISO 8601 time.
    """
    if text is None:
        return None
    try:
        return parse_moment(text)
    except ValueError:
        raise Invalid(f"Invalid input for field 'expires_at': {text!r} is not an ISO 8601 time.") from None


def write_time(at: datetime | None) -> str | None:
    """Return a time (UTC) with microseconds and ``Z``."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
