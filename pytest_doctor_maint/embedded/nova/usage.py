"""The resources that the servers of projects used over a period: Nova's simple tenant usage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.nova.server import Server


@dataclass(frozen=True, slots=True)
class ServerUsage:
    """The usage of one server in a period.

    Attributes:
        server: The server, which may be deleted.
        hours: How long it existed in the period, in hours.
        uptime: How long it existed at all until the end of the period, in seconds.
    """

    server: Server
    hours: float
    uptime: int


@dataclass(frozen=True, slots=True)
class ProjectUsage:
    """The usage of a project in a period, in Nova's units: amounts times hours."""

    project_id: str
    servers: list[ServerUsage] = field(default_factory=list)

    @property
    def hours(self) -> float:
        """Server hours."""
        return sum(usage.hours for usage in self.servers)

    @property
    def vcpus(self) -> float:
        """VCPU hours."""
        return sum(usage.hours * usage.server.flavor.vcpus for usage in self.servers)

    @property
    def memory_mb(self) -> float:
        """MiB hours."""
        return sum(usage.hours * usage.server.flavor.ram for usage in self.servers)

    @property
    def local_gb(self) -> float:
        """GiB hours of root and ephemeral disks."""
        return sum(usage.hours * local_gb(usage.server) for usage in self.servers)


def local_gb(server: Server) -> int:
    """Return the size of a server's root and ephemeral disks, in GiB."""
    return server.flavor.disk + server.flavor.ephemeral


def usages(nova: Nova, start: datetime, stop: datetime, project_id: str | None = None) -> list[ProjectUsage]:
    """Return what each project used between two times; projects without servers are left out.

    Args:
        nova: Nova.
        start: The beginning of the period.
        stop: The end of the period.
        project_id: The only project; None for all.
    """
    found: dict[str, ProjectUsage] = {}
    for server in (*nova.gone.values(), *nova.servers.values()):
        if server.launched_at is None or project_id not in (None, server.project_id):
            continue
        until = min(server.terminated_at or stop, stop)
        overlap = until - max(server.launched_at, start)
        if overlap <= timedelta():
            continue
        usage = ServerUsage(server, overlap / timedelta(hours=1), int((until - server.launched_at).total_seconds()))
        found.setdefault(server.project_id, ProjectUsage(server.project_id)).servers.append(usage)
    return list(found.values())
