"""Typed builders and helpers that tests share."""
