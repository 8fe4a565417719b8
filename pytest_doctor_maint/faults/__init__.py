"""Faults by name."""
