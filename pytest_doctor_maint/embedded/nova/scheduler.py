"""The scheduler: which compute gets a server."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pytest_doctor_maint.embedded.nova.aggregates import Aggregates
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import NoValidHost
from pytest_doctor_maint.embedded.nova.groups import Groups, ServerGroup
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.resources import Resources


@dataclass(frozen=True, slots=True)
class RequestSpec:
    """The requirements of a server on its compute.

    Attributes:
        server_id: The server.
        resources: The capacity that must be free.
        host: The only compute that is allowed; None for all.
        forced: True if ``host`` is allowed even when its service is disabled or down, and whatever the group says.
        zone: The availability zone; None for all.
        excluded: Computes that are not allowed.
        group_id: The server group whose policy applies.
        different_host: Servers whose computes are not allowed.
        same_host: Servers one of whose computes it must be.
    """

    server_id: str
    resources: Resources
    host: str | None = None
    forced: bool = False
    zone: str | None = None
    excluded: Collection[str] = ()
    group_id: str | None = None
    different_host: Collection[str] = ()
    same_host: Collection[str] = ()


class Scheduler:
    """Selects computes: filters, then weights, as nova-scheduler does."""

    def __init__(self, registry: Registry, *, groups: Groups, aggregates: Aggregates) -> None:
        self._registry = registry
        self._groups = groups
        self._aggregates = aggregates

    def select(self, spec: RequestSpec) -> Compute:
        """Return the best compute for a server.

        Among the computes that pass all filters that is, in this order: the one that follows a soft policy best, the
        one with the most free VCPUs, the one with the most free memory, the first one of the cloud.

        Raises:
            NoValidHost: No compute passes all filters.
        """
        group = self._groups.get(spec.group_id)
        members = group.members_by_host(self._registry.servers, but=spec.server_id) if group else {}
        found = [compute for compute in self._candidates(spec) if self._has_room(compute, spec)]
        if not spec.forced:
            apart, together = self._hosts_of(spec.different_host), self._hosts_of(spec.same_host)
            found = [
                compute
                for compute in found
                if self._is_usable(compute, spec)
                and _follows_policy(compute.host, group, members)
                and compute.host not in apart
                and (not spec.same_host or compute.host in together)
            ]
        if not found:
            raise NoValidHost
        return max(
            found,
            key=lambda compute: (
                _affinity(compute.host, group, members),
                compute.free_vcpus,
                compute.free_memory_mb,
            ),
        )

    def _candidates(self, spec: RequestSpec) -> list[Compute]:
        computes = self._registry.computes
        if spec.host is None:
            return list(computes.values())
        return [computes[spec.host]] if spec.host in computes else []

    def _has_room(self, compute: Compute, spec: RequestSpec) -> bool:
        return compute.host not in spec.excluded and not compute.deleted and compute.fits(spec.resources)

    def _is_usable(self, compute: Compute, spec: RequestSpec) -> bool:
        in_zone = spec.zone is None or self._aggregates.zone_of(compute.host) == spec.zone
        return compute.enabled and compute.state == "up" and in_zone

    def _hosts_of(self, server_ids: Collection[str]) -> set[str | None]:
        servers = (self._registry.servers.get(server_id) for server_id in server_ids)
        return {server.host for server in servers if server is not None}


def _follows_policy(host: str, group: ServerGroup | None, members: Mapping[str, int]) -> bool:
    """Return True if a new member of the group is allowed on ``host``; soft policies allow every compute."""
    if group is None:
        return True
    if group.policy == "anti-affinity":
        return members.get(host, 0) < group.max_server_per_host
    if group.policy == "affinity":
        return not members or host in members
    return True


def _affinity(host: str, group: ServerGroup | None, members: Mapping[str, int]) -> int:
    """Return the weight of ``host`` under a soft policy: the higher, the better.

    Nova's weighers for soft policies count the group's members on the host; soft-anti-affinity negates the number.
    """
    if group is not None and group.policy == "soft-affinity":
        return members.get(host, 0)
    if group is not None and group.policy == "soft-anti-affinity":
        return -members.get(host, 0)
    return 0
