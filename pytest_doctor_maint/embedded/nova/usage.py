"""What projects' servers used over a period: Nova's simple tenant usage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.nova.server import Server


@dataclass(frozen=True, slots=True)
class ServerUsage:
    """A server's part of a period.

    Attributes:
        server: The server, which may be gone.
        hours: How long it was there within the period.
        uptime: How long it has been there at all, until the period's end, in seconds.
    """

    server: Server
    hours: float
    uptime: int


@dataclass(frozen=True, slots=True)
class ProjectUsage:
    """A project's use of a period, in Nova's units: each amount times the hours that it was held."""

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
    """A server's root and ephemeral disk, GiB."""
    return server.flavor.disk + server.flavor.ephemeral


def usages(nova: Nova, start: datetime, stop: datetime, project_id: str | None = None) -> list[ProjectUsage]:
    """What each project (or only that one) used between ``start`` and ``stop``; those without servers are left out."""
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
