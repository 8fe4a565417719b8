"""The cloud, as a history shows it: servers, computes and server groups, at any moment of the run."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from pytest_doctor_maint.claims.index.events import EventIndex
from pytest_doctor_maint.claims.index.places import Places
from pytest_doctor_maint.history import Event, kinds

#: The statuses to which the actions of a project bring its server for as long as it likes, and the actions after which
#: the server is ACTIVE again. Nova calls some of them by two names, one with ``os-`` before it.
RESTING: Mapping[str, tuple[str, ...]] = {
    "stop": ("SHUTOFF",),
    "pause": ("PAUSED",),
    "suspend": ("SUSPENDED",),
    "shelve": ("SHELVED", "SHELVED_OFFLOADED"),
    "shelveOffload": ("SHELVED_OFFLOADED",),
    "rescue": ("RESCUE",),
}
WAKING = ("start", "unpause", "resume", "unshelve", "unrescue", "reboot", "rebuild")


class Track:
    """The states of one server or compute, in order. Each state holds until the next one.

    Args:
        events: Its events; at least one.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = tuple(events)
        self._seqs = [event.seq for event in events]

    def before(self, seq: int) -> Event | None:
        """Return the state just before event ``seq``; None if there was none yet."""
        index = bisect_left(self._seqs, seq)
        return self.events[index - 1] if index else None

    def during(self, first: int, last: int) -> tuple[Event, ...]:
        """Return the states from just before event ``first`` until event ``last`` inclusive."""
        start = max(0, bisect_left(self._seqs, first) - 1)
        return self.events[start : bisect_right(self._seqs, last)]

    @property
    def last(self) -> Event:
        """The last state."""
        return self.events[-1]


def is_gone(state: Event) -> bool:
    """Return True if the server was deleted."""
    return state.data["status"] in ("DELETED", "SOFT_DELETED")


def is_as_its_project_left_it(track: Track) -> bool:
    """Return True if the server rests, and is not ACTIVE because its own project has stopped it, or alike, and has not
    started it again. Who moves it leaves it as it was.
    """
    own = [
        word
        for event in track.events
        if event.data["by"] == event.data["project_id"]
        and (word := str(event.data["action"]).removeprefix("os-")) in (*RESTING, *WAKING)
    ]
    return bool(own) and not track.last.data["task_state"] and track.last.data["status"] in RESTING.get(own[-1], ())


def is_on(state: Event, host: str) -> bool:
    """Return True if the server, in this state, takes room on ``host``."""
    return not is_gone(state) and (state.data["host"] == host or host in state.data["held_on"])


def hosts_of(state: Event) -> frozenset[str]:
    """Return the computes on which the server takes room, in this state."""
    data = state.data
    return frozenset() if is_gone(state) else frozenset(map(str, {data["host"], *data["held_on"]} - {None}))


def tracks(events: Sequence[Event], *keys: str) -> Mapping[str, Track]:
    """Return the states of each thing that ``events`` are about, by the values of ``keys`` in their data.

    Several values are joined by a slash.
    """
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found["/".join(str(event.data[key]) for key in keys)].append(event)
    return {identifier: Track(states) for identifier, states in found.items()}


class CloudIndex:
    """The servers, computes and server groups of a run.

    Args:
        events: The events of the run.
    """

    def __init__(self, events: EventIndex) -> None:
        self._events = events

    @cached_property
    def servers(self) -> Mapping[str, Track]:
        """The states of every server, by id, in the order in which the servers appeared."""
        return tracks(self._events.of(kinds.SERVER), "server_id")

    @cached_property
    def computes(self) -> Mapping[str, Track]:
        """The states of every compute service, by host name."""
        return tracks(self._events.of(kinds.COMPUTE), "host")

    def project_of(self, server_id: str) -> str:
        """Return the id of the server's project."""
        return str(self.servers[server_id].last.data["project_id"])

    def server_before(self, server_id: str, seq: int) -> Event | None:
        """Return the state of a server just before event ``seq``; None if it does not exist then."""
        track = self.servers.get(server_id)
        state = None if track is None else track.before(seq)
        return None if state is None or is_gone(state) else state

    def servers_before(self, seq: int) -> Mapping[str, Event]:
        """Return the state of every server that exists just before event ``seq``, by server id."""
        states = {server_id: self.server_before(server_id, seq) for server_id in self.servers}
        return {server_id: state for server_id, state in states.items() if state is not None}

    def on_host(self, host: str, seq: int) -> dict[str, Event]:
        """Return the servers that take room on ``host`` just before event ``seq``, with their states."""
        return self._in_order(self._hosts.before(host, seq))

    def on_host_during(self, host: str, first: int, last: int) -> dict[str, Event]:
        """Return the servers that take room on ``host`` from just before event ``first`` until event ``last``.

        Each comes with the first of its states there.
        """
        found = self._hosts.before(host, first)
        for server_id, state in self._hosts.arrivals(host, first, last):
            found.setdefault(server_id, state)
        return self._in_order(found)

    def _in_order(self, servers: Mapping[str, Event]) -> dict[str, Event]:
        """Return servers in the order in which they appeared in the cloud."""
        return {server_id: servers[server_id] for server_id in sorted(servers, key=self._order.__getitem__)}

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {server_id: number for number, server_id in enumerate(self.servers)}

    @cached_property
    def _hosts(self) -> Places[Event]:
        places: Places[Event] = Places()
        before: dict[str, frozenset[str]] = {}
        for event in self._events.of(kinds.SERVER):
            server_id = str(event.data["server_id"])
            hosts = hosts_of(event)
            for host in before.get(server_id, frozenset()) - hosts:
                places.put(host, server_id, event.seq, None)
            for host in hosts:
                places.put(host, server_id, event.seq, event)
            before[server_id] = hosts
        return places

    def free_vcpus(self, seq: int) -> int:
        """Return the VCPUs of all computes together that no server takes just before event ``seq``.

        A compute counts before it appeared, too.
        """
        return self._free[bisect_left(self._free_from, seq) - 1]

    @cached_property
    def _free_from(self) -> Sequence[int]:
        return [number for number, _ in self._changes_of_free()]

    @cached_property
    def _free(self) -> Sequence[int]:
        return [free for _, free in self._changes_of_free()]

    def _changes_of_free(self) -> Iterator[tuple[int, int]]:
        """Yield the VCPUs that are free after an event, and the number of the event, from 0 on."""
        vcpus = {host: int(track.events[0].data["vcpus"]) for host, track in self.computes.items()}
        used: dict[str, int] = {}
        free = sum(vcpus.values())
        yield 0, free
        for event in sorted((*self._events.of(kinds.COMPUTE), *self._events.of(kinds.SERVER)), key=lambda e: e.seq):
            if event.kind == kinds.COMPUTE:
                host = str(event.data["host"])
                free += int(event.data["vcpus"]) - vcpus[host]
                vcpus[host] = int(event.data["vcpus"])
            else:
                server_id = str(event.data["server_id"])
                takes = int(event.data["vcpus"]) * len(hosts_of(event) & vcpus.keys())
                free += used.get(server_id, 0) - takes
                used[server_id] = takes
            yield event.seq, free

    @cached_property
    def _projects(self) -> Mapping[str, str]:
        started = self._events.of(kinds.RUN_STARTED)
        return {str(key): str(name) for key, name in started[0].data["projects"].items()} if started else {}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The names of servers and projects by id."""
        servers = {str(event.data["server_id"]): str(event.data["name"]) for event in self._events.of(kinds.SERVER)}
        return {**servers, **self._projects}

    @cached_property
    def anti_affinity(self) -> Mapping[str, tuple[str, ...]]:
        """The anti-affinity groups that ever had two members or more: the ids of all servers that were ever members, by
        the group's name and project.
        """
        members: dict[str, dict[str, None]] = {}
        names: dict[str, str] = {}
        for event in self._events.of(kinds.SERVER_GROUP):
            if event.data["policy"] == "anti-affinity":
                group = str(event.data["group_id"])
                project = str(event.data["project_id"])
                names[group] = f"{event.data['name']} ({self.names.get(project, project)})"
                known = members.setdefault(group, {})
                known.update(dict.fromkeys(m for m in map(str, event.data["members"]) if m in self.servers))
        ambiguous = {name for name, count in Counter(names.values()).items() if count > 1}
        return {
            f"{names[group]} {group}" if names[group] in ambiguous else names[group]: tuple(known)
            for group, known in members.items()
            if len(known) > 1
        }

    @cached_property
    def redundant(self) -> frozenset[str]:
        """The ids of the servers that are members of an anti-affinity group."""
        return frozenset(member for members in self.anti_affinity.values() for member in members)
