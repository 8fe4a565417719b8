"""The messages about maintenance that the Inspector got."""

from __future__ import annotations

from functools import cached_property

from pytest_doctor_maint.claims.index.events import EventIndex
from pytest_doctor_maint.claims.index.messages import MessageIndex
from pytest_doctor_maint.history import Event
from pytest_doctor_maint.protocol import HOST_EVENT, Step, step_of


class InspectorIndex:
    """The messages about computes, as they arrived at the Inspector.

    Args:
        events: The events of the run.
        messages: The messages and alarms of the run.
    """

    def __init__(self, events: EventIndex, messages: MessageIndex) -> None:
        self._events = events
        self._messages = messages

    @cached_property
    def alarms(self) -> tuple[Event, ...]:
        """The alarms about computes that arrived at the Inspector, in order."""
        return tuple(
            event
            for event in self._messages.alarms
            if event.data["event_type"] == HOST_EVENT and event.actor.startswith("inspector")
        )

    @cached_property
    def maintenance_spans(self) -> tuple[tuple[str, Event, Event], ...]:
        """The times in which the Inspector knew that a compute was in maintenance.

        Each is the host, the alarm IN_MAINTENANCE and the alarm MAINTENANCE_COMPLETE. If this alarm did not arrive, the
        last event takes its place.
        """
        spans: list[tuple[str, Event, Event]] = []
        entered: dict[str, Event] = {}
        for alarm in self.alarms:
            host, step = str(alarm.data.get("host")), step_of(str(alarm.data["state"]))
            if step is Step.IN_MAINTENANCE:
                entered.setdefault(host, alarm)
            elif step is Step.MAINTENANCE_COMPLETE and host in entered:
                spans.append((host, entered.pop(host), alarm))
        return (*spans, *((host, alarm, self._events.last) for host, alarm in entered.items()))
