"""The search for targets of instances. It needs no cloud."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit to the number of certain instances that share a compute.

    Attributes:
        members: The ids of the instances.
        per_host: The number of them that may share a compute; at least 1.
    """

    members: frozenset[str]
    per_host: int


@dataclass(slots=True)
class Room:
    """A compute to which instances can move.

    Attributes:
        host: The host name of the compute.
        vcpus: The number of VCPUs of the compute.
        taken: The number of VCPUs that each instance takes there, by id; includes instances for which room is reserved.
    """

    host: str
    vcpus: int
    taken: dict[str, int] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """The number of free VCPUs."""
        return self.vcpus - sum(self.taken.values())

    def takes(self, instance: Instance, limits: Collection[Limit]) -> bool:
        """Return True if there is room for `instance`, and no limit forbids it."""
        return self.free >= instance.vcpus and all(
            len(limit.members & self.taken.keys()) < limit.per_host
            for limit in limits
            if instance.instance_id in limit.members
        )


def plan(instances: Sequence[Instance], rooms: Sequence[Room], limits: Collection[Limit] = ()) -> dict[str, str] | None:
    """Find a compute for each of `instances`, such that all of them fit at once.

    Args:
        instances: The instances that must move.
        rooms: The possible computes, the best first. They are not changed.
        limits: The limits to the instances that share a compute.

    Returns:
        The compute's host name by instance id, or None when the instances do not fit.
    """
    free = [Room(room.host, room.vcpus, dict(room.taken)) for room in rooms]
    if sum(instance.vcpus for instance in instances) > sum(max(0, room.free) for room in free):
        return None
    bound = {key for limit in limits for key in limit.members}
    # The largest first; among these the instances with a limit, which not every compute may take.
    order = sorted(instances, key=lambda item: (-item.vcpus, item.instance_id not in bound))
    chosen: dict[str, str] = {}

    def place(index: int) -> bool:
        if index == len(order):
            return True
        instance = order[index]
        tried: set[tuple[int, tuple[int, ...]]] = set()
        for room in free:
            # Of computes with the same free VCPUs and the same limits, one try is enough.
            alike = (room.free, tuple(len(limit.members & room.taken.keys()) for limit in limits))
            if alike in tried or not room.takes(instance, limits):
                continue
            tried.add(alike)
            room.taken[instance.instance_id] = instance.vcpus
            chosen[instance.instance_id] = room.host
            if place(index + 1):
                return True
            del room.taken[instance.instance_id], chosen[instance.instance_id]
        return False

    return chosen if place(0) else None
