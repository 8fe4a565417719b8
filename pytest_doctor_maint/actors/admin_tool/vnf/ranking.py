"""The order in which computes are best emptied. It needs no cloud."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintReader

#: Seconds that the move of an instance is assumed to take, where groups are compared with each other.
USUAL_MOVE = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """The time that a group of instances takes.

    Attributes:
        at_once: The number of its instances that may be impacted at a time.
        round_time: Seconds that one such round takes: the action, and the recovery after it.
    """

    at_once: int
    round_time: float

    def seconds(self, members: int) -> float:
        """Return the seconds that it takes to impact `members` instances, at least one."""
        return -(-members // self.at_once) * self.round_time if self.at_once else math.inf

    def delay(self, members: int, before: int) -> float:
        """Return the additional seconds if `before` others are impacted first; infinite if none may be impacted."""
        return self.seconds(before + members) - self.seconds(members) if self.at_once else math.inf


def rank(
    hosts: Sequence[str],
    groups: Mapping[str, Mapping[str, int]],
    under_way: Mapping[str, int],
    loads: Mapping[str, Load],
) -> list[str]:
    """Return the computes in the order in which they are best emptied.

    First come computes whose instances need not wait for others of their groups that are on their way already; among
    these, computes whose groups have the most left to do, since such a group determines the time of the whole session;
    then the order given.

    Args:
        hosts: The computes that are still to be emptied.
        groups: The number of instances of each group on every compute, by host name, then the key of the group.
        under_way: The number of instances of each group that are on their way and have not moved yet.
        loads: The time that each group takes.
    """
    left: dict[str, int] = dict(under_way)
    for host in hosts:
        for key, members in groups[host].items():
            left[key] = left.get(key, 0) + members

    def wait(host: str) -> float:
        return max(
            (loads[key].delay(members, under_way.get(key, 0)) for key, members in groups[host].items()),
            default=0,
        )

    def tail(host: str) -> float:
        return max((loads[key].seconds(left[key]) for key in groups[host]), default=0)

    return sorted(hosts, key=lambda host: (wait(host), -tail(host)))


def rank_hosts(
    hosts: Sequence[str],
    waiting: Mapping[str, Sequence[Instance]],
    unmoved: Sequence[Instance],
    constraints: ConstraintReader,
) -> list[str]:
    """Return the computes in the order in which they are best emptied, within the constraints; see :func:`rank`.

    Args:
        hosts: The computes that are still to be emptied.
        waiting: The instances of each compute, by host name.
        unmoved: The instances that are on their way and have not moved yet.
        constraints: The constraints that VNFMs have set.
    """
    keys = {
        instance.instance_id: group.key
        for instance in [*(item for host in hosts for item in waiting[host]), *unmoved]
        if (group := constraints.group_of(instance.instance_id)) is not None
    }
    loads = {
        key: Load(group.max_impacted_members, USUAL_MOVE + group.recovery_time)
        for key in dict.fromkeys(keys.values())
        if (group := constraints.group(key)) is not None
    }
    groups = {host: _count(keys, waiting[host], loads) for host in hosts}
    return rank(hosts, groups, _count(keys, unmoved, loads), loads)


def _count(keys: Mapping[str, str], instances: Sequence[Instance], known: Collection[str]) -> dict[str, int]:
    """Return the number of `instances` in each `known` group."""
    counts: dict[str, int] = {}
    for instance in instances:
        key = keys.get(instance.instance_id)
        if key is not None and key in known:
            counts[key] = counts.get(key, 0) + 1
    return counts
