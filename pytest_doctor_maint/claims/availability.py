"""When a service was down, derived from the events of a history only.

A service is down from the time of one event to the time of another; a service that goes down and comes back at the same
time was not down. Outages that touch are one outage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_doctor_maint.history import Event, kinds


@dataclass(frozen=True, slots=True)
class Outage:
    """A time without service.

    Attributes:
        began: The event with which the outage began.
        ended: The event with which the outage ended, or the latest event of the history.
        reason: The reason why there was no service.
    """

    began: Event
    ended: Event
    reason: str

    @property
    def seconds(self) -> float:
        """Its length in seconds of the clock."""
        return (self.ended.at - self.began.at).total_seconds()


@dataclass(frozen=True, slots=True)
class Service:
    """The service behind a floating IP.

    Attributes:
        floating_ip_id: The floating IP's id.
        address: The floating IP's address.
        project_id: The floating IP's project.
        first_up: The event with which the service was first reachable; None if the service was never reachable.
        outages: All outages from then on.
    """

    floating_ip_id: str
    address: str
    project_id: str
    first_up: Event | None
    outages: tuple[Outage, ...]

    @property
    def longest(self) -> float:
        """Seconds of the longest outage."""
        return max((outage.seconds for outage in self.outages), default=0.0)

    @property
    def total(self) -> float:
        """Seconds of all outages."""
        return sum(outage.seconds for outage in self.outages)


@dataclass(frozen=True, slots=True)
class Change:
    """From ``event`` on, something is ``up`` or down for ``reason``."""

    event: Event
    up: bool
    reason: str


def outages(changes: Sequence[Change], until: Event) -> tuple[Event | None, tuple[Outage, ...]]:
    """Return the event with which something was first up, and its outages from then on until ``until``."""
    first_up: Event | None = None
    down: Change | None = None
    found: list[Outage] = []
    for change in changes:
        if change.up:
            first_up = first_up or change.event
            if down is not None:
                found.append(Outage(down.event, change.event, down.reason))
                down = None
        elif first_up is not None and down is None:
            down = change
    if down is not None:
        found.append(Outage(down.event, until, down.reason))
    return first_up, _joined(outage for outage in found if outage.seconds > 0)


def _joined(found: Iterable[Outage]) -> tuple[Outage, ...]:
    joined: list[Outage] = []
    for outage in found:
        if joined and joined[-1].ended.at == outage.began.at:
            joined[-1] = Outage(joined[-1].began, outage.ended, joined[-1].reason)
        else:
            joined.append(outage)
    return tuple(joined)


class Guests:
    """Which servers' guests answer, as the events go by."""

    def __init__(self) -> None:
        self._up: dict[str, bool] = {}
        self._reason: dict[str, str] = {}
        self._name: dict[str, str] = {}

    def follow(self, event: Event) -> bool:
        """Take ``event`` into account. Return True if it may have changed whether a guest answers."""
        if event.kind == kinds.GUEST:
            server_id = str(event.data["server_id"])
            self._up[server_id], self._reason[server_id] = bool(event.data["up"]), str(event.data["reason"])
            return True
        if event.kind == kinds.SERVER:
            server_id = str(event.data["server_id"])
            self._name[server_id] = str(event.data["name"])
            if event.data["status"] in ("DELETED", "SOFT_DELETED"):
                self._up[server_id], self._reason[server_id] = False, "deleted"
                return True
        return False

    def is_up(self, server_id: str) -> bool:
        """Return True if the server's guest answers."""
        return self._up.get(server_id, False)

    def why_down(self, server_id: str) -> str:
        """Return the reason why the server's guest does not answer, with the server's name."""
        name = self._name.get(server_id, server_id)
        return f"{name} is down ({self._reason.get(server_id) or 'it never answered'})"


def services(events: Sequence[Event]) -> tuple[Service, ...]:
    """Return the service of every floating IP that ever led to a server."""
    guests = Guests()
    addresses: dict[str, Mapping[str, object]] = {}
    target: dict[str, str | None] = {}
    behind: dict[str | None, set[str]] = defaultdict(set)
    changes: dict[str, list[Change]] = defaultdict(list)
    for event in events:
        changed: Iterable[str] = ()
        if guests.follow(event):
            changed = behind[str(event.data["server_id"])]
        if event.kind == kinds.FLOATING_IP:
            identifier = str(event.data["floating_ip_id"])
            addresses.setdefault(identifier, event.data)
            behind[target.get(identifier)].discard(identifier)
            target[identifier] = event.data["server_id"]
            behind[target[identifier]].add(identifier)
            changed = (identifier,)
        for identifier in changed:
            server_id = target[identifier]
            up = server_id is not None and guests.is_up(server_id)
            reason = "" if up else "it leads to no server" if server_id is None else guests.why_down(server_id)
            changes[identifier].append(Change(event, up, reason))
    ever = {str(e.data["floating_ip_id"]) for e in events if e.kind == kinds.FLOATING_IP and e.data["server_id"]}
    found = []
    until = _latest(events) if ever else None
    for identifier, data in addresses.items():
        if identifier in ever and until is not None:
            first_up, gaps = outages(changes[identifier], until)
            found.append(Service(identifier, str(data["address"]), str(data["project_id"]), first_up, gaps))
    return tuple(found)


def guest_outages(events: Sequence[Event]) -> Mapping[str, tuple[Outage, ...]]:
    """Return the outages of every server's guest, by server id."""
    changes: dict[str, list[Change]] = defaultdict(list)
    guests = Guests()
    for event in events:
        if guests.follow(event):
            server_id = str(event.data["server_id"])
            up = guests.is_up(server_id)
            changes[server_id].append(Change(event, up, "" if up else guests.why_down(server_id)))
    until = _latest(events) if changes else None
    return {server_id: outages(found, until)[1] for server_id, found in changes.items() if until is not None}


def all_down(events: Sequence[Event], groups: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[Outage, ...]]:
    """Return the times in which no member of a group answered, from the moment on when two of them were up.

    A group of which two were never up is left out.

    Args:
        events: The events of the run.
        groups: The ids of the members of each group, by the name of the group.
    """
    guests = Guests()
    groups_of: dict[str, list[str]] = defaultdict(list)
    for group, members in groups.items():
        for member in dict.fromkeys(members):
            groups_of[member].append(group)
    changes: dict[str, list[Change]] = {group: [] for group in groups}
    ready: set[str] = set()
    up: Mapping[str, set[str]] = defaultdict(set)
    for event in events:
        if not guests.follow(event):
            continue
        server_id = str(event.data["server_id"])
        for group in groups_of.get(server_id, ()):
            members = groups[group]
            (up[group].add if guests.is_up(server_id) else up[group].discard)(server_id)
            if len(up[group]) > 1:
                ready.add(group)
            if group in ready:
                reason = "" if up[group] else "; ".join(guests.why_down(member) for member in members)
                changes[group].append(Change(event, bool(up[group]), reason))
    if not events:
        return {}
    until = _latest(events)
    return {group: outages(found, until)[1] for group, found in changes.items() if group in ready}


def _latest(events: Sequence[Event]) -> Event:
    """Return the event with the latest time: the last event may have an earlier one, see ``Event.at``."""
    return max(events, key=lambda event: (event.at, event.seq))
