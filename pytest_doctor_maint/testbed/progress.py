"""Whether a session still makes progress, seen by what is new on the wire and in the cloud."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.history import Event, History, kinds

if TYPE_CHECKING:
    from pytest_doctor_maint.testbed.testbed import Testbed

#: Seconds without anything new after which a session hangs, added to the longest window: in real time somebody waits,
#: in simulated time an admin tool may try for long and the work on a compute may take long.
MARGIN, SIMULATED_MARGIN = 150.0, 7200.0
#: Fields that differ each time that the same thing happens.
_VOLATILE = {"message_id", "since", "emitted_at", "actions_at", "reply_at", "maintenance_at"}


def patience_of(testbed: Testbed) -> float:
    """Return the seconds without anything new after which a session counts as hanging."""
    settings, windows, work = testbed.settings, [*testbed.dialect.windows.values()], 0.0
    if settings.patience is not None:
        return settings.patience
    if not settings.attached.admin_tool:
        # An admin tool elsewhere has settings of its own.
        windows += getattr(settings.admin_tool, "all_windows", {}).values()
        work = float(getattr(settings.admin_tool, "work_seconds", 0.0))
    return max(windows, default=0.0) + work + (SIMULATED_MARGIN if testbed.clock.simulated else MARGIN)


class Progress:
    """Follows a history, and knows when something new happened last.

    An event is new if none before it had its kind and its content. The same message again and again is no progress.

    Args:
        history: The history of the run.
        begins: When progress is expected at the earliest (UTC).

    Attributes:
        latest: When something new happened last (UTC); ``begins``, if that is later.
    """

    def __init__(self, history: History, begins: datetime) -> None:
        self.latest = begins
        self._history = history
        self._read = 0
        self._seen: Counter[str] = Counter()
        self._message: Event | None = None

    def look(self) -> None:
        """Take the events since the last look into account."""
        events = self._history.events
        for event in events[self._read :]:
            content = _content(event)
            if not self._seen[content]:
                self.latest = max(self.latest, event.at)
            self._seen[content] += 1
            if event.kind == kinds.NOTIFICATION:
                self._message = event
        self._read = len(events)

    @property
    def last_message(self) -> str:
        """The last message of the admin tool, in words, with the number of times that it was sent."""
        if self._message is None:
            return "the admin tool has sent no message"
        data, times = self._message.data, self._seen[_content(self._message)]
        about = f" about {data['host']}" if data.get("host") else f" to the project {data['project_id']}"
        often = f", sent {times} times" if times > 1 else ""
        return f"the last message is {data['state']}{about}, at {self._message.at:%Y-%m-%d %H:%M:%S}Z{often}"


def _content(event: Event) -> str:
    """Return what happened in an event, without what differs each time."""
    return json.dumps([event.kind, _lasting(event.data)])


def _lasting(value: object) -> Any:  # JSON of any kind
    if isinstance(value, Mapping):
        return {key: _lasting(item) for key, item in value.items() if key not in _VOLATILE}
    return [_lasting(item) for item in value] if isinstance(value, tuple) else value
