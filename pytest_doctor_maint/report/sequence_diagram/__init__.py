"""A run as a sequence diagram in SVG: actors are columns, messages with their windows are rows."""

from pytest_doctor_maint.report.sequence_diagram.picture import sequence_diagram

__all__ = ["sequence_diagram"]
