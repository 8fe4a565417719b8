"""Nova's HTTP API."""

from __future__ import annotations

from pytest_doctor_maint.cloud.embedded.service import Service


class NovaApi(Service):
    """Nova's HTTP API."""
