"""Where a run is: what just happened, the state, the percentage, the compute, the time, and the next deadline.

This is for runs and commands in real time, which somebody waits for. It follows the events as they happen, and knows
nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.printable import shortened
from pytest_doctor_maint.protocol import ANSWERED, HOST_EVENT, SCHEDULED_EVENT, Step, from_wire, step_of
from pytest_doctor_maint.report.describe import UNREADABLE, describe

#: The longest name of a state or a compute, in characters.
LONGEST_NAME = 40
#: The kinds of events that are steps of a run for somebody who waits.
STEPS = frozenset(
    {
        kinds.RUN_STARTED,
        kinds.RUN_ENDED,
        kinds.SESSION_CREATED,
        kinds.SESSION_REFUSED,
        kinds.SESSION_STATE,
        kinds.SESSION_DELETED,
        kinds.NOTIFICATION,
        kinds.REPLY,
        kinds.REPLY_REFUSED,
        kinds.HOST_WORK,
        kinds.ACTION,
        kinds.HOST_FAILURE,
        kinds.FAULT,
        kinds.FAULT_MANAGEMENT,
        kinds.THREAD_DIED,
    }
)
#: The steps of an actor to which messages come as alarms.
STEPS_OF_SUBSCRIBERS = STEPS | {kinds.ALARM}
#: The steps of a cloud that knows nothing of maintenance.
STEPS_OF_CLOUDS = frozenset({kinds.COMPUTE})
#: Seconds after which a deadline that has passed is not shown any more.
LATE = 30.0

#: A project, and the instances that a message is about, where it lists them.
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Window:
    due: datetime
    state: str
    number: int


class Progress:
    """Follows the events of a run or of one actor.

    Args:
        steps: The kinds of events that are steps.
        idle: The state as long as there is no session.
    """

    def __init__(self, steps: Collection[str] = STEPS, idle: str = "no session yet") -> None:
        self._steps = steps
        self._idle = idle
        self._names: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._began: datetime | None = None
        self._state = ""
        self._compute = ""
        self._hosts: dict[str, tuple[str, ...]] = {}
        self._in_maintenance: set[str] = set()
        self._complete: set[str] = set()
        self._open: dict[_Key, _Window] = {}

    def note(self, event: Event) -> str:
        """Take an event into account, and return it in words if it is a step; empty if it is none."""
        # Data of a foreign program of other types is shown as it is, and changes nothing.
        with suppress(*UNREADABLE):
            self._take(event)
        return describe(event, self._names) if event.kind in self._steps else ""

    def line(self, now: datetime) -> str:
        """Return where the run is, in one line: time, percentage, state, compute, and the next deadline.

        Args:
            now: The time on the clock of the run (UTC).
        """
        elapsed = 0.0 if self._began is None else max(0.0, (now - self._began).total_seconds())
        parts = [f"{elapsed:.0f} s"]
        if self._hosts:
            parts.append(f"{self.percent} %")
        elif self._complete:
            parts.append(f"{len(self._complete)} maintained")
        parts += [text for text in (self._state or self._idle, self._compute) if text]
        windows = [window for window in self._open.values() if (now - window.due).total_seconds() < LATE]
        if windows:
            window = min(windows, key=lambda each: each.due)
            left = (window.due - now).total_seconds()
            when = f"due in {left:.0f} s" if left >= 0 else f"late by {-left:.0f} s"
            parts.append(f"reply to {window.state} {when}")
        return ", ".join(parts)

    @property
    def percent(self) -> int:
        """The computes that are maintained, in percent of those of all sessions; one in maintenance counts half."""
        hosts = {host for each in self._hosts.values() for host in each}
        done = len(hosts & self._complete) + len(hosts & (self._in_maintenance - self._complete)) / 2
        return int(100 * done / len(hosts)) if hosts else 0

    def _take(self, event: Event) -> None:
        kind, data = kinds.for_reading(event.kind), event.data
        self._began = self._began or event.at
        if kind.names is not None:
            self._counts[event.kind] += 1
            self._names.update(kind.names(data, self._counts[event.kind]))
        if event.kind == kinds.SESSION_CREATED:
            self._hosts[str(data["session_id"])] = tuple(map(str, data["hosts"]))
        elif event.kind == kinds.SESSION_STATE:
            self._state = _name(data["state"])
        # An alarm has a cause where its notification was seen as well.
        elif event.kind == kinds.NOTIFICATION or (event.kind == kinds.ALARM and event.cause is None):
            self._take_message(event.seq, data)
        elif event.kind == kinds.REPLY:
            self._close(event)
        elif event.kind == kinds.COMPUTE:
            if data["status"] == "disabled" and not data["forced_down"]:
                self._compute = _name(data["host"])
        elif event.kind == kinds.HOST_WORK:
            self._compute = _name(data["host"])
        elif event.kind in (kinds.SESSION_DELETED, kinds.RUN_ENDED):
            self._open.clear()

    def _take_message(self, number: int, data: Mapping[str, object]) -> None:
        state = _name(data["state"])
        if data["event_type"] == HOST_EVENT:
            host = _name(data.get("host"))
            self._compute = host
            done = step_of(state) is Step.MAINTENANCE_COMPLETE
            (self._complete if done else self._in_maintenance).add(host)
        elif data["event_type"] == SCHEDULED_EVENT:
            # Where replies are not seen, a later message of the same project shows that the window has ended.
            instances = data.get("instance_ids")
            project, one = str(data["project_id"]), str(instances) if isinstance(instances, tuple) else ""
            for key in [key for key in self._open if key[0] == project and one in ("", key[1])]:
                del self._open[key]
            if step_of(state) in ANSWERED:
                self._state = state
                self._open[project, one] = _Window(from_wire(str(data["reply_at"])), state, number)

    def _close(self, reply: Event) -> None:
        """Forget the deadline of the message that a reply answers: the oldest one, if the reply does not show which."""
        project, word = str(reply.data["project_id"]), str(reply.data["state"]).partition("_")[2]
        alike = [key for key, window in self._open.items() if key[0] == project and window.state == word]
        caused = [key for key, window in self._open.items() if window.number == reply.cause]
        for key in (caused or alike)[:1]:
            del self._open[key]


def _name(value: object) -> str:
    return shortened(str(value), LONGEST_NAME)
