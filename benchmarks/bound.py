"""A lower bound of the makespan of any maintenance.

The makespan is the time from ``maintenance_at`` to the last compute's MAINTENANCE_COMPLETE. Whatever the plan, it is no
less than each of the following bounds, and so no less than the largest of them.

Room
    While a compute with *v* VCPUs is maintained, for *W* seconds, its VCPUs are free but cannot be used. While an
    instance of *u* VCPUs moves, for *M* seconds until it uses nothing any more on the compute that it leaves, it takes
    *u* free VCPUs in addition to its own. Every compute is maintained once, and every instance moves at least once. At
    any moment the computes of the session have *F* free VCPUs, since the same instances run on them. So the bound is
    (sum of *v W* + sum of *u M*) / *F*.
Groups
    In a group of which *m* instances may be impacted at once, with *R* seconds to recover, the next instance is
    impacted only *R* seconds after the impact of one of the *m* instances before it. If *k* of them move, then, with
    *r* = *k* / *m* rounded up, the last move ends after *r M* + (*r* - 1) *R*. The compute that it leaves must still be
    maintained: + *W*.
Notice
    Before an instance moves there is its lead time *L*, and after the move the work on the compute that it left:
    *L* + *M* + *W*.
Order
    If a compute is empty at the start, instances move to computes that have been maintained. So a compute with
    instances is the second one at the earliest: *W* + *M* + *W*.
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
        work: The work on one compute.
        move: From the begin of a move until the instance takes no room any more on the compute that it leaves.
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
        lead_times: The lead time of each instance in seconds, by its id.
    """

    vcpus: Mapping[str, int]
    instances: Sequence[Instance]
    groups: Sequence[tuple[GroupConstraintBody, frozenset[str]]] = ()
    lead_times: Mapping[str, float] = field(default_factory=dict)


def lower_bound(topology: Topology, durations: Durations) -> float:
    """Return the seconds that the maintenance takes at least; derived above.

    Raises:
        ValueError: No VCPU is free, or no instance of a group may be impacted, so that the maintenance is impossible.
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
            raise ValueError(f"no instance of group {group.group_id} may be impacted")
        rounds = -(-moving // group.max_impacted_members)
        bounds.append(rounds * move + (rounds - 1) * group.recovery_time + work)
    bounds.append(max((topology.lead_times.get(key, 0.0) for key in sorted(present)), default=0.0) + move + work)
    if set(topology.vcpus) - {instance.host for instance in topology.instances}:
        bounds.append(work + move + work)
    return max(bounds)
