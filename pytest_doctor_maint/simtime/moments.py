"""Times in the text of requests."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_moment(text: str) -> datetime:
    """Return the aware UTC moment of an ISO 8601 text; a text without a zone is in UTC.

    Raises:
        ValueError: ``text`` is no such time, or has no date in UTC, such as ``0001-01-01T00:00:00+23:59``.
    """
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} in UTC is out of range") from error
