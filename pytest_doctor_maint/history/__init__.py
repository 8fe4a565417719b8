"""The history of a run: everything that happened, as plain data, in order."""

from pytest_doctor_maint.history.event import Event, frozen, parse_timestamp, thawed, timestamp
from pytest_doctor_maint.history.history import History

__all__ = ["Event", "History", "frozen", "parse_timestamp", "thawed", "timestamp"]
