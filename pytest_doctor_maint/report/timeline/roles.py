"""ACT and STBY: to which server a service led when, and the switch-overs from one server to the other."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.history import Event, kinds

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class SwitchOver:
    """A floating IP was moved from one server to another: the service leads to the other one from now on."""

    event: Event
    floating_ip_id: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a server's stay on a compute: ``role`` is ACT, STBY or empty."""

    begin: datetime
    end: datetime
    role: str


class Roles:
    """The roles of the servers of a run. ACT is the server to which a floating IP leads; STBY is each other member of
    an anti-affinity group.

    Args:
        index: The index of the history.

    Attributes:
        switch_overs: All switch-overs, in order.
    """

    def __init__(self, index: HistoryIndex) -> None:
        self._redundant = index.cloud.redundant
        self.switch_overs: list[SwitchOver] = []
        act: dict[str, list[Period]] = defaultdict(list)
        leads: dict[str, tuple[str, datetime]] = {}
        latest: dict[str, str] = {}
        for event in index.of(kinds.FLOATING_IP):
            address, server_id = str(event.data["floating_ip_id"]), event.data["server_id"]
            before, since = leads.get(address, ("", event.at))
            if before == (server_id or ""):
                continue
            if before:
                act[before].append((since, event.at))
                del leads[address]
            if server_id:
                leads[address] = str(server_id), event.at
                if latest.get(address, server_id) != server_id:
                    self.switch_overs.append(SwitchOver(event, address, latest[address], str(server_id)))
                latest[address] = str(server_id)
        for server_id, since in leads.values():
            act[server_id].append((since, max(index.last.at, since)))
        self._act: Mapping[str, Sequence[Period]] = {server_id: _joined(found) for server_id, found in act.items()}

    def has_role(self, server_id: str) -> bool:
        """Return True if the server ever was ACT or STBY."""
        return server_id in self._act or server_id in self._redundant

    def act(self, server_id: str, begin: datetime, end: datetime) -> list[Period]:
        """Return when the server was ACT between two moments."""
        periods = self._act.get(server_id, ())
        found = []
        for first, last in periods[bisect_left(periods, begin, key=lambda period: period[1]) :]:
            if first >= end:
                break
            if max(first, begin) < min(last, end):
                found.append((max(first, begin), min(last, end)))
        return found

    def segments(self, server_id: str, begin: datetime, end: datetime) -> list[Segment]:
        """Return the time from ``begin`` to ``end`` in parts of one role each."""
        other = "STBY" if server_id in self._redundant else ""
        found: list[Segment] = []
        since = begin
        for first, last in self.act(server_id, begin, end):
            if since < first:
                found.append(Segment(since, first, other))
            found.append(Segment(first, last, "ACT"))
            since = last
        if since < end or not found:
            found.append(Segment(since, end, other))
        return found


def _joined(periods: Sequence[Period]) -> list[Period]:
    """Return periods, of which some may overlap, as periods that do not, in order."""
    joined: list[Period] = []
    for begin, end in sorted(periods):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((begin, end))
    return joined
