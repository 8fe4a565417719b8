"""The first difference of two histories: what happened in one and not in the other.

Ids, addresses, ports and times differ between two runs of one scenario. So two events are the same if they are of one
kind, come from the same actor, read the same in words, with names in place of ids, and are about the same instances.
The events of one moment have no order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.report.describe import actors_of, describe, names_of

#: What differs between two runs of one scenario: times, then ids, then addresses with their ports, then ports.
_VARIABLE = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\b[0-9a-fA-F]{32}\b"
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b(?::\d+)?|(?<=[\w\]]):\d{2,5}\b"
)
#: The actors that are the cloud; where it is observed from outside, it is the observer that tells of it.
_CLOUD = ("nova", "neutron", "aodh", "observer")
#: The most events of one moment that are looked through.
LARGEST_MOMENT = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """The first difference.

    Attributes:
        left: The event of the first history that has no equal in the other one; None: the first history ends here.
        right: The event of the second history; None: the second history ends here.
        only_left: The names of the instances that the left event alone is about; empty if the events differ by more.
        only_right: Those of the right event.
    """

    left: Event | None
    right: Event | None
    only_left: tuple[str, ...] = ()
    only_right: tuple[str, ...] = ()


_Key = tuple[tuple[str, ...], frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Read:
    """An event, and what two equal events have in common: kind, words and actors, and the names of instances."""

    event: Event
    what: tuple[str, ...]
    servers: frozenset[str]

    @property
    def key(self) -> _Key:
        """All of it."""
        return self.what, self.servers


def first_difference(left: History, right: History) -> Difference | None:
    """Return the first difference of two histories; None if they are the same.

    If one of the clouds was observed from outside, only messages, replies and other steps are compared, and of them
    those that both could see: an observer does not see each state of a server.
    """
    indexes = index_of(left), index_of(right)
    steps_only = any(index.is_observed for index in indexes)
    unseen = indexes[0].unseen | indexes[1].unseen
    a, b = (_read(index, history, steps_only, unseen) for index, history in zip(indexes, (left, right), strict=True))
    i = j = 0
    taken_of_a: set[int] = set()
    taken_of_b: set[int] = set()
    while i < len(a) and j < len(b):
        if i in taken_of_a:
            i += 1
        elif j in taken_of_b:
            j += 1
        elif a[i].key == b[j].key:
            i, j = i + 1, j + 1
        elif (place := _in_moment(b, j, a[i].key, taken_of_b)) is not None:
            taken_of_b.add(place)
            i += 1
        elif (place := _in_moment(a, i, b[j].key, taken_of_a)) is not None:
            taken_of_a.add(place)
            j += 1
        else:
            return _between(a[i], b[j])
    left_over = next((read.event for place, read in enumerate(a) if place >= i and place not in taken_of_a), None)
    right_over = next((read.event for place, read in enumerate(b) if place >= j and place not in taken_of_b), None)
    return None if left_over is right_over is None else Difference(left_over, right_over)


def _between(left: _Read, right: _Read) -> Difference:
    if left.what != right.what:
        return Difference(left.event, right.event)
    only_left, only_right = left.servers - right.servers, right.servers - left.servers
    return Difference(left.event, right.event, tuple(sorted(only_left)), tuple(sorted(only_right)))


def _in_moment(reads: Sequence[_Read], place: int, key: _Key, taken: set[int]) -> int | None:
    """Return where in the moment of the event at ``place`` another event with this key is; None: nowhere."""
    at = reads[place].event.at
    for other in range(place + 1, min(place + LARGEST_MOMENT, len(reads))):
        if reads[other].event.at != at:
            return None
        if reads[other].key == key and other not in taken:
            return other
    return None


def _read(index: HistoryIndex, history: History, steps_only: bool, unseen: frozenset[str]) -> list[_Read]:
    names = names_of(history)
    found = []
    for event in index.events:
        kind = kinds.for_reading(event.kind)
        if _is_own(event) or (steps_only and not kind.is_step) or event.kind in unseen:
            continue
        actors = ("cloud" if actor in _CLOUD else actor for actor in actors_of(event))
        words = _VARIABLE.sub("*", describe(event, names))
        found.append(_Read(event, (event.kind, words, *actors), _servers_in(event, index)))
    return found


def _is_own(event: Event) -> bool:
    """Return True if an event tells what a run is made of, and not what happened in it."""
    return event.kind == kinds.RUN_STARTED or (event.kind == kinds.FAULT and event.data["phase"] == "armed")


def _servers_in(event: Event, index: HistoryIndex) -> frozenset[str]:
    """Return the names of the servers whose ids are in the data of an event."""
    found: set[str] = set()
    left: list[object] = [event.data]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            left += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple):
            left += value
        elif isinstance(value, str) and value in index.cloud.servers:
            found.add(index.name(value))
    return frozenset(found)
