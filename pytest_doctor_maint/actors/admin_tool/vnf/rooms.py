"""The room on computes for instances that must move, within the constraints of their groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_doctor_maint.actors.admin_tool.base.cloud_view import CloudView
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintReader
from pytest_doctor_maint.actors.admin_tool.vnf.impacts import Impact, Progress, Stage
from pytest_doctor_maint.actors.admin_tool.vnf.planner import Limit, Room, plan

#: The target of each instance, by the instance's id.
Targets = Mapping[str, str]


class RoomPlanner:
    """Plans targets on the cloud as it is, and as it will be when all that is under way has ended.

    Args:
        cloud: The requests to OpenStack.
        constraints: The constraints that VNFMs have set.
        capacity: The number of VCPUs of each compute, by host name. It may be filled later.
        progress: What is under way in the session.
    """

    def __init__(
        self, cloud: CloudView, constraints: ConstraintReader, capacity: Mapping[str, int], progress: Progress
    ) -> None:
        self._cloud = cloud
        self._constraints = constraints
        self._capacity = capacity
        self._progress = progress

    def rooms(self, hosts: Sequence[str], *, without: Impact | None = None, only_notified: bool = False) -> list[Room]:
        """Return the computes as they will be when every instance has moved to its target.

        Args:
            hosts: The computes, by host name.
            without: An impact that is ignored.
            only_notified: Ignore the targets of instances whose projects have not been notified.
        """
        # An instance that has left its compute is counted where Nova shows it: Nova's scheduler may have chosen another
        # compute than the target for an instance that its project has created again.
        under_way = (
            impact
            for impact in self._progress.all_impacts()
            if impact is not without and impact.stage is not Stage.GONE
        )
        reserved = [
            impact
            for impact in under_way
            if impact.target is not None and not (only_notified and impact.stage is Stage.PLANNED)
        ]
        rooms = []
        for host in dict.fromkeys(hosts):
            room = Room(host, self._capacity[host])
            room.taken |= {
                impact.instance.instance_id: impact.instance.vcpus for impact in reserved if impact.target == host
            }
            # A compute in work is empty, and a compute that is being emptied will be.
            if room.free > 0 and host not in self._progress.at_work and host not in self._progress.impacts:
                room.taken |= {instance.instance_id: instance.vcpus for instance in self._cloud.instances([host])}
            rooms.append(room)
        return rooms

    def has_room(self, host: str, instance: Instance, *, without: Impact) -> bool:
        """Return True if `host` has room for `instance`, whose own reservation there (`without`) does not count."""
        (room,) = self.rooms([host], without=without)
        return room.takes(instance, self._limits([instance]))

    def targets(self, instances: Sequence[Instance], rooms: Sequence[Room]) -> Targets | None:
        """Find a target in `rooms` for each of `instances`; return None when they do not fit."""
        return plan(instances, rooms, self._limits(instances))

    def plans_to_free(
        self, hosts: Sequence[str], elsewhere: Sequence[str]
    ) -> dict[str, tuple[list[Instance], Targets]]:
        """Find the computes of `hosts` that can be emptied together, those with the fewest instances first.

        Args:
            hosts: The computes to maintain.
            elsewhere: Further computes to which instances may move.

        Returns:
            The instances of each such compute, and their targets, by host name.
        """
        on_host = {host: self._cloud.instances([host]) for host in [*hosts, *elsewhere]}
        rooms = {
            host: Room(host, self._capacity[host], {item.instance_id: item.vcpus for item in instances})
            for host, instances in on_host.items()
        }
        plans: dict[str, tuple[list[Instance], Targets]] = {}
        for host in sorted(hosts, key=lambda name: (len(on_host[name]), hosts.index(name))):
            if len(rooms[host].taken) > len(on_host[host]):
                # Other instances are to move here.
                continue
            others = [room for other, room in rooms.items() if other != host and other not in plans]
            # The fullest first: a compute that is nearly empty may become so.
            others.sort(key=lambda room: room.free)
            if (targets := self.targets(on_host[host], others)) is not None:
                plans[host] = on_host[host], targets
                reserve(others, on_host[host], targets)
        return plans

    def _limits(self, instances: Sequence[Instance]) -> list[Limit]:
        """Return the limits of the instances' groups: those of the constraints, and of Nova's server groups."""
        ids = {instance.instance_id for instance in instances}
        groups = {group.key: group for each in sorted(ids) if (group := self._constraints.group_of(each)) is not None}
        limits = [
            Limit(frozenset(self._constraints.members(key)), group.per_host)
            for key, group in groups.items()
            if group.per_host
        ]
        return limits + [Limit(members, 1) for members in self._cloud.apart() if members & ids]


def reserve(rooms: Sequence[Room], instances: Sequence[Instance], targets: Targets) -> None:
    """Reserve the room on each instance's target for it."""
    by_host = {room.host: room for room in rooms}
    for instance in instances:
        by_host[targets[instance.instance_id]].taken[instance.instance_id] = instance.vcpus
