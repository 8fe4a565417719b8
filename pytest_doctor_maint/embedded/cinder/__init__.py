"""Cinder of a cloud without volumes: clients that look for block storage find it, and find it empty."""
