"""A history as one HTML page that plays it again, for a browser without a network."""

from pytest_doctor_maint.report.replay.page import replay

__all__ = ["replay"]
