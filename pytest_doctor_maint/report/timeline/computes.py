"""The rows of computes: the states of nova-compute, and the instances with their roles."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pytest_doctor_maint.claims.availability import Outage, guest_outages
from pytest_doctor_maint.claims.index.cloud import is_gone
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.history import Event
from pytest_doctor_maint.report.timeline.axis import Axis
from pytest_doctor_maint.report.timeline.drawing import BAR, LANE, Drawing
from pytest_doctor_maint.report.timeline.flags import beside
from pytest_doctor_maint.report.timeline.lanes import Lanes
from pytest_doctor_maint.report.timeline.lettering import fitted, width
from pytest_doctor_maint.report.timeline.roles import Roles, Segment
from pytest_doctor_maint.report.timeline.row import Row
from pytest_doctor_maint.report.timeline.states import Period, draw_periods, in_order, periods_of

#: The largest number of lanes of instances on one compute, and the widest name of an instance in pixels.
MOST_LANES, WIDEST = 12, 220.0


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay of a server on a compute, from an event to another one."""

    server_id: str
    begin: Event
    end: Event


class ComputeRow(Row):
    """The row of a compute.

    Args:
        host: The compute.
        index: The index of the history.
        axis: The time axis.
        stays: The stays of servers on it.
        spans: The times in which it was in maintenance.
        roles: The roles of servers.
        names: The names of servers, by id.
        outages: The outages of the guests of servers, by server id.
    """

    def __init__(
        self,
        host: str,
        index: HistoryIndex,
        axis: Axis,
        stays: Sequence[Stay],
        spans: Sequence[tuple[datetime, datetime]],
        roles: Roles,
        names: Mapping[str, str],
        outages: Mapping[str, Sequence[Outage]],
    ) -> None:
        states = index.cloud.computes[host].events
        super().__init__(("compute", host), host, f"{states[-1].data['vcpus']} VCPUs")
        self._names = names
        self._axis = axis
        shown = (stay for stay in stays if axis.shows(stay.begin.at, stay.end.at))
        self._stays = sorted(shown, key=lambda stay: (stay.begin.at, stay.server_id))
        self._roles = roles
        self._outages = outages
        self._periods = [
            *periods_of(states, axis.end),
            *(Period(begin, end, "maint", "IN_MAINTENANCE") for begin, end in spans),
        ]
        self._periods = [period for period in self._periods if axis.shows(period.begin, period.end)]
        self.is_troubled = any(period.style == "down" for period in self._periods)

    def draw(self, drawing: Drawing, y: float) -> float:
        """Draw the states on the first lane, and the instances below them."""
        draw_periods(self._periods, self._axis, drawing, y, self.label)
        y += LANE
        lanes = Lanes(MOST_LANES)
        left_out = 0
        for stay in self._stays:
            begin, end = self._axis.x(stay.begin.at), self._axis.x(stay.end.at)
            segments = self._roles.segments(stay.server_id, stay.begin.at, max(stay.end.at, stay.begin.at))
            inside = self._labels(stay, segments)
            name = "" if inside else fitted(self._name(stay, segments[-1]), WIDEST)
            place = beside(begin, end, width(name))
            lane = lanes.place(place.begin, place.end)
            if lane is None:
                left_out += 1
                continue
            top = y + lane * LANE
            self._draw_stay(drawing, stay, segments, top)
            drawing.text(place.x, top + 9.5, name, "on")
            for x, text in inside:
                drawing.text(x, top + 9.5, text, "on")
        y += LANE * len(lanes)
        if left_out:
            drawing.text(self._axis.x(self._axis.begin) + 3, y + 10, f"and {left_out} more stays of instances", "dim")
            y += LANE
        return y

    def draw_strip(self, drawing: Drawing, y: float, height: float) -> None:
        """Draw the states, and where ACT was."""
        for period in in_order(self._periods):
            begin, end = self._axis.x(period.begin), self._axis.x(period.end)
            drawing.bar(begin, end, y, height, period.style, f"{self.label}: {period.word}")
        for stay in self._stays:
            for begin_at, end_at in self._roles.act(stay.server_id, stay.begin.at, stay.end.at):
                name = self._names[stay.server_id]
                begin, end = self._axis.x(begin_at), self._axis.x(end_at)
                third = height / 3
                drawing.bar(begin, end, y + third, third, "act", f"{name} is ACT on {self.label}")

    def _name(self, stay: Stay, segment: Segment) -> str:
        name = self._names[stay.server_id]
        return f"{segment.role} {name}" if segment.role else name

    def _labels(self, stay: Stay, segments: Sequence[Segment]) -> list[tuple[float, str]]:
        """Return the places and the texts of the names inside of the bar, none if the whole name has no room there.

        One segment has the name, and the others have their roles.
        """
        found: list[tuple[float, str]] = []
        is_named = False
        for segment in segments:
            begin, end = self._axis.x(segment.begin), self._axis.x(segment.end)
            name = fitted(self._name(stay, segment), WIDEST)
            has_room = not is_named and width(name) + 6 <= end - begin
            text = name if has_room else segment.role
            if width(text) + 6 <= end - begin:
                found.append((begin + 3, text))
            is_named = is_named or has_room
        return found if is_named else []

    def _draw_stay(self, drawing: Drawing, stay: Stay, segments: Sequence[Segment], y: float) -> None:
        name = self._names[stay.server_id]
        for segment in segments:
            begin, end = self._axis.x(segment.begin), self._axis.x(segment.end)
            style, words = segment.role.lower() or "inst", f"{segment.role or 'is'} on {self.label}"
            when = f"from {self._axis.seconds(segment.begin)} to {self._axis.seconds(segment.end)}"
            drawing.bar(begin, end, y, BAR, style, f"{name} {words} {when}")
            if segment.role:
                drawing.line(begin, y + 0.5, max(end, begin + 1.5), y + 0.5, f"{style}-edge")
        for outage in _during(self._outages.get(stay.server_id, ()), stay):
            first, last = max(outage.began.at, stay.begin.at), min(outage.ended.at, stay.end.at)
            if first < last:
                words = f"{outage.reason} for {outage.seconds:g} s"
                drawing.bar(self._axis.x(first), self._axis.x(last), y + BAR - 3, 3, "down", words)


def _during(outages: Sequence[Outage], stay: Stay) -> Sequence[Outage]:
    """Return the outages of a server's guest that began or ended during a stay."""
    first = bisect_left(outages, stay.begin.seq, key=lambda outage: outage.ended.seq)
    return outages[first : bisect_right(outages, stay.end.seq, key=lambda outage: outage.began.seq)]


def _stays(index: HistoryIndex) -> Mapping[str, list[Stay]]:
    """Return the stays of servers on each compute."""
    found: dict[str, list[Stay]] = defaultdict(list)
    for server_id, track in index.cloud.servers.items():
        since: Event | None = None
        for state in track.events:
            host = None if is_gone(state) else state.data["host"]
            if since is not None and since.data["host"] != host:
                found[since.data["host"]].append(Stay(server_id, since, state))
                since = None
            if since is None and host is not None:
                since = state
        if since is not None:
            found[since.data["host"]].append(Stay(server_id, since, index.last))
    return found


def compute_rows(index: HistoryIndex, axis: Axis, roles: Roles, names: Mapping[str, str]) -> list[Row]:
    """Return a row for each compute, in the order in which they appeared."""
    outages = guest_outages(index.events)
    stays = _stays(index)
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for host, entered, left in index.maintenance_spans:
        spans[host].append((index.event(entered).at, index.event(left).at))
    return [
        ComputeRow(host, index, axis, stays.get(host, ()), spans[host], roles, names, outages)
        for host in index.cloud.computes
    ]
