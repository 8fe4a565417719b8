"""The history of a cloud that is seen from outside."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pytest_doctor_maint.attach.observer import Observer
from pytest_doctor_maint.history import Event, History, frozen, kinds
from pytest_doctor_maint.simtime.clock import Clock

#: The fields that identify a notification without a ``message_id``.
_CONTENT = ("event_type", "session_id", "project_id", "state", "host", "instance_ids")
#: The cloud is polled before an event of these kinds is recorded, so that earlier changes of the cloud come earlier in
#: the history.
_ON_THE_WIRE = (
    kinds.NOTIFICATION,
    kinds.ALARM,
    kinds.REPLY,
    kinds.SESSION_CREATED,
    kinds.SESSION_STATE,
    kinds.SESSION_DELETED,
    kinds.HOST_WORK,
    kinds.FAULT_MANAGEMENT,
)
#: The witness among the subscribers to notifications; the other subscribers are actors.
_WITNESS = "witness"


class WatchedHistory(History):
    """A history of a cloud that does not report its changes.

    Two relations between events that the embedded cloud reports by itself are established here:

    - The cloud is polled before each message is recorded, so that earlier changes come before the message. An event has
      the moment at which it was appended, which is taken before the poll: a poll takes time, and the admin tool's
      windows count from the moment of the message. The changes that the poll finds have a later time and a smaller
      number.
    - An alarm gets the notification behind it as its cause, since no cause travels through a foreign Aodh. Aodh calls
      the actor and the witness in any order, with any time between. So an alarm never waits for the witness: the first
      alarm of a notification records the notification, and later ones find it by its ``message_id``.

    Args:
        clock: The clock of the run.

    Attributes:
        observer: Polls the cloud; None until it is set.
        is_witnessed: True if the admin tool runs elsewhere, so that a notification is recorded where it arrives.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock.now)
        self.observer: Observer | None = None
        self.is_witnessed = False
        self._clock = clock
        self._lock_of_pairs = threading.Lock()
        # The numbers of notifications: by message_id, and those that each subscriber has seen.
        self._identified: dict[str, int] = {}
        self._seen: dict[str, set[int]] = defaultdict(set)
        self._origins: set[str] = set()

    def append(
        self, actor: str, kind: str, data: Mapping[str, Any], *, cause: int | None = None, at: datetime | None = None
    ) -> Event:
        """Record an event; see :meth:`History.append`."""
        at = self._look_before(kind, at)
        if kind != kinds.ALARM:
            return super().append(actor, kind, data, cause=cause, at=at)
        with self._lock_of_pairs:
            behind = self._notification_behind(actor, data, at)
            return super().append(actor, kind, data, cause=behind, at=at)

    def append_witnessed(self, data: Mapping[str, Any]) -> Event:
        """Record a notification that reached the witness, and return its event.

        A notification that was recorded before, by another call for it, is not recorded again.
        """
        at = self._look_before(kinds.NOTIFICATION, None)
        with self._lock_of_pairs:
            found = self._recorded(_WITNESS, data)
            return self._append_notification(_WITNESS, data, at) if found is None else self.event(found)

    def _look_before(self, kind: str, at: datetime | None) -> datetime | None:
        """Poll the cloud if an event of this kind requires it, and return the moment of the event.

        None: no time has passed, and the event is stamped when it is recorded.
        """
        if kind not in _ON_THE_WIRE or self.observer is None:
            return at
        moment = at or self._clock.now()
        # What happens on the wire is recorded, also when the cloud cannot be seen.
        self.observer.try_to_look()
        return moment

    # -- the notification behind an alarm ----------------------------------------------------------------------------

    def _notification_behind(self, actor: str, data: Mapping[str, Any], at: datetime | None) -> int | None:
        """Return the number of the notification behind an alarm, which is recorded now if it has to be.

        None: the admin tool runs here and has not emitted such a notification.
        """
        if (found := self._recorded(actor, data)) is not None:
            return found
        if self.is_witnessed:
            notification = {name: value for name, value in data.items() if name != "subscriber_id"}
            return self._append_notification(actor, notification, at).seq
        alike = self._alike(data)
        # A second delivery, from an Aodh that does not identify notifications.
        return alike[-1].seq if alike else None

    def _recorded(self, subscriber: str, data: Mapping[str, Any]) -> int | None:
        """Return the number of a recorded notification: the one with this ``message_id``, or else the first one of this
        content that has no other ``message_id`` and that ``subscriber`` has not seen. None: no such notification.
        """
        message_id = str(data.get("message_id") or "")
        found = self._identified.get(message_id)
        if found is None:
            taken = set(self._identified.values()) if message_id else set()
            taken |= self._seen[subscriber]
            found = next((event.seq for event in self._alike(data) if event.seq not in taken), None)
        if found is not None:
            self._note(subscriber, message_id, found)
        return found

    def _append_notification(self, subscriber: str, data: Mapping[str, Any], at: datetime | None) -> Event:
        for name in ("reply_url", "instance_ids"):
            self._alias_admin_tool(data.get(name))
        event = super().append("admin_tool", kinds.NOTIFICATION, data, at=at)
        self._note(subscriber, str(data.get("message_id") or ""), event.seq)
        return event

    def _note(self, subscriber: str, message_id: str, seq: int) -> None:
        self._seen[subscriber].add(seq)
        if message_id:
            self._identified[message_id] = seq

    def _alike(self, data: Mapping[str, Any]) -> list[Event]:
        """Return the notifications of this content, in their order."""
        content = frozen(self._presentable({name: data.get(name) for name in _CONTENT}))
        return [
            event
            for event in self.of(kinds.NOTIFICATION)
            # None, an empty value and a missing field are equal: Aodh does not distinguish them.
            if all((event.data.get(name) or None) == (content[name] or None) for name in _CONTENT)
        ]

    def _alias_admin_tool(self, url: object) -> None:
        """Write ``admin_tool`` in the history for the host by which the admin tool calls itself in a URL."""
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is not None and parts.netloc and (origin := f"{parts.scheme}://{parts.netloc}") not in self._origins:
            self._origins.add(origin)
            self.alias(origin, "admin_tool")
