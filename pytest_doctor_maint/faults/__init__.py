"""Faults by name."""

from pytest_doctor_maint.faults.fault import FAULTS, Computes, Fault, Target, fault
from pytest_doctor_maint.faults.request import FaultRequest, parse_fault

__all__ = ["FAULTS", "Computes", "Fault", "FaultRequest", "Target", "fault", "parse_fault"]
