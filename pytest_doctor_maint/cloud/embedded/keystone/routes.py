"""Keystone's HTTP API."""

from __future__ import annotations

from pytest_doctor_maint.cloud.embedded.service import Service


class KeystoneApi(Service):
    """Keystone's HTTP API."""
