"""The timeline of a run as an SVG picture: the messages to projects, computes with their instances, services."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from heapq import heappop, heappush
from typing import TYPE_CHECKING, TypeVar

from pytest_doctor_maint.claims.availability import Outage, guest_outages, services
from pytest_doctor_maint.claims.index.cloud import is_gone
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.observed import ObservedMessage
from pytest_doctor_maint.claims.judging import judge
from pytest_doctor_maint.claims.verdict import Judgement
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.printable import LONGEST_LINE, shortened
from pytest_doctor_maint.protocol import ANSWERED, Step
from pytest_doctor_maint.report.timeline.template import TEMPLATE

if TYPE_CHECKING:
    from jinja2 import Template

#: A place on an axis.
P = TypeVar("P", datetime, float)

WIDTH, LEFT, RIGHT, TOP = 1280, 200, 44, 64
LANE, GAP = 18, 10
#: The most bars in a picture. A run on a hundred computes has some thousand.
MOST_BARS = 20_000
#: The width of a character of a label, about, in pixels.
CHARACTER = 6.6
#: The possible distances of two ticks of the time axis, in seconds.
TICKS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)

COLOURS = {
    Step.MAINTENANCE: "#7b8794",
    Step.DOWN_SCALE: "#b7791f",
    Step.PREPARE_MAINTENANCE: "#805ad5",
    Step.PLANNED_MAINTENANCE: "#2b6cb0",
    Step.MAINTENANCE_COMPLETE: "#2f855a",
    Step.ADMIN_ACTION_DONE: "#1a202c",
}
IN_MAINTENANCE, DISABLED, DOWN, INSTANCE, REDUNDANT, UP = (
    "#90cdf4",
    "#e2e8f0",
    "#e53e3e",
    "#cbd5e0",
    "#f6e05e",
    "#68d391",
)
LEGEND = [
    *((colour, step.value) for step, colour in COLOURS.items()),
    (DISABLED, "nova-compute disabled"),
    (IN_MAINTENANCE, "IN_MAINTENANCE"),
    (REDUNDANT, "redundant instance"),
    (INSTANCE, "instance"),
    (UP, "service up"),
    (DOWN, "down"),
]


@dataclass(frozen=True, slots=True)
class Bar:
    """A period of time, drawn on a lane. Coordinates are pixels.

    Attributes:
        x: The left edge.
        width: The width.
        y: The upper edge.
        height: The height.
        colour: The colour, as SVG writes it.
        tip: The text that is shown while the pointer is on the bar.
        label: The text next to or on the bar; may be empty.
        label_follows: True if the label is to the right of the bar, False if it is on the bar.
    """

    x: float
    width: float
    y: float
    height: float
    colour: str
    tip: str
    label: str = ""
    label_follows: bool = False

    @property
    def label_x(self) -> float:
        """The left edge of the label."""
        return self.x + (self.width if self.label_follows else 0) + 3

    @property
    def ink(self) -> str:
        """The colour of the label, which is readable on the bar."""
        return "#ffffff" if self.colour == DOWN and not self.label_follows else "#1a202c"


@dataclass(slots=True)
class Row:
    """A row of the picture: a label, a note, and bars on one or more lanes."""

    label: str
    y: float
    height: float
    note: str = ""
    bars: list[Bar] = field(default_factory=list)


class Timeline:
    """The layout of a history: rows of bars. Coordinates are pixels.

    Args:
        index: The index of the history, which has at least one event.
        judgement: The verdicts on it.
    """

    def __init__(self, index: HistoryIndex, judgement: Judgement) -> None:
        self._index = index
        events = index.events
        first = next((session.created for session in index.sessions.values()), events[0])
        self._from = first.at
        self._until = max(events[-1].at, first.at + timedelta(seconds=1))
        self._scale = (WIDTH - LEFT - RIGHT) / (self._until - self._from).total_seconds()
        self.rows: list[Row] = []
        self._bars = 0
        self._y = float(TOP)
        self._projects()
        self._computes()
        self._services()
        self._violations(judgement)

    @property
    def is_full(self) -> bool:
        """True if there are too many bars for a picture; the later bars are left out."""
        return self._bars >= MOST_BARS

    @property
    def height(self) -> float:
        """The height of the whole picture."""
        return self._y + 2 * LANE + 22

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Yield each tick of the time axis: its x and its label, the seconds since the first session was created."""
        seconds = (self._until - self._from).total_seconds()
        days = math.ceil(seconds / 14 / TICKS[-1])
        step = next((tick for tick in TICKS if seconds / tick <= 14), days * TICKS[-1])
        for number in range(int(seconds // step) + 1):
            yield self._x(self._from + timedelta(seconds=number * step)), f"{number * step} s"

    def _x(self, moment: datetime) -> float:
        inside = min(max(moment, self._from), self._until)
        return round(LEFT + (inside - self._from).total_seconds() * self._scale, 2)

    def _row(self, label: str, lanes: int) -> Row:
        row = Row(label, self._y, float(LANE * lanes))
        self.rows.append(row)
        self._y += row.height + GAP
        return row

    def _bar(
        self, row: Row, span: tuple[datetime, datetime], lane: float, colour: str, tip: str, label: str = ""
    ) -> None:
        begin, end = span
        if end < self._from or begin > self._until or self.is_full:
            return
        x, width = self._x(begin), max(self._x(end) - self._x(begin), 1.5)
        shown = label if len(label) * CHARACTER < width - 4 else ""
        row.bars.append(Bar(x, width, row.y + lane * LANE, LANE, colour, tip, shown))
        self._bars += 1

    def _thin(self, row: Row, span: tuple[datetime, datetime], lane: float, tip: str) -> None:
        self._bar(row, span, lane, DOWN, tip)
        if row.bars and row.bars[-1].tip == tip:
            bar = row.bars.pop()
            row.bars.append(Bar(bar.x, bar.width, bar.y + LANE - 5, 4, DOWN, tip))

    def _projects(self) -> None:
        known = [message for message in self._index.messages.to_projects if message.step is not None][:MOST_BARS]
        self._bars += len(known)
        bars_of: dict[str, list[Bar]] = {message.project_id: [] for message in self._index.messages.to_projects}
        for message in known:
            bars_of[message.project_id].append(self._message(message))
        for project_id, bars in bars_of.items():
            bars.sort(key=lambda bar: bar.x)
            # The label follows the bar. A bar that would overlap the label goes to the next lane.
            lanes = _lanes((bar.x, bar.x + bar.width + len(bar.label) * CHARACTER + 6) for bar in bars)
            bars = [replace(bar, y=self._y + lane * LANE) for bar, lane in zip(bars, lanes, strict=True)]
            row = self._row(self._index.name(project_id), max(lanes, default=0) + 1)
            row.note = "messages and replies"
            row.bars += bars

    def _message(self, message: ObservedMessage) -> Bar:
        replies = self._index.messages.replies_to(message) if message.step in ANSWERED else ()
        until = replies[0].event.at if replies else message.event.at
        took = (until - message.event.at).total_seconds()
        x = self._x(message.event.at)
        return Bar(
            x=x,
            width=max(self._x(until) - x, 3.0),
            y=0.0,
            height=LANE,
            colour=COLOURS.get(message.step or Step.MAINTENANCE, DOWN),
            tip=f"{message.word}, {replies[0].state} after {took:g} s" if replies else message.word,
            label="" if message.step is Step.ADMIN_ACTION_DONE else f"{took:g} s" if replies else "no reply",
            label_follows=True,
        )

    def _computes(self) -> None:
        outages = guest_outages(self._index.events)
        stays = _stays(self._index)
        spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        for host, entered, left in self._index.maintenance_spans:
            spans[host].append((self._index.event(entered).at, self._index.event(left).at))
        for host in self._index.cloud.computes:
            shown = sorted(
                (stay for stay in stays.get(host, ()) if stay.end.at > self._from),
                key=lambda stay: (stay.begin.at, stay.server_id),
            )
            lanes = _lanes((stay.begin.at, stay.end.at) for stay in shown)
            row = self._row(host, max(lanes, default=-1) + 2)
            self._states(row, host, spans[host])
            for lane, stay in zip(lanes, shown, strict=True):
                begin, end = stay.begin.at, stay.end.at
                colour = REDUNDANT if stay.server_id in self._index.cloud.redundant else INSTANCE
                name = self._index.name(stay.server_id)
                self._bar(row, (begin, end), lane + 1, colour, f"{name} on {host}", name)
                if self.is_full:
                    continue
                for outage in _during(outages.get(stay.server_id, ()), stay):
                    first, last = max(outage.began.at, begin), min(outage.ended.at, end)
                    if first < last:
                        self._thin(row, (first, last), lane + 1, f"{outage.reason} for {outage.seconds:g} s")

    def _states(self, row: Row, host: str, spans: Iterable[tuple[datetime, datetime]]) -> None:
        """Draw the states of the compute on the first lane of its row."""
        states = self._index.cloud.computes[host].events
        row.note = f"{states[-1].data['vcpus']} VCPUs"
        ends = [*(state.at for state in states[1:]), self._until]
        for state, end in zip(states, ends, strict=True):
            if state.data["state"] != "up" or state.data["forced_down"] or not state.data["powered"]:
                self._bar(row, (state.at, end), 0, DOWN, f"{host} is down", "down")
            elif state.data["status"] == "disabled":
                self._bar(row, (state.at, end), 0, DISABLED, f"nova-compute on {host} is disabled", "disabled")
        for span in spans:
            self._bar(row, span, 0, IN_MAINTENANCE, f"{host} is IN_MAINTENANCE", "IN_MAINTENANCE")

    def _services(self) -> None:
        for service in services(self._index.events):
            row = self._row(f"service {service.address}", 1)
            row.note = f"down {service.total:g} s in total"
            if service.first_up is None:
                continue
            self._bar(row, (service.first_up.at, self._until), 0, UP, "the service is up")
            for outage in service.outages:
                span = (outage.began.at, outage.ended.at)
                self._bar(
                    row, span, 0, DOWN, f"down for {outage.seconds:g} s: {outage.reason}", f"{outage.seconds:g} s"
                )

    def _violations(self, judgement: Judgement) -> None:
        found = [(verdict.claim, each) for verdict in judgement.verdicts for each in verdict.violations]
        row = self._row("violations", 1)
        row.note = str(len(found))
        for claim, each in found:
            self._bar(row, (each.at, each.at), 0, DOWN, f"{claim}: {each.message}")


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay of a server on a compute, from an event to another one."""

    server_id: str
    begin: Event
    end: Event


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


def _lanes(spans: Iterable[tuple[P, P]]) -> list[int]:
    """Return the lane of each span: the first one that is free. The spans are in the order of their begin."""
    lanes: list[int] = []
    free: list[int] = []
    taken: list[tuple[P, int]] = []
    for begin, end in spans:
        while taken and taken[0][0] <= begin:
            heappush(free, heappop(taken)[1])
        lane = heappop(free) if free else len(taken)
        heappush(taken, (end, lane))
        lanes.append(lane)
    return lanes


def _during(outages: Sequence[Outage], stay: Stay) -> Sequence[Outage]:
    """Return the outages of a server's guest that began or ended during a stay."""
    first = bisect_left(outages, stay.begin.seq, key=lambda outage: outage.ended.seq)
    return outages[first : bisect_right(outages, stay.end.seq, key=lambda outage: outage.began.seq)]


def timeline(history: History, judgement: Judgement | None = None) -> str:
    """Return a run as an SVG picture.

    The picture has a row per project (the messages to it, and the time until each reply), a row per compute (its state
    and its instances) and a row per floating IP (the service behind it, and the downtime of the service).

    Args:
        history: The history of the run.
        judgement: The verdicts on it. None: it is judged here by all claims, because a picture without marks would look
            like a run without violations.

    Raises:
        ValueError: The history is empty.
    """
    if not history.events:
        raise ValueError("an empty history has no timeline")
    index = index_of(history)
    drawn = Timeline(index, judge(history) if judgement is None else judgement)
    started = index.of(kinds.RUN_STARTED)
    return _template().render(
        title=(str(started[0].data["scenario"]) if started else "maintenance")
        + (f" (the first {MOST_BARS} bars)" if drawn.is_full else ""),
        width=WIDTH,
        height=drawn.height,
        left=LEFT,
        right=WIDTH - RIGHT,
        top=TOP,
        lane=LANE,
        rows=drawn.rows,
        ticks=list(drawn.ticks()),
        legend=_legend(LEGEND),
        bottom=drawn.height - 2 * LANE - 14,
    )


def _legend(entries: Sequence[tuple[str, str]]) -> list[tuple[float, int, str, str]]:
    """Return the place of each entry of the legend: x, line, colour, word."""
    placed = []
    x, line = float(LEFT), 0
    for colour, word in entries:
        width = 26 + len(word) * CHARACTER
        if x + width > WIDTH - RIGHT:
            x, line = float(LEFT), line + 1
        placed.append((x, line, colour, word))
        x += width
    return placed


@cache
def _template() -> Template:
    # Imported here, because other reports do not need jinja2.
    from jinja2 import Environment, StrictUndefined

    return Environment(
        autoescape=True, finalize=_legal, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(TEMPLATE)


def _legal(value: object) -> object:
    """Return a value of the template as XML 1.0 may have it; jinja2 escapes what XML has a meaning for."""
    return shortened(value, LONGEST_LINE) if type(value) is str else value
