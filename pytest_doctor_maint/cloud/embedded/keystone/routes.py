"""Keystone's HTTP API."""

from __future__ import annotations

from pytest_doctor_maint.cloud.embedded.keystone.auth_routes import AuthRoutes


class KeystoneApi(AuthRoutes):
    """The Identity API v3, put together from its groups of routes."""
