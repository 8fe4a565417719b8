"""Inspectors: automatic fault management that respects maintenance."""

from pytest_doctor_maint.actors.inspector.sample import SPEC, Inspector

__all__ = ["SPEC", "Inspector"]
