"""What a history says about the constraints that VNFMs set: what was in force when, and what it was about."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pytest_doctor_maint.claims.index.cloud import Move, Track
from pytest_doctor_maint.claims.index.messages import plain_action
from pytest_doctor_maint.claims.verdict import CannotTell
from pytest_doctor_maint.history import Event

#: The workflow that goes by constraints. In a session of any other there may be none.
BOUND_WORKFLOW = "vnf"


@dataclass(frozen=True, slots=True)
class InstanceRule:
    """What an instance can bear, as its project said it. A time that was not given is None: nothing is asked for.

    Attributes:
        event: Where the constraint was set.
        instance_id: Its instance.
        group_id: The instance's group.
        max_interruption_time: Seconds that a live migration may stop it.
        migration_type: What it is to be moved by.
        resource_mitigation: Whether room for it must be there when it is told.
        lead_time: Seconds between a message and the action.
    """

    event: Event
    instance_id: str
    group_id: str
    max_interruption_time: float | None
    migration_type: str | None
    resource_mitigation: bool
    lead_time: float | None


@dataclass(frozen=True, slots=True)
class GroupRule:
    """What a group of instances can bear. Attributes: as of :class:`InstanceRule`, and as the API calls them."""

    event: Event
    group_id: str
    name: str
    anti_affinity: bool
    max_instances_per_host: int
    max_impacted_members: int | None
    recovery_time: float | None
    resource_mitigation: bool


class ConstraintIndex:
    """The constraints at any moment of a run. What counts is what was in force just before an event.

    Args:
        instances: The events about instances' constraints, in order.
        groups: The events about groups' constraints, in order.
        workflows: The workflows of the run's sessions.
    """

    def __init__(self, instances: Sequence[Event], groups: Sequence[Event], workflows: Iterable[str]) -> None:
        self._instances = _tracks(instances, "instance_id")
        self._groups = _tracks(groups, "group_id")
        self._changes = sorted(event.seq for event in instances)
        self._members: dict[int, Mapping[str, tuple[str, ...]]] = {}
        self._bound = BOUND_WORKFLOW in workflows

    @cached_property
    def count(self) -> int:
        """How many constraints were ever set, of instances and of groups.

        Raises:
            CannotTell: None was, though a session's workflow goes by them.
        """
        found = len(self._instances) + len(self._groups)
        if not found and self._bound:
            raise CannotTell(f"the workflow is {BOUND_WORKFLOW}, and the history has no constraint")
        return found

    def of_instance(self, instance_id: str, seq: int) -> InstanceRule | None:
        """The instance's constraint just before event ``seq``; None where there is none."""
        event = _in_force(self._instances.get(instance_id), seq)
        return None if event is None else _instance_rule(event)

    def of_group(self, group_id: str, seq: int) -> GroupRule | None:
        """The group's constraint just before event ``seq``; None where there is none."""
        event = _in_force(self._groups.get(group_id), seq)
        return None if event is None else _group_rule(event)

    def group_of(self, instance_id: str, seq: int) -> GroupRule | None:
        """The constraint of the instance's group just before event ``seq``; None where either is not there."""
        rule = self.of_instance(instance_id, seq)
        return None if rule is None else self.of_group(rule.group_id, seq)

    def members(self, group_id: str, seq: int) -> tuple[str, ...]:
        """The instances that name this group just before event ``seq``."""
        period = bisect_right(self._changes, seq - 1)
        if period not in self._members:
            self._members[period] = self._members_at(seq)
        return self._members[period].get(group_id, ())

    def _members_at(self, seq: int) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for instance_id in self._instances:
            if (rule := self.of_instance(instance_id, seq)) is not None:
                found[rule.group_id].append(instance_id)
        return {group_id: tuple(members) for group_id, members in found.items()}

    def wants_room(self, instance_id: str, seq: int) -> bool:
        """Whether room for the instance was asked for, by its own constraint or its group's."""
        rules = (self.of_instance(instance_id, seq), self.group_of(instance_id, seq))
        return any(rule is not None and rule.resource_mitigation for rule in rules)

    def hits(self, moves: Iterable[Move]) -> Iterator[tuple[Move, GroupRule, frozenset[str]]]:
        """The moves of instances whose group has a constraint, with that and the group's members, as of their begin."""
        for move in moves:
            rule = self.group_of(move.server_id, move.started.seq)
            if rule is not None:
                yield move, rule, frozenset(self.members(rule.group_id, move.started.seq))


def under_way(moves: Iterable[Move], members: frozenset[str], beside: Move) -> dict[str, Move]:
    """The moves of other members that had begun and not ended when ``beside`` began, by server."""
    return {
        move.server_id: move
        for move in moves
        if move.server_id in members
        and move.server_id != beside.server_id
        and move.started.seq < beside.started.seq
        and (move.ended is None or move.ended.seq > beside.started.seq)
    }


def _tracks(events: Iterable[Event], key: str) -> Mapping[str, Track]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[str(event.data[key])].append(event)
    return {identifier: Track(changes) for identifier, changes in found.items()}


def _in_force(track: Track | None, seq: int) -> Event | None:
    event = None if track is None else track.before(seq)
    return None if event is None or event.data.get("deleted") else event


def _instance_rule(event: Event) -> InstanceRule:
    data = event.data
    return InstanceRule(
        event=event,
        instance_id=str(data["instance_id"]),
        group_id=str(data.get("group_id")),
        max_interruption_time=_seconds(data.get("max_interruption_time")),
        migration_type=None if data.get("migration_type") is None else plain_action(data["migration_type"]),
        resource_mitigation=bool(data.get("resource_mitigation")),
        lead_time=_seconds(data.get("lead_time")),
    )


def _group_rule(event: Event) -> GroupRule:
    data = event.data
    impacted = data.get("max_impacted_members")
    return GroupRule(
        event=event,
        group_id=str(data["group_id"]),
        name=str(data.get("group_name") or data["group_id"]),
        anti_affinity=bool(data.get("anti_affinity_group")),
        max_instances_per_host=int(data.get("max_instances_per_host") or 0),
        max_impacted_members=None if impacted is None else int(impacted),
        recovery_time=_seconds(data.get("recovery_time")),
        resource_mitigation=bool(data.get("resource_mitigation")),
    )


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
