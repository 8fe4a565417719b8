"""Keystone of the embedded cloud: ``models`` hold its state, ``routes`` serve its API."""
