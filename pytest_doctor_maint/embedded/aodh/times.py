"""Times as Aodh's API reads and writes them: ISO 8601, UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from pytest_doctor_maint.simtime.moments import parse_moment


def parse_time(text: str) -> datetime:
    """Return the aware UTC time that ``text`` names: ISO 8601, UTC where it names no zone.

    Raises:
        ValueError: ``text`` is not a time.
    """
    return parse_moment(text)


def show_time(moment: datetime) -> str:
    """Return ``moment`` (aware) as the API shows it: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()
