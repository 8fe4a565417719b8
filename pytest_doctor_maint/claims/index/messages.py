"""The messages of a run, the replies to them and the alarms by which they arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TypeVar

from pytest_doctor_maint.claims.index.events import EventIndex
from pytest_doctor_maint.claims.index.observed import (
    ObservedHostMessage,
    ObservedMessage,
    ObservedReply,
    read_actions,
    read_host_message,
    read_message,
    same_resource,
)
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, SESSION_EVENT, Step

T = TypeVar("T")

#: The steps whose messages are about instances and offer actions for them.
INSTANCE_STEPS = (Step.PREPARE_MAINTENANCE, Step.PLANNED_MAINTENANCE)


class MessageIndex:
    """The messages, replies and alarms of a run.

    Args:
        events: The events of the run.
    """

    def __init__(self, events: EventIndex) -> None:
        self._events = events

    # -- messages ----------------------------------------------------------------------------------------------------

    @cached_property
    def to_projects(self) -> tuple[ObservedMessage, ...]:
        """All messages to projects, in order."""
        return self._read(SCHEDULED_EVENT, read_message)

    @cached_property
    def about_hosts(self) -> tuple[ObservedHostMessage, ...]:
        """All messages about computes, in order."""
        return self._read(HOST_EVENT, read_host_message)

    @cached_property
    def about_sessions(self) -> tuple[Event, ...]:
        """All messages to the admin about the progress of a session, in order."""
        return self._read(SESSION_EVENT, lambda event: event)

    def _read(self, event_type: str, read: Callable[[Event], T]) -> tuple[T, ...]:
        sent = [event for event in self._events.of(kinds.NOTIFICATION) if event.data["event_type"] == event_type]
        # The notifications of an admin tool that runs elsewhere may be invisible; its messages show where they arrive.
        seen = sent or [event for event in self._events.of(kinds.ALARM) if event.data["event_type"] == event_type]
        return tuple(read(event) for event in seen)

    def of_session(self, session_id: str, *steps: Step) -> tuple[ObservedMessage, ...]:
        """Return the messages to projects in a session; only those of ``steps``, if any are given."""
        return tuple(m for m in self.to_projects if m.session_id == session_id and (not steps or m.step in steps))

    def hosts_of_session(self, session_id: str, *steps: Step) -> tuple[ObservedHostMessage, ...]:
        """Return the messages about computes in a session; only those of ``steps``, if any are given."""
        return tuple(m for m in self.about_hosts if m.session_id == session_id and (not steps or m.step in steps))

    def all_of_session(self, session_id: str) -> list[ObservedMessage | ObservedHostMessage]:
        """Return the messages of a session to projects and about computes, in order."""
        found: list[ObservedMessage | ObservedHostMessage] = [
            *self.of_session(session_id),
            *self.hosts_of_session(session_id),
        ]
        return sorted(found, key=lambda message: message.seq)

    # -- replies -----------------------------------------------------------------------------------------------------

    @cached_property
    def replies(self) -> tuple[ObservedReply, ...]:
        """All replies that reached the admin tool, in order."""
        refused = {event.cause for event in self._events.of(kinds.REPLY_REFUSED)}
        messages = {message.seq: message for message in self.to_projects}
        found = []
        for event in self._events.of(kinds.REPLY):
            session_id, project_id = str(event.data["session_id"]), str(event.data["project_id"])
            message = self._replied_to(event, messages, session_id, project_id)
            found.append(
                ObservedReply(
                    event=event,
                    session_id=session_id,
                    project_id=project_id,
                    state=event.data["state"],
                    message=message,
                    accepted=event.seq not in refused,
                    actions=read_actions(event.data["body"], message),
                )
            )
        return tuple(found)

    def _replied_to(
        self, reply: Event, messages: Mapping[int, ObservedMessage], session_id: str, project_id: str
    ) -> ObservedMessage | None:
        """Return the message behind a reply: up the chain of causes, else the newest message to that project."""
        cause = reply.cause
        while cause is not None and 0 < cause < reply.seq:
            if cause in messages:
                return messages[cause]
            cause = self._events.event(cause).cause
        earlier = [
            message
            for message in self.to_projects
            if message.seq < reply.seq and (message.session_id, message.project_id) == (session_id, project_id)
        ]
        same_url = [message for message in earlier if same_resource(str(reply.data["url"]), message.reply_url)]
        return next(reversed(same_url or earlier), None)

    @cached_property
    def _replies_by_message(self) -> Mapping[int, tuple[ObservedReply, ...]]:
        found: dict[int, list[ObservedReply]] = defaultdict(list)
        for reply in self.replies:
            if reply.message is not None:
                found[reply.message.seq].append(reply)
        return {seq: tuple(replies) for seq, replies in found.items()}

    def replies_to(self, message: ObservedMessage) -> tuple[ObservedReply, ...]:
        """Return the replies to ``message``, in order."""
        return self._replies_by_message.get(message.seq, ())

    def agreement(self, message: ObservedMessage) -> ObservedReply | None:
        """Return the accepted ACK of ``message``; None if no ACK was accepted."""
        return next((reply for reply in self.replies_to(message) if reply.agrees), None)

    def instances_of(self, message: ObservedMessage) -> tuple[str, ...] | None:
        """Return the ids of the instances that ``message`` is about, from the message or from a reply to it.

        None if neither has them.
        """
        if message.instance_ids:
            return message.instance_ids
        return next((tuple(reply.actions) for reply in self.replies_to(message) if reply.actions), None)

    # -- alarms ------------------------------------------------------------------------------------------------------

    @cached_property
    def alarms(self) -> tuple[Event, ...]:
        """The alarms that arrived: a subscriber that runs elsewhere may have refused one, or not have answered."""
        refused = {event.cause for event in self._events.of(kinds.ALARM_REFUSED)}
        return tuple(event for event in self._events.of(kinds.ALARM) if event.seq not in refused)

    def refused_alarms(self, notification: int) -> tuple[Event, ...]:
        """Return the refusals of the alarms of a notification, given by its number."""
        sent = {alarm.seq for alarm in self._events.of(kinds.ALARM) if alarm.cause == notification}
        return tuple(event for event in self._events.of(kinds.ALARM_REFUSED) if event.cause in sent)
