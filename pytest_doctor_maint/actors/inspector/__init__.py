"""Inspectors: automatic fault management that knows of maintenance."""

from pytest_doctor_maint.actors.inspector.sample import Inspector

__all__ = ["Inspector"]
