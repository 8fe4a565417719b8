"""Times on the wire: ``YYYY-MM-DD HH:MM:SS``, UTC, in the admin tool's API and in notifications."""

from __future__ import annotations

from datetime import UTC, datetime

WIRE_FORMAT = "%Y-%m-%d %H:%M:%S"


def to_wire(moment: datetime) -> str:
    """Return the aware `moment` as the admin tool's API writes it; fractions of a second are cut off."""
    return moment.astimezone(UTC).strftime(WIRE_FORMAT)


def from_wire(text: str) -> datetime:
    """Return the aware UTC moment of a time on the wire; it may have a ``T`` in the middle, as Aodh writes it.

    Raises:
        ValueError: `text` is not such a time.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    # A time of year 1 or 9999 may be none in UTC.
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is not a time of the form YYYY-MM-DD HH:MM:SS (UTC)") from error
