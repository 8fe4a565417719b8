"""The search for a target for each instance that must move. It needs no cloud."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Instance:
    """A server as the admin tool sees it.

    Attributes:
        instance_id: The server's id.
        project_id: The server's project.
        host: The compute that the server is on.
        vcpus: The number of VCPUs that the server takes.
        status: Nova's status of the server when it was looked at.
    """

    instance_id: str
    project_id: str
    host: str
    vcpus: int
    status: str = field(default="ACTIVE", compare=False)


def plan_moves(
    instances: Sequence[Instance],
    free: Mapping[str, int],
    apart: Collection[Collection[str]] = (),
    homes: Mapping[str, str] | None = None,
) -> dict[str, str] | None:
    """Find a target for each of `instances`, such that all of them fit at once.

    Args:
        instances: The instances that must move.
        free: The number of free VCPUs on each possible target; targets are tried in this order.
        apart: Groups of instance ids of which no two may share a compute (anti-affinity).
        homes: The compute of every other member of those groups.

    Returns:
        The target by instance id, or None when the instances do not fit.
    """
    order = sorted(instances, key=lambda instance: -instance.vcpus)
    homes = {key: host for key, host in (homes or {}).items() if key not in {item.instance_id for item in instances}}
    chosen: dict[str, str] = {}
    left = dict(free)

    def allowed(instance: Instance, host: str) -> bool:
        mates = {mate for group in apart if instance.instance_id in group for mate in group} - {instance.instance_id}
        return left[host] >= instance.vcpus and all((chosen.get(mate) or homes.get(mate)) != host for mate in mates)

    def place(index: int) -> bool:
        if index == len(order):
            return True
        instance = order[index]
        for host in left:
            if allowed(instance, host):
                left[host] -= instance.vcpus
                chosen[instance.instance_id] = host
                if place(index + 1):
                    return True
                del chosen[instance.instance_id]
                left[host] += instance.vcpus
        return False

    return chosen if place(0) else None
