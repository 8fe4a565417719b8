"""Neutron's HTTP API."""

from __future__ import annotations

from pytest_doctor_maint.cloud.embedded.service import Service


class NeutronApi(Service):
    """Neutron's HTTP API."""
