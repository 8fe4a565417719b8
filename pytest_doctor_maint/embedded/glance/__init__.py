"""Glance of the embedded cloud: ``models`` hold its state, ``routes`` speak HTTP."""
