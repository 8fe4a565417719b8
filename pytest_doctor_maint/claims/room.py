"""The free room on computes, as the events go by."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable

from pytest_doctor_maint.claims.index.cloud import hosts_of
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.history import Event, kinds


class FreeRoom:
    """The free VCPUs of each compute to which Nova schedules.

    Args:
        index: The index of the history.
    """

    def __init__(self, index: HistoryIndex) -> None:
        self._index = index
        self._order = {host: number for number, host in enumerate(index.cloud.computes)}
        changes = (*index.of(kinds.COMPUTE), *index.of(kinds.SERVER))
        self._changes = sorted(changes, key=lambda event: event.seq)
        self._next = 0
        self._used: dict[str, int] = defaultdict(int)
        self._taken: dict[str, tuple[frozenset[str], int]] = {}
        self._computes: dict[str, Event] = {}
        #: The free VCPUs of each compute in use, and the place of the compute among all, sorted.
        self._free: list[tuple[int, int]] = []
        self._total = 0

    def advance(self, seq: int) -> None:
        """Take into account all events before event ``seq``."""
        while self._next < len(self._changes) and self._changes[self._next].seq < seq:
            event = self._changes[self._next]
            self._next += 1
            if event.kind == kinds.COMPUTE:
                host = str(event.data["host"])
                self._remove(host)
                self._computes[host] = event
                self._add(host)
            else:
                self._server(event)

    def _server(self, event: Event) -> None:
        server_id = str(event.data["server_id"])
        for sign, (hosts, vcpus) in (
            (-1, self._taken.get(server_id, (frozenset(), 0))),
            (1, (hosts_of(event), int(event.data["vcpus"]))),
        ):
            for host in hosts:
                self._remove(host)
                self._used[host] += sign * vcpus
                self._add(host)
            self._taken[server_id] = hosts, vcpus

    def _entry(self, host: str) -> tuple[int, int] | None:
        """Return the free VCPUs of a compute and its place; None if Nova does not schedule to it."""
        state = self._computes.get(host)
        if state is None or state.data["status"] != "enabled" or state.data["state"] != "up":
            return None
        return int(state.data["vcpus"]) - self._used[host], self._order[host]

    def _remove(self, host: str) -> None:
        if (entry := self._entry(host)) is not None:
            del self._free[bisect_left(self._free, entry)]
            self._total -= entry[0]

    def _add(self, host: str) -> None:
        if (entry := self._entry(host)) is not None:
            insort(self._free, entry)
            self._total += entry[0]

    def left_for(self, needed: Iterable[int], without: Iterable[str]) -> int | None:
        """Return the free VCPUs on all computes but those in ``without`` if they are too few; None if all fits.

        Args:
            needed: The VCPUs of each instance. Each is put on the fullest compute that has room, the largest first.
            without: Hosts to which nothing goes.
        """
        # A copy is faster than to put everything back.
        left = self._free.copy()
        free = self._total
        for entry in map(self._entry, dict.fromkeys(without)):
            if entry is not None:
                del left[bisect_left(left, entry)]
                free -= entry[0]
        for vcpus in sorted(needed, reverse=True):
            fullest = bisect_left(left, (vcpus, -1))
            if fullest == len(left):
                return free
            room, place = left.pop(fullest)
            insort(left, (room - vcpus, place))
        return None
