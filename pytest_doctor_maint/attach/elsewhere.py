"""What a run needs to be recorded and judged where its parts run elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_doctor_maint.attach.observer import Observer
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.history.event import frozen
from pytest_doctor_maint.openstack.alarm_api import PATH, AlarmApi
from pytest_doctor_maint.openstack.alarms import subscribe, unsubscribe
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, SESSION_EVENT, AlarmBody, parse_alarm
from pytest_doctor_maint.protocol.message import parse_host_message, parse_project_message
from pytest_doctor_maint.simtime.clock import Clock, Signal
from pytest_doctor_maint.simtime.http import HttpServer

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Seconds that an alarm waits for the same notification to reach the witness: Aodh calls the two one after the other.
PATIENCE = 2.0
#: What tells one notification from another, wherever it is seen.
_IDENTITY = ("event_type", "session_id", "project_id", "state", "host", "instance_ids")
#: Before these the cloud is looked at, so that what came before them also stands before them.
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


@dataclass(frozen=True, slots=True)
class Attached:
    """Actors that run elsewhere, by their URLs; empty for those that run here.

    Attributes:
        admin_tool: Where its API begins.
        app_manager: Where it takes alarms.
        inspector: Where it takes alarms.
        app_manager_project: The name of the project that the app manager elsewhere has its application in.
    """

    admin_tool: str = ""
    app_manager: str = ""
    inspector: str = ""
    app_manager_project: str = "doctor"

    @property
    def unseen(self) -> tuple[str, ...]:
        """What nobody records, as the reader of a history must know: kinds of events, and what the admin tool was set
        to.
        """
        found: list[str] = []
        if self.admin_tool:
            found += [kinds.HOST_WORK, "windows"]
        if self.admin_tool and self.app_manager:
            # Between the two. One of them being here, what passes between them is seen there.
            found += [kinds.REPLY, kinds.REPLY_REFUSED, kinds.CONSTRAINT_INSTANCE]
        if self.inspector:
            found += [kinds.HOST_FAILURE, kinds.FAULT_MANAGEMENT]
        return tuple(found)


class WatchedHistory(History):
    """A history of a cloud that is seen from outside.

    Two things that follow from each other by themselves on the embedded cloud are seen to here. The cloud is looked at
    before each message is recorded, so that the order of the two is the true one. And an alarm, whose way through a
    foreign Aodh carries no cause, gets the notification that it tells of as its cause.

    Attributes:
        observer: Looks at the cloud; None before there is one.
        witnessed: Whether notifications are recorded by a :class:`Witness`, and may be later than their alarms.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock.now)
        self.observer: Observer | None = None
        self.witnessed = False
        self._clock = clock
        # A signal for each alarm that waits: one that is shared could be cleared by another before it is seen.
        self._waiting: list[Signal] = []

    def append(
        self, actor: str, kind: str, data: Mapping[str, Any], *, cause: int | None = None, at: datetime | None = None
    ) -> Event:
        """Record an event; see :meth:`History.append`."""
        if kind in _ON_THE_WIRE and self.observer is not None:
            self.observer.look()
        if kind == kinds.ALARM:
            cause = self._notification(actor, data)
        event = super().append(actor, kind, data, cause=cause, at=at)
        if kind == kinds.NOTIFICATION:
            for signal in list(self._waiting):
                signal.set()
        return event

    def _notification(self, actor: str, data: Mapping[str, Any]) -> int | None:
        """The notification that an alarm tells of: the first alike that this actor has not been told of yet."""
        told = self._clock.signal("a notification")
        self._waiting.append(told)
        try:
            return self._wait_for_notification(told, actor, data)
        finally:
            self._waiting.remove(told)

    def _wait_for_notification(self, told: Signal, actor: str, data: Mapping[str, Any]) -> int | None:
        end = self._clock.now().timestamp() + PATIENCE
        while True:
            told.clear()
            wanted = frozen(self._presentable({key: data.get(key) for key in _IDENTITY}))
            alike = [
                event
                for event in self.of(kinds.NOTIFICATION)
                if all(_plain(event.data.get(key)) == _plain(wanted[key]) for key in _IDENTITY)
            ]
            known = {event.cause for event in self.of(kinds.ALARM, actor=actor)}
            if found := [event for event in alike if event.seq not in known]:
                return found[0].seq
            left = end - self._clock.now().timestamp()
            if not self.witnessed or left <= 0:
                # One that comes a second time, or one that nobody emitted.
                return alike[-1].seq if alike else None
            self._clock.wait(told, left)


def _plain(value: Any) -> Any:
    """Nothing is nothing, in whichever form it travels."""
    return value or None


class Witness:
    """Has an alarm of its own in each project, and records the notifications of an admin tool that runs elsewhere.

    It stands in for the admin tool's own word: what it records has the time at which the cloud got the notification as
    ``emitted_at``, where the alarm tells that.

    Args:
        clock: Its time.
        history: Where notifications are recorded.
    """

    def __init__(self, clock: Clock, history: History) -> None:
        self._history = history
        self._alarms: list[tuple[Connection, str]] = []
        self._seen: set[str] = set()
        self._origins: set[str] = set()
        self._server = HttpServer(AlarmApi(self.receive), name="witness", clock=clock)
        if isinstance(history, WatchedHistory):
            history.witnessed = True

    def start(self) -> Witness:
        """Begin to listen."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Listen no more."""
        self._server.stop()

    def join(self) -> None:
        """Wait for the last alarms, after the clock was stopped."""
        self._server.join()

    def subscribe(self, admin: Connection, project_id: str, event_type: str) -> None:
        """Listen to ``event_type`` for a project, as an admin.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        name = f"doctor_maint_witness_{event_type}"
        url = f"{self._server.url}{PATH}"
        alarm_id = subscribe(admin, name=name, event_type=event_type, url=url, project_id=project_id)
        self._alarms.append((admin, alarm_id))

    def unsubscribe(self) -> None:
        """Delete the alarms.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        while self._alarms:
            admin, alarm_id = self._alarms.pop()
            unsubscribe(admin, alarm_id)

    def receive(self, body: Mapping[str, Any]) -> None:
        """Record the notification behind an alarm, once.

        Raises:
            ValueError: It is none that an admin tool sends; the text says what is wrong.
        """
        alarm = parse_alarm(body)
        _check(alarm)
        if alarm.message_id in self._seen:
            return
        # Without an id nothing tells that it was here before.
        if alarm.message_id:
            self._seen.add(alarm.message_id)
        told = alarm.notification
        for url in (told.get("reply_url"), told.get("instance_ids")):
            self._alias(url)
        emitted = {} if alarm.generated is None else {"emitted_at": _stamp(alarm.generated)}
        self._history.append("admin_tool", kinds.NOTIFICATION, {**told, **emitted})

    def _alias(self, url: Any) -> None:
        """However the admin tool calls itself in its messages, in the history it is called admin_tool."""
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is not None and parts.netloc and (origin := f"{parts.scheme}://{parts.netloc}") not in self._origins:
            self._origins.add(origin)
            self._history.alias(origin, "admin_tool")


def _check(alarm: AlarmBody) -> None:
    """Raise ValueError, with what is wrong, for a message that no admin tool sends."""
    if alarm.event_type == SCHEDULED_EVENT:
        parse_project_message(alarm.traits)
    elif alarm.event_type == HOST_EVENT:
        parse_host_message(alarm.traits)
    elif alarm.event_type != SESSION_EVENT:
        raise ValueError(f"event_type: {alarm.event_type!r} is none of an admin tool")
    elif missing := [name for name in ("session_id", "project_id", "state") if not alarm.traits.get(name)]:
        raise ValueError(f"not a message about a session: it has no {', '.join(missing)}")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
