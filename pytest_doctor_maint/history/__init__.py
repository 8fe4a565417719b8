"""The one history: everything that happens, as plain data in order."""

from pytest_doctor_maint.history.cause import caused_by, current_cause
from pytest_doctor_maint.history.event import Event, frozen, parse_timestamp, thawed, timestamp
from pytest_doctor_maint.history.history import History
from pytest_doctor_maint.history.ids import Ids

__all__ = ["Event", "History", "Ids", "caused_by", "current_cause", "frozen", "parse_timestamp", "thawed", "timestamp"]
