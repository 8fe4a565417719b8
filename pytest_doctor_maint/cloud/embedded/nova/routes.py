"""Nova's HTTP API."""

from __future__ import annotations

from pytest_doctor_maint.cloud.embedded.nova.routes_aggregates import AggregateRoutes
from pytest_doctor_maint.cloud.embedded.nova.routes_flavors import FlavorRoutes
from pytest_doctor_maint.cloud.embedded.nova.routes_images import ImageProxyRoutes
from pytest_doctor_maint.cloud.embedded.nova.routes_keypairs import KeypairRoutes
from pytest_doctor_maint.cloud.embedded.nova.routes_misc import MiscRoutes
from pytest_doctor_maint.cloud.embedded.nova.routes_quotas import QuotaRoutes
from pytest_doctor_maint.cloud.embedded.nova.routes_servers import ServersRoutes


class NovaApi(ServersRoutes, FlavorRoutes, KeypairRoutes, QuotaRoutes, AggregateRoutes, ImageProxyRoutes, MiscRoutes):
    """Nova's HTTP API, put together from its parts."""
