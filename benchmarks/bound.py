"""How fast any maintenance could be: a lower bound of the makespan.

The makespan is the time from ``maintenance_at`` to the last compute's MAINTENANCE_COMPLETE. Whoever plans it, it takes
no less than each of the following, and so no less than the longest of them.

Room
    While a compute with *v* VCPUs is maintained, for *W* seconds, these are free and of no use. While an instance of
    *u* VCPUs moves, for *M* seconds until it holds nothing any more where it was, it takes *u* of the free ones besides
    its own. Every compute is maintained once, and every instance moves once at least. At any moment the session's
    computes have *F* VCPUs free, since what runs on them stays the same. So (sum of *v W* + sum of *u M*) / *F*.
Groups
    Of a group of which *m* may be hit at once, with *R* seconds to recover, a further instance is hit only after one of
    the *m* before it was, and *R* seconds later. If *k* of them move, then, with *r* = *k* / *m* rounded up, the last
    move ends after *r M* + (*r* - 1) *R*, and the compute that it left is still to be maintained: + *W*.
Notice
    Before an instance moves there is its lead time *L*, after that the work on the compute it was on: *L* + *M* + *W*.
Order
    If a compute is empty at the start, instances go to computes that are maintained already. So one that has instances
    is the second at best: *W* + *M* + *W*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import GroupConstraintBody


@dataclass(frozen=True, slots=True)
class Durations:
    """The durations that cannot be shortened, in seconds.

    Attributes:
        work: The real work on one compute.
        move: From the begin of a move until the instance takes no room any more on the compute that it left.
    """

    work: float
    move: float


@dataclass(frozen=True, slots=True)
class Topology:
    """The computes and instances to be maintained, as they are when maintenance starts.

    Attributes:
        vcpus: The VCPUs of each compute of the session, by host name.
        instances: The instances on them.
        groups: The constraint of each group with the ids of its instances.
        lead_times: Seconds, by instance id.
    """

    vcpus: Mapping[str, int]
    instances: Sequence[Instance]
    groups: Sequence[tuple[GroupConstraintBody, frozenset[str]]] = ()
    lead_times: Mapping[str, float] = field(default_factory=dict)


def lower_bound(topology: Topology, durations: Durations) -> float:
    """Seconds that the maintenance takes at least; derived above.

    Raises:
        ValueError: Nothing is free, or a group may not be hit at all, so that it cannot be done.
    """
    work, move = durations.work, durations.move
    if not topology.instances:
        return work if topology.vcpus else 0.0
    taken = sum(instance.vcpus for instance in topology.instances)
    total = sum(topology.vcpus.values())
    if taken >= total:
        raise ValueError(f"all {total} VCPUs are taken: no compute can become empty")
    bounds = [(total * work + taken * move) / (total - taken)]
    present = {instance.instance_id for instance in topology.instances}
    for group, members in topology.groups:
        if not (moving := len(members & present)):
            continue
        if not group.max_impacted_members:
            raise ValueError(f"no instance of group {group.group_id} may be hit")
        rounds = -(-moving // group.max_impacted_members)
        bounds.append(rounds * move + (rounds - 1) * group.recovery_time + work)
    bounds.append(max((topology.lead_times.get(key, 0.0) for key in sorted(present)), default=0.0) + move + work)
    if set(topology.vcpus) - {instance.host for instance in topology.instances}:
        bounds.append(work + move + work)
    return max(bounds)
