"""Nova's HTTP API."""

from __future__ import annotations

from pytest_doctor_maint.cloud.embedded.nova.routes_servers import ServersRoutes


class NovaApi(ServersRoutes):
    """Nova's HTTP API, put together from its parts."""
