"""Nova's HTTP API."""

from __future__ import annotations

from pytest_doctor_maint.embedded.nova.routes.admin_actions import AdminActionRoutes
from pytest_doctor_maint.embedded.nova.routes.aggregates import AggregateRoutes
from pytest_doctor_maint.embedded.nova.routes.audit import AuditRoutes
from pytest_doctor_maint.embedded.nova.routes.consoles import ConsoleRoutes
from pytest_doctor_maint.embedded.nova.routes.diagnostics import DiagnosticsRoutes
from pytest_doctor_maint.embedded.nova.routes.extensions import ExtensionRoutes
from pytest_doctor_maint.embedded.nova.routes.external_events import ExternalEventRoutes
from pytest_doctor_maint.embedded.nova.routes.flavor_access import FlavorAccessRoutes
from pytest_doctor_maint.embedded.nova.routes.flavor_extra_specs import FlavorExtraSpecRoutes
from pytest_doctor_maint.embedded.nova.routes.flavors import FlavorRoutes
from pytest_doctor_maint.embedded.nova.routes.floating_ip_proxy import FloatingIpProxyRoutes
from pytest_doctor_maint.embedded.nova.routes.gone import GoneRoutes
from pytest_doctor_maint.embedded.nova.routes.groups import GroupRoutes
from pytest_doctor_maint.embedded.nova.routes.hosts import HostRoutes
from pytest_doctor_maint.embedded.nova.routes.hypervisors import HypervisorRoutes
from pytest_doctor_maint.embedded.nova.routes.images import ImageProxyRoutes
from pytest_doctor_maint.embedded.nova.routes.instance_actions import InstanceActionRoutes
from pytest_doctor_maint.embedded.nova.routes.interfaces import InterfaceRoutes
from pytest_doctor_maint.embedded.nova.routes.keypairs import KeypairRoutes
from pytest_doctor_maint.embedded.nova.routes.migrations import MigrationRoutes
from pytest_doctor_maint.embedded.nova.routes.moves import MoveRoutes
from pytest_doctor_maint.embedded.nova.routes.network_actions import NetworkActionRoutes
from pytest_doctor_maint.embedded.nova.routes.network_proxy import NetworkProxyRoutes
from pytest_doctor_maint.embedded.nova.routes.power import PowerRoutes
from pytest_doctor_maint.embedded.nova.routes.quotas import QuotaRoutes
from pytest_doctor_maint.embedded.nova.routes.rebuild import RebuildRoutes
from pytest_doctor_maint.embedded.nova.routes.security_group_proxy import SecurityGroupProxyRoutes
from pytest_doctor_maint.embedded.nova.routes.server_metadata import ServerMetadataRoutes
from pytest_doctor_maint.embedded.nova.routes.server_migrations import ServerMigrationRoutes
from pytest_doctor_maint.embedded.nova.routes.server_tags import ServerTagRoutes
from pytest_doctor_maint.embedded.nova.routes.servers import ServerRoutes
from pytest_doctor_maint.embedded.nova.routes.services import ServiceRoutes
from pytest_doctor_maint.embedded.nova.routes.shelving import ShelvingRoutes
from pytest_doctor_maint.embedded.nova.routes.snapshots import SnapshotRoutes
from pytest_doctor_maint.embedded.nova.routes.usage import UsageRoutes
from pytest_doctor_maint.embedded.nova.routes.versions import VersionRoutes
from pytest_doctor_maint.embedded.nova.routes.volume_attachments import VolumeAttachmentRoutes
from pytest_doctor_maint.embedded.nova.routes.zones import ZoneRoutes


class NovaApi(
    VersionRoutes,
    # Servers, and what belongs to one server.
    ServerRoutes,
    ServerMetadataRoutes,
    ServerTagRoutes,
    InterfaceRoutes,
    VolumeAttachmentRoutes,
    DiagnosticsRoutes,
    InstanceActionRoutes,
    ServerMigrationRoutes,
    # Actions on servers.
    PowerRoutes,
    RebuildRoutes,
    SnapshotRoutes,
    AdminActionRoutes,
    ConsoleRoutes,
    MoveRoutes,
    ShelvingRoutes,
    NetworkActionRoutes,
    # Other resources.
    MigrationRoutes,
    ServiceRoutes,
    HypervisorRoutes,
    HostRoutes,
    AggregateRoutes,
    ZoneRoutes,
    GroupRoutes,
    FlavorRoutes,
    FlavorExtraSpecRoutes,
    FlavorAccessRoutes,
    KeypairRoutes,
    QuotaRoutes,
    UsageRoutes,
    AuditRoutes,
    ExtensionRoutes,
    ExternalEventRoutes,
    # Proxies to other services, and what was removed.
    ImageProxyRoutes,
    NetworkProxyRoutes,
    SecurityGroupProxyRoutes,
    FloatingIpProxyRoutes,
    GoneRoutes,
):
    """Nova's HTTP API, put together from its resources."""


__all__ = ["NovaApi"]
