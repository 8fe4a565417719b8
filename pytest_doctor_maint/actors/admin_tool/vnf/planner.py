"""Which instances go where, and which compute is emptied next: pure searches."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance


@dataclass(frozen=True, slots=True)
class Limit:
    """How many of some instances may share a compute.

    Attributes:
        members: Their ids.
        per_host: How many; at least 1.
    """

    members: frozenset[str]
    per_host: int


@dataclass(slots=True)
class Room:
    """A compute that instances can go to.

    Attributes:
        host: Its host name.
        vcpus: How many VCPUs it has.
        taken: What each instance takes there, by id; those that were promised to it are among them.
    """

    host: str
    vcpus: int
    taken: dict[str, int] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """How many VCPUs are left."""
        return self.vcpus - sum(self.taken.values())

    def takes(self, instance: Instance, limits: Collection[Limit]) -> bool:
        """Whether ``instance`` may come here too."""
        return self.free >= instance.vcpus and all(
            len(limit.members & self.taken.keys()) < limit.per_host
            for limit in limits
            if instance.instance_id in limit.members
        )


def plan(instances: Sequence[Instance], rooms: Sequence[Room], limits: Collection[Limit] = ()) -> dict[str, str] | None:
    """A compute for each of ``instances``, so that all of them are there at once.

    Args:
        instances: What has to move.
        rooms: Where to, the best first. They are left as they are.
        limits: How many of which instances may share a compute.

    Returns:
        The compute's host name by instance id, or None where there is no way.
    """
    free = [Room(room.host, room.vcpus, dict(room.taken)) for room in rooms]
    if sum(instance.vcpus for instance in instances) > sum(max(0, room.free) for room in free):
        return None
    bound = {key for limit in limits for key in limit.members}
    # The largest first, and of these the ones that not every compute may take.
    order = sorted(instances, key=lambda item: (-item.vcpus, item.instance_id not in bound))
    chosen: dict[str, str] = {}

    def place(index: int) -> bool:
        if index == len(order):
            return True
        instance = order[index]
        tried: set[tuple[int, tuple[int, ...]]] = set()
        for room in free:
            # Computes that differ in nothing that matters need not be tried twice.
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


@dataclass(frozen=True, slots=True)
class Load:
    """A group's part in what is still to be done.

    Attributes:
        at_once: How many of its instances may be hit at once.
        round_time: Seconds that one such round takes: the action and the recovery after it.
    """

    at_once: int
    round_time: float

    def seconds(self, members: int) -> float:
        """How long it takes to hit so many of them, of which there is one at least."""
        return -(-members // self.at_once) * self.round_time if self.at_once else math.inf

    def delay(self, members: int, before: int) -> float:
        """How much longer it takes when so many others come ``before``; for ever, where none may be hit at all."""
        return self.seconds(before + members) - self.seconds(members) if self.at_once else math.inf


def rank(
    hosts: Sequence[str],
    groups: Mapping[str, Mapping[str, int]],
    under_way: Mapping[str, int],
    loads: Mapping[str, Load],
) -> list[str]:
    """The computes in the order in which they are best emptied.

    First come those whose instances need not wait for others of their groups that are on their way already; among them
    those whose groups have the most left to do, since such a group decides how long everything takes; then the order
    given.

    Args:
        hosts: The computes that are still to be emptied.
        groups: How many instances of each group every compute has, by host name, then group id.
        under_way: How many instances of each group have been told and not yet moved.
        loads: What is known of each group.
    """
    left: dict[str, int] = dict(under_way)
    for host in hosts:
        for group_id, members in groups[host].items():
            left[group_id] = left.get(group_id, 0) + members

    def wait(host: str) -> float:
        return max(
            (loads[key].delay(members, under_way.get(key, 0)) for key, members in groups[host].items()),
            default=0,
        )

    def tail(host: str) -> float:
        return max((loads[key].seconds(left[key]) for key in groups[host]), default=0)

    return sorted(hosts, key=lambda host: (wait(host), -tail(host)))
