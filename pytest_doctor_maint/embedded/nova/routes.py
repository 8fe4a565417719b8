"""Nova's HTTP API."""

from __future__ import annotations

from pytest_doctor_maint.embedded.nova.routes_aggregates import AggregateRoutes
from pytest_doctor_maint.embedded.nova.routes_audit import AuditRoutes
from pytest_doctor_maint.embedded.nova.routes_details import DetailsRoutes
from pytest_doctor_maint.embedded.nova.routes_flavors import FlavorRoutes
from pytest_doctor_maint.embedded.nova.routes_groups import GroupsRoutes
from pytest_doctor_maint.embedded.nova.routes_hosts import HostRoutes
from pytest_doctor_maint.embedded.nova.routes_hypervisors import HypervisorsRoutes
from pytest_doctor_maint.embedded.nova.routes_images import ImageProxyRoutes
from pytest_doctor_maint.embedded.nova.routes_keypairs import KeypairRoutes
from pytest_doctor_maint.embedded.nova.routes_migrations import MigrationsRoutes
from pytest_doctor_maint.embedded.nova.routes_misc import MiscRoutes
from pytest_doctor_maint.embedded.nova.routes_moves import MovesRoutes
from pytest_doctor_maint.embedded.nova.routes_network_actions import NetworkActionsRoutes
from pytest_doctor_maint.embedded.nova.routes_proxies import NetworkProxyRoutes
from pytest_doctor_maint.embedded.nova.routes_quotas import QuotaRoutes
from pytest_doctor_maint.embedded.nova.routes_servers import ServersRoutes
from pytest_doctor_maint.embedded.nova.routes_services import ServicesRoutes


class NovaApi(
    ServersRoutes,
    DetailsRoutes,
    MovesRoutes,
    NetworkActionsRoutes,
    MigrationsRoutes,
    ServicesRoutes,
    HypervisorsRoutes,
    GroupsRoutes,
    FlavorRoutes,
    KeypairRoutes,
    QuotaRoutes,
    AggregateRoutes,
    ImageProxyRoutes,
    NetworkProxyRoutes,
    HostRoutes,
    AuditRoutes,
    MiscRoutes,
):
    """Nova's HTTP API, put together from its parts."""
