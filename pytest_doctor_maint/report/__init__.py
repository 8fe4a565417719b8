"""What people read: failures, diagrams, tables."""

from pytest_doctor_maint.report.failure import failure_text
from pytest_doctor_maint.report.sequence import sequence

__all__ = ["failure_text", "sequence"]
