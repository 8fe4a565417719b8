"""The parts that all admin tools of this package have in common."""
