"""Which compute takes a server."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.nova.compute import Compute, Resources
from pytest_doctor_maint.embedded.nova.errors import NoValidHost

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.models import Nova
    from pytest_doctor_maint.embedded.nova.server import Server


@dataclass(frozen=True, slots=True)
class Wish:
    """What a server needs of its compute.

    Attributes:
        resources: How much must be free.
        host: The only compute that will do.
        forced: Whether ``host`` will do even when its service is disabled or down, and whatever the group says.
        zone: The availability zone it must be in.
        excluded: Computes that will not do.
        group_id: The server group whose policy is obeyed.
        different_host: Servers whose computes will not do.
        same_host: Servers one of whose computes it must be.
    """

    resources: Resources
    host: str | None = None
    forced: bool = False
    zone: str | None = None
    excluded: Collection[str] = ()
    group_id: str | None = None
    different_host: Collection[str] = ()
    same_host: Collection[str] = ()
    server_id: str = field(default="")


def select(nova: Nova, wish: Wish) -> Compute:
    """The best compute for the wish.

    That is, for a soft policy, the one that follows it best, then the one with the most free VCPUs, then memory, then
    the one that comes first in the cloud.

    Raises:
        NoValidHost: No compute will do.
    """
    group = nova.groups.get(wish.group_id)
    occupied = group.occupied(nova, but=wish.server_id) if group else {}
    policy = group.policy if group else None
    limit = group.max_server_per_host if group else 1
    apart = _hosts(nova, wish.different_host)
    together = _hosts(nova, wish.same_host)
    candidates = [nova.computes[wish.host]] if wish.host in nova.computes else []
    if wish.host is None:
        candidates = list(nova.computes.values())
    best: tuple[tuple[int, int, int], Compute] | None = None
    for compute in candidates:
        host = compute.host
        if host in wish.excluded or compute.deleted or not compute.fits(wish.resources):
            continue
        if not wish.forced:
            if not compute.enabled or compute.state != "up":
                continue
            if wish.zone is not None and nova.zone_of(host) != wish.zone:
                continue
            if policy == "anti-affinity" and occupied.get(host, 0) >= limit:
                continue
            if policy == "affinity" and occupied and host not in occupied:
                continue
            if host in apart or (wish.same_host and host not in together):
                continue
        members = occupied.get(host, 0)
        soft = {"soft-affinity": members, "soft-anti-affinity": -members}.get(policy or "", 0)
        rank = (soft, compute.free_vcpus, compute.free_memory_mb)
        if best is None or rank > best[0]:
            best = (rank, compute)
    if best is None:
        raise NoValidHost
    return best[1]


def _hosts(nova: Nova, server_ids: Collection[str]) -> list[str]:
    servers: list[Server | None] = [nova.servers.get(server_id) for server_id in server_ids]
    return [server.host for server in servers if server is not None and server.host is not None]
