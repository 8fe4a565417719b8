"""Times as Keystone reads and writes them."""

from __future__ import annotations

from datetime import UTC, datetime

from pytest_doctor_maint.embedded.keystone.errors import Invalid


def read_time(text: str | None) -> datetime | None:
    """Return the time of an ISO 8601 text, in UTC; a text without a zone is in UTC.

    Raises:
        Invalid: The text is not an ISO 8601 time.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(f"Invalid input for field 'expires_at': {text!r} is not an ISO 8601 time.") from None


def write_time(at: datetime | None) -> str | None:
    """Return a time (UTC) with microseconds and ``Z``."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
