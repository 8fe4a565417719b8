"""Placement of the embedded cloud, read only: it shows what Nova's models hold."""
