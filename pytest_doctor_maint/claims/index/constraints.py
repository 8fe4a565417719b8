"""The constraints that VNFMs set: which ones were in force when, and which moves they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pytest_doctor_maint.claims.index.cloud import CloudIndex, Track, tracks
from pytest_doctor_maint.claims.index.events import EventIndex
from pytest_doctor_maint.claims.index.moves import Move
from pytest_doctor_maint.claims.index.observed import action_word
from pytest_doctor_maint.claims.index.places import Places
from pytest_doctor_maint.claims.verdict import CannotTell
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.history.kinds.types import COUNT, SECONDS

#: The workflow that is driven by constraints. Sessions of other workflows may have none.
CONSTRAINED_WORKFLOW = "vnf"


@dataclass(frozen=True, slots=True)
class InstanceRule:
    """The constraint of an instance. A time that was not given is None: the project asks for nothing.

    Attributes:
        event: The event in which the constraint was set.
        instance_id: The instance.
        group: The instance's group, as ``PROJECT_ID/GROUP_ID``: two projects may use the same id for a group.
        max_interruption_time: Seconds for which a live migration may stop the instance.
        migration_type: The action by which the instance is to be moved.
        resource_mitigation: True if room for the instance must be there when its project is notified.
        lead_time: Seconds between the message and the move.
    """

    event: Event
    instance_id: str
    group: str
    max_interruption_time: float | None
    migration_type: str | None
    resource_mitigation: bool
    lead_time: float | None


@dataclass(frozen=True, slots=True)
class GroupRule:
    """The constraint of a group of instances.

    Attributes:
        event: The event in which the constraint was set.
        group: The group, as ``PROJECT_ID/GROUP_ID``.
        name: The group's name; its id, if it has none.
        anti_affinity: True if no two members may be on one compute.
        max_instances_per_host: The number of members that may be on one compute; 0 for any number.
        max_impacted_members: The number of members that may be impacted at the same time; None for any number.
        recovery_time: Seconds between the end of one impact and the start of the next.
        resource_mitigation: True if room for a member must be there when its project is notified.
    """

    event: Event
    group: str
    name: str
    anti_affinity: bool
    max_instances_per_host: int
    max_impacted_members: int | None
    recovery_time: float | None
    resource_mitigation: bool


class ConstraintIndex:
    """The constraints at any moment of a run: for an event, those that were in force just before it.

    Args:
        events: The events of the run.
        cloud: The cloud of the run.
        workflows: The workflows of the run's sessions.
    """

    def __init__(self, events: EventIndex, cloud: CloudIndex, workflows: Iterable[str]) -> None:
        instances = events.of(kinds.CONSTRAINT_INSTANCE)
        self._cloud = cloud
        self._instances = tracks(instances, "instance_id")
        self._groups = tracks(events.of(kinds.CONSTRAINT_GROUP), "project_id", "group_id")
        self._members = _members(instances)
        self._order = {instance_id: number for number, instance_id in enumerate(self._instances)}
        self._groups_of = {
            instance_id: frozenset(map(_group_of, track.events)) for instance_id, track in self._instances.items()
        }
        self._are_expected = CONSTRAINED_WORKFLOW in workflows

    def require_count(self) -> int:
        """Return the number of instances and groups for which a constraint was ever set.

        Raises:
            CannotTell: No constraint was ever set, although there are servers and the workflow of a session is driven
                by their constraints.
        """
        found = len(self._instances) + len(self._groups)
        if not found and self._are_expected and self._cloud.servers:
            raise CannotTell(f"the workflow is {CONSTRAINED_WORKFLOW}, and the history has no constraint")
        return found

    def of_instance(self, instance_id: str, seq: int) -> InstanceRule | None:
        """Return the instance's constraint just before event ``seq``; None if the instance has no constraint then."""
        event = _in_force(self._instances.get(instance_id), seq)
        return None if event is None else _instance_rule(event)

    def of_group(self, group: str, seq: int) -> GroupRule | None:
        """Return the group's constraint just before event ``seq``; None if the group has no constraint then."""
        event = _in_force(self._groups.get(group), seq)
        return None if event is None else _group_rule(event)

    def group_of(self, instance_id: str, seq: int) -> GroupRule | None:
        """Return the constraint of the instance's group just before event ``seq``.

        None if the instance or the group has no constraint then.
        """
        rule = self.of_instance(instance_id, seq)
        return None if rule is None else self.of_group(rule.group, seq)

    def members(self, group: str, seq: int) -> tuple[str, ...]:
        """Return the ids of the instances that name this group just before event ``seq``."""
        return tuple(sorted(self._members.before(group, seq), key=self._order.__getitem__))

    def groups_of(self, instance_id: str) -> frozenset[str]:
        """Return the groups that the instance ever named."""
        return self._groups_of.get(instance_id, frozenset())

    def is_member(self, instance_id: str, group: str, seq: int) -> bool:
        """Return True if the instance names this group just before event ``seq``."""
        rule = self.of_instance(instance_id, seq)
        return rule is not None and rule.group == group

    def asks_for_room(self, instance_id: str, seq: int) -> bool:
        """Return True if room for the instance is asked for, by its own constraint or by its group's."""
        rules = (self.of_instance(instance_id, seq), self.group_of(instance_id, seq))
        return any(rule is not None and rule.resource_mitigation for rule in rules)

    def impacts(self, moves: Iterable[Move]) -> Iterator[tuple[Move, GroupRule]]:
        """Yield the moves of instances whose group has a constraint, with that constraint.

        The constraint is the one in force when the move started.
        """
        for move in moves:
            rule = self.group_of(move.server_id, move.started.seq)
            if rule is not None:
                yield move, rule

    def crowded(
        self, moves: Iterable[Move], limit: Callable[[GroupRule], int]
    ) -> Iterator[tuple[Move, GroupRule, Event, tuple[str, ...]]]:
        """Yield the moves that brought more members of the group onto a compute than ``limit`` (0: any number).

        Each comes with the group's constraint, the event of the arrival, and all members that were there then.
        """
        for move, rule in self.impacts(moves):
            allowed = limit(rule)
            arrived = self._arrival(move)
            if not allowed or arrived is None:
                continue
            there = tuple(
                server_id
                for server_id, state in self._cloud.on_host(str(move.target), arrived.seq + 1).items()
                if state.data["host"] == move.target and self.is_member(server_id, rule.group, move.started.seq)
            )
            if len(there) > allowed:
                yield move, rule, arrived, there

    def _arrival(self, move: Move) -> Event | None:
        """Return the first event of a completed move in which its server is on the target."""
        if move.arrival is None:
            return None
        states = self._cloud.servers[move.server_id].during(move.started.seq, move.arrival.seq)
        return next((state for state in states if state.data["host"] == move.target), None)


def _members(changes: Iterable[Event]) -> Places[Event]:
    """Return the instances in each group, from the events of their constraints."""
    places: Places[Event] = Places()
    groups: dict[str, str] = {}
    for event in changes:
        instance_id = str(event.data["instance_id"])
        group = _group_of(event)
        if (before := groups.get(instance_id)) not in (None, group):
            places.put(str(before), instance_id, event.seq, None)
        places.put(group, instance_id, event.seq, None if event.data.get("deleted") else event)
        groups[instance_id] = group
    return places


def _group_of(event: Event) -> str:
    return f"{event.data['project_id']}/{event.data['group_id']}"


def _in_force(track: Track | None, seq: int) -> Event | None:
    event = None if track is None else track.before(seq)
    return None if event is None or event.data.get("deleted") else event


def _instance_rule(event: Event) -> InstanceRule:
    data = event.data
    return InstanceRule(
        event=event,
        instance_id=str(data["instance_id"]),
        group=_group_of(event),
        max_interruption_time=_seconds(data.get("max_interruption_time")),
        migration_type=None if data.get("migration_type") is None else action_word(data["migration_type"]),
        resource_mitigation=bool(data.get("resource_mitigation")),
        lead_time=_seconds(data.get("lead_time")),
    )


def _group_rule(event: Event) -> GroupRule:
    data = event.data
    return GroupRule(
        event=event,
        group=_group_of(event),
        name=str(data.get("group_name") or data["group_id"]),
        anti_affinity=bool(data.get("anti_affinity_group")),
        max_instances_per_host=_count(data.get("max_instances_per_host")) or 0,
        max_impacted_members=_count(data.get("max_impacted_members")),
        recovery_time=_seconds(data.get("recovery_time")),
        resource_mitigation=bool(data.get("resource_mitigation")),
    )


# The values are those that a foreign VNFM sent. One that is no number, or is too large to count with, asks for nothing.


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and SECONDS.allows(value) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and COUNT.allows(value) else None
