"""The rows of projects: the messages to a project, and the time until each reply."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedMessage
from pytest_doctor_maint.protocol import ANSWERED, Step, ack, nack
from pytest_doctor_maint.report.timeline.axis import LEFT, RIGHT, Axis
from pytest_doctor_maint.report.timeline.drawing import BAR, LANE, Drawing
from pytest_doctor_maint.report.timeline.flags import beside
from pytest_doctor_maint.report.timeline.lanes import Lanes
from pytest_doctor_maint.report.timeline.lettering import fitted, width
from pytest_doctor_maint.report.timeline.row import Row

#: Up to so many messages to a project are drawn one by one, besides reports; of more, the interesting ones.
FEW = 24
#: The largest number of lanes of messages, and the widest name of a message in pixels.
MOST_LANES, WIDEST = 6, 300.0
#: The width and the height of the density of messages: of one bar, and of the highest one.
BIN, DENSITY = 7.0, 22.0
#: The number of messages that are named because their replies took longest.
SLOWEST = 3
#: The steps of which each project gets one in a session.
RARE = (Step.MAINTENANCE, Step.DOWN_SCALE, Step.MAINTENANCE_COMPLETE)


@dataclass(frozen=True, slots=True)
class Window:
    """A message and the time that its project took for the reply.

    Attributes:
        message: The message.
        end: When the reply came; else when it was due; else the end of the run.
        due: When the reply is due; None for a message to which none is due.
        outcome: What came of it, in a few words.
        is_smooth: True if the project agreed in time, or no reply is due.
    """

    message: ObservedMessage
    end: datetime
    due: datetime | None
    outcome: str
    is_smooth: bool

    @property
    def seconds(self) -> float:
        """The seconds until the reply, or until it was due."""
        return (self.end - self.message.event.at).total_seconds()


def _window(index: HistoryIndex, message: ObservedMessage, until: datetime) -> Window:
    sent = message.event.at
    if message.step not in ANSWERED:
        return Window(message, sent, None, "", is_smooth=True)
    replies = index.messages.replies_to(message)
    reply = next((reply for reply in replies if reply.accepted), None)
    if reply is None:
        end = min(max(message.due or until, sent), until)
        return Window(message, end, message.due, "reply refused" if replies else "no reply", is_smooth=False)
    word = "NACK" if reply.state == nack(message.word) else fitted(str(reply.state), WIDEST / 2)
    took = f"{round((reply.event.at - sent).total_seconds(), 3):g} s"
    is_late = message.due is not None and reply.event.at > message.due
    is_ack = reply.state == ack(message.word)
    outcome = took if is_ack else f"{word} after {took}"
    return Window(
        message,
        max(reply.event.at, sent),
        message.due,
        f"{outcome}, too late" if is_late else outcome,
        is_smooth=is_ack and not is_late,
    )


class ProjectRow(Row):
    """The row of a project.

    Args:
        project_id: The project.
        messages: The messages to it.
        index: The index of the history.
        axis: The time axis.
        suspects: The numbers of the events that show the first violation of each claim.
    """

    def __init__(
        self,
        project_id: str,
        messages: Sequence[ObservedMessage],
        index: HistoryIndex,
        axis: Axis,
        suspects: Collection[int],
    ) -> None:
        count = len(messages)
        super().__init__(("project", project_id), index.name(project_id), f"{count} message{'' if count == 1 else 's'}")
        self._axis = axis
        self._suspects = suspects
        self._windows = [_window(index, message, axis.end) for message in messages]
        self._is_short = sum(not _is_report(window) for window in self._windows) <= FEW
        self.is_troubled = any(not window.is_smooth for window in self._windows)

    def draw(self, drawing: Drawing, y: float) -> float:
        """Draw each message, or the interesting ones and how many there were at each time."""
        lanes = Lanes(MOST_LANES)
        drawn = [self._draw_window(drawing, window, lanes, y) for window in self._named()]
        y += LANE * len(lanes)
        if self._is_short:
            y += self._draw_reports(drawing, y)
        if not (self._is_short and all(drawn)):
            self._draw_density(drawing, y)
            y += DENSITY + 4
        return y

    def draw_strip(self, drawing: Drawing, y: float, height: float) -> None:
        """Draw the messages as they follow each other."""
        latest = LEFT - 1
        for window in self._windows:
            begin, end = self._axis.x(window.message.event.at), self._axis.x(window.end)
            if max(end, begin + 1) > latest:
                drawing.bar(begin, end, y, height, _style(window), self._words(window))
                latest = max(end, begin + 1)

    def _named(self) -> Sequence[Window]:
        """Return the messages to name: all, or first those that tell what went wrong."""
        if self._is_short:
            return [window for window in self._windows if not _is_report(window)]
        slowest = sorted(self._windows, key=lambda window: window.seconds, reverse=True)[:SLOWEST]

        def interest(window: Window) -> int | None:
            tests = (
                window.message.seq in self._suspects,
                not window.is_smooth or window.message.step is None,
                window in slowest and window.seconds >= 1,
                window.message.step in RARE,
            )
            return next((rank for rank, holds in enumerate(tests) if holds), None)

        ranked = [(rank, number) for number, w in enumerate(self._windows) if (rank := interest(w)) is not None]
        return [self._windows[number] for _, number in sorted(ranked)]

    def _draw_window(self, drawing: Drawing, window: Window, lanes: Lanes, y: float) -> bool:
        """Draw a message on a lane, with its name beside it. Return False if all lanes are taken."""
        message = window.message
        begin = self._axis.x(message.event.at)
        end = max(self._axis.x(window.end), begin + 3)
        due = end if window.due is None else max(self._axis.x(window.due), begin)
        label = f"{fitted(message.word, WIDEST / 2)} {window.outcome}".rstrip()
        place = beside(begin, end, width(label))
        if begin <= due <= place.end:
            # The name is not crossed by the deadline.
            place = beside(begin, max(end, due + 1), width(label))
        lane = lanes.place(place.begin, max(place.end, due + 2))
        if lane is None:
            return False
        top = y + lane * LANE
        if due > end:
            drawing.line(end, top + BAR - 1, due, top + BAR - 1, "left")
        # A name that is on the bar is above it.
        height = 3.0 if place.is_on else BAR
        drawing.bar(begin, end, top + BAR - height, height, _style(window), self._words(window))
        if window.due is not None and window.due <= self._axis.end:
            drawing.line(due, top + BAR - height, due, top + BAR, "due")
        drawing.text(place.x, top + 9.5, label, "ink" if window.is_smooth else "bad")
        return True

    def _draw_reports(self, drawing: Drawing, y: float) -> float:
        """Draw the reports of what the admin tool has done, and return the height of their lane."""
        reports = [window for window in self._windows if _is_report(window)]
        for window in reports:
            x = self._axis.x(window.message.event.at)
            drawing.bar(x, x + 3, y + 2, 6, _style(window), self._words(window))
        return 10.0 if reports else 0.0

    def _words(self, window: Window) -> str:
        message, axis = window.message, self._axis
        text = f"{message.word} at {axis.seconds(message.event.at)}"
        if window.outcome:
            text += f": {window.outcome}"
        return text + ("" if window.due is None else f"; reply due at {axis.seconds(window.due)}")

    def _draw_density(self, drawing: Drawing, y: float) -> None:
        """Draw how many messages there were at each time."""
        bins: dict[int, list[Window]] = defaultdict(list)
        for window in self._windows:
            bins[min(int((self._axis.x(window.message.event.at) - LEFT) / BIN), int((RIGHT - LEFT) / BIN) - 1)].append(
                window
            )
        most = max(map(len, bins.values()), default=1)
        for number, found in sorted(bins.items()):
            height = round(max(DENSITY * len(found) / most, 2), 1)
            counts = Counter(window.message.word for window in found)
            words = ", ".join(f"{count} {word}" for word, count in counts.most_common(5))
            x = LEFT + number * BIN
            style = "down" if any(not window.is_smooth for window in found) else "density"
            drawing.bar(x, x + BIN - 1, round(y + DENSITY - height, 1), height, style, words)


def _is_report(window: Window) -> bool:
    return window.message.step is Step.ADMIN_ACTION_DONE


def _style(window: Window) -> str:
    """Return the class of a message in the style sheet."""
    step = "other" if window.message.step is None else window.message.step.value.lower().replace("_", "-")
    return f"step {step}" if window.is_smooth else f"step {step} rough"


def project_rows(index: HistoryIndex, axis: Axis, suspects: Collection[int]) -> list[Row]:
    """Return a row for each project that got messages.

    Args:
        index: The index of the history.
        axis: The time axis.
        suspects: The numbers of the events that show the first violation of each claim.
    """
    found: dict[str, list[ObservedMessage]] = defaultdict(list)
    for message in index.messages.to_projects:
        found[message.project_id].append(message)
    return [ProjectRow(project_id, messages, index, axis, suspects) for project_id, messages in found.items()]
