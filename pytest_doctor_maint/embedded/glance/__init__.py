"""Glance of the embedded cloud: :mod:`models` has its state, :mod:`routes` serves its API."""
