"""The history of a run: everything that happened, as plain data, in order."""

from pytest_doctor_maint.history.event import Event, frozen, thawed, timestamp
from pytest_doctor_maint.history.history import History

__all__ = ["Event", "History", "frozen", "thawed", "timestamp"]
