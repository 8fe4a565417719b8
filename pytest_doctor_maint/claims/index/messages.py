"""The messages of a run, the replies to them and the alarms by which they arrived."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from pytest_doctor_maint.claims.index.events import EventIndex, newest_before
from pytest_doctor_maint.claims.index.observed import (
    ObservedHostMessage,
    ObservedMessage,
    ObservedReply,
    ReplyContent,
    read_actions,
    read_host_message,
    read_message,
    resource_of,
    same_resource,
)
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, SESSION_EVENT, Step

T = TypeVar("T")
K = TypeVar("K")

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

    @cached_property
    def about_session(self) -> Mapping[str, Sequence[Event]]:
        """The messages of :attr:`about_sessions` by session."""
        return _grouped(self.about_sessions, lambda event: str(event.data["session_id"]))

    def _read(self, event_type: str, read: Callable[[Event], T]) -> tuple[T, ...]:
        sent = [event for event in self._events.of(kinds.NOTIFICATION) if event.data["event_type"] == event_type]
        # The notifications of an admin tool that runs elsewhere may be invisible; its messages show where they arrive.
        seen = sent or [event for event in self._events.of(kinds.ALARM) if event.data["event_type"] == event_type]
        return tuple(read(event) for event in seen)

    def of_session(self, session_id: str, *steps: Step) -> tuple[ObservedMessage, ...]:
        """Return the messages to projects in a session; only those of ``steps``, if any are given."""
        return tuple(m for m in self._of_session.get(session_id, ()) if not steps or m.step in steps)

    def hosts_of_session(self, session_id: str, *steps: Step) -> tuple[ObservedHostMessage, ...]:
        """Return the messages about computes in a session; only those of ``steps``, if any are given."""
        return tuple(m for m in self._hosts_of_session.get(session_id, ()) if not steps or m.step in steps)

    @cached_property
    def _of_session(self) -> Mapping[str, Sequence[ObservedMessage]]:
        return _grouped(self.to_projects, lambda message: message.session_id)

    @cached_property
    def _hosts_of_session(self) -> Mapping[str, Sequence[ObservedHostMessage]]:
        return _grouped(self.about_hosts, lambda message: message.session_id)

    @cached_property
    def _to_project_in_session(self) -> Mapping[tuple[str, str], Sequence[ObservedMessage]]:
        return _grouped(self.to_projects, lambda message: (message.project_id, message.session_id))

    @cached_property
    def _by_resource(self) -> Mapping[tuple[str, str, str], Sequence[ObservedMessage]]:
        return _grouped(
            self.to_projects, lambda message: (message.project_id, message.session_id, resource_of(message.reply_url))
        )

    def newest_about(self, project_id: str, instance_id: str, seq: int) -> ObservedMessage | None:
        """Return the newest message to a project before event ``seq`` that offers actions for an instance.

        It may be a message of which nobody knows the instances.
        """
        keys = ((project_id, instance_id), (project_id, None))
        found = [newest_before(self._offers.get(key, ()), seq) for key in keys]
        return max((message for message in found if message is not None), key=lambda each: each.seq, default=None)

    @cached_property
    def _offers(self) -> Mapping[tuple[str, str | None], Sequence[ObservedMessage]]:
        """The messages that offer actions, by project and instance; None: nobody knows their instances."""
        found: dict[tuple[str, str | None], list[ObservedMessage]] = defaultdict(list)
        for message in self.to_projects:
            if message.step in INSTANCE_STEPS:
                instances = self.instances_of(message)
                for instance_id in (None,) if instances is None else dict.fromkeys(instances):
                    found[message.project_id, instance_id].append(message)
        return found

    @cached_property
    def about_instance(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the messages about each instance that offer actions for it, in order, by the instance's id."""
        found: dict[str, list[int]] = defaultdict(list)
        for message in self.to_projects:
            if message.step in INSTANCE_STEPS:
                for instance_id in dict.fromkeys(self.instances_of(message) or ()):
                    found[instance_id].append(message.seq)
        return found

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
        found = []
        for event in self._events.of(kinds.REPLY):
            session_id, project_id = str(event.data["session_id"]), str(event.data["project_id"])
            message = self._replied_to(event, session_id, project_id)
            found.append(
                ObservedReply(
                    event=event,
                    session_id=session_id,
                    project_id=project_id,
                    state=None if event.data["state"] is None else str(event.data["state"]),
                    message=message,
                    accepted=event.seq not in refused,
                    actions=read_actions(event.data["body"], message),
                )
            )
        return tuple(found)

    def _replied_to(self, reply: Event, session_id: str, project_id: str) -> ObservedMessage | None:
        """Return the message behind a reply: up the chain of causes, else the newest message to that project."""
        if (message := self._origins.get(reply.seq)) is not None:
            return message
        url = str(reply.data["url"])
        same = self._by_resource.get((project_id, session_id, resource_of(url)), ())
        for number in reversed(range(bisect_left(same, reply.seq, key=lambda message: message.seq))):
            if same_resource(url, same[number].reply_url):
                return same[number]
        return newest_before(self._to_project_in_session.get((project_id, session_id), ()), reply.seq)

    @cached_property
    def _origins(self) -> Mapping[int, ObservedMessage]:
        """The message in the chain of causes of each event, by the event's number."""
        messages = {message.seq: message for message in self.to_projects}
        found: dict[int, ObservedMessage] = {}
        for event in self._events.events:
            # A cause is earlier than its event, so that its own chain is known already.
            if event.cause is not None and 0 < event.cause < event.seq:
                message = messages.get(event.cause) or found.get(event.cause)
                if message is not None:
                    found[event.seq] = message
        return found

    @cached_property
    def _replies_by_message(self) -> Mapping[int, tuple[ObservedReply, ...]]:
        found: dict[int, list[ObservedReply]] = defaultdict(list)
        for reply in self.replies:
            if reply.message is not None:
                found[reply.message.seq].append(reply)
        return {seq: tuple(replies) for seq, replies in found.items()}

    @cached_property
    def replies_in(self) -> Mapping[str, Sequence[ObservedReply]]:
        """The replies by session, in order."""
        return _grouped(self.replies, lambda reply: reply.session_id)

    def replies_to(self, message: ObservedMessage) -> tuple[ObservedReply, ...]:
        """Return the replies to ``message``, in order."""
        return self._replies_by_message.get(message.seq, ())

    def repeats_a_counted_one(self, reply: ObservedReply) -> bool:
        """Return True if a reply has the content of an earlier one that counted for the same message."""
        if reply.message is None:
            return False
        key = reply.message.seq, reply.content
        return key in self._counted and self._counted[key] < reply.seq

    @cached_property
    def _counted(self) -> Mapping[tuple[int, ReplyContent], int]:
        """The number of the first reply that counted, by its message and its content."""
        found: dict[tuple[int, ReplyContent], int] = {}
        for reply in self.replies:
            if reply.message is not None and (reply.agrees or reply.refuses):
                found.setdefault((reply.message.seq, reply.content), reply.seq)
        return found

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
        return self._refusals.get(notification, ())

    @cached_property
    def _refusals(self) -> Mapping[int, tuple[Event, ...]]:
        notifications = {alarm.seq: alarm.cause for alarm in self._events.of(kinds.ALARM)}
        found: dict[int, list[Event]] = defaultdict(list)
        for event in self._events.of(kinds.ALARM_REFUSED):
            if event.cause is not None and (notification := notifications.get(event.cause)) is not None:
                found[notification].append(event)
        return {notification: tuple(refused) for notification, refused in found.items()}


def _grouped(found: Sequence[T], key: Callable[[T], K]) -> Mapping[K, Sequence[T]]:
    """Return the items by their key, each group in its order."""
    groups: dict[K, list[T]] = defaultdict(list)
    for item in found:
        groups[key(item)].append(item)
    return groups
