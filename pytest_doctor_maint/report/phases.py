"""The phases of maintenance sessions, as a history shows them: announce, make room, maintain each compute, complete."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.observed import ObservedHostMessage, ObservedMessage
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.printable import shortened
from pytest_doctor_maint.protocol import SESSION_EVENT, Step
from pytest_doctor_maint.report.describe import names_of

#: The longest name of a compute or a session in a title, in characters.
LONGEST_NAME = 60


class Stage(StrEnum):
    """What a session does in a phase."""

    ANNOUNCE = "announce"
    MAKE_ROOM = "make room"
    MAINTAIN = "maintain"
    COMPLETE = "complete"


_STAGES: Mapping[Step | None, Stage] = {
    Step.MAINTENANCE: Stage.ANNOUNCE,
    Step.DOWN_SCALE: Stage.MAKE_ROOM,
    Step.PREPARE_MAINTENANCE: Stage.MAKE_ROOM,
    Step.PLANNED_MAINTENANCE: Stage.MAINTAIN,
    Step.MAINTENANCE_COMPLETE: Stage.COMPLETE,
}


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a session. The phases of computes that are maintained at once overlap.

    Attributes:
        title: The title, such as ``announce`` or ``maintain compute-1``; it begins with the session's name if the
            history has several sessions.
        begin: The time of its earliest event (UTC).
        end: The time of its latest event (UTC).
        seqs: The numbers of its events, in order; at least one. No event is in two phases.
        stage: What the session does in it.
        session_id: The session.
        host: The compute that is maintained; empty in the other stages, or if the history does not show it.
    """

    title: str
    begin: datetime
    end: datetime
    seqs: tuple[int, ...]
    stage: Stage
    session_id: str
    host: str = ""


@dataclass(frozen=True, slots=True)
class _Key:
    session_id: str
    stage: Stage
    host: str = ""

    @property
    def title(self) -> str:
        if self.stage is not Stage.MAINTAIN:
            return self.stage.value
        return f"{self.stage.value} {shortened(self.host, LONGEST_NAME) or 'a compute'}"


def phases_of(history: History) -> tuple[Phase, ...]:
    """Return the phases of the sessions of a history, in the order of their first events.

    An event belongs to the phase of its message, of its cause, of the move of its server, or of the work on its
    compute; any other event to the phase of the newest message. What happens before the first session, and after the
    last one was deleted, belongs to no phase. A history that breaks off has the phases up to there; a session that
    fails has no ``complete``.
    """
    phases: dict[_Key, list[Event]] = {}
    for event, key in _Assignment(index_of(history)):
        phases.setdefault(key, []).append(event)
    names = names_of(history)
    has_several = len({key.session_id for key in phases}) > 1
    return tuple(
        Phase(
            title=f"{shortened(names.get(key.session_id, key.session_id), LONGEST_NAME)}: {key.title}"
            if has_several
            else key.title,
            begin=min(event.at for event in events),
            end=max(event.at for event in events),
            seqs=tuple(event.seq for event in events),
            stage=key.stage,
            session_id=key.session_id,
            host=key.host,
        )
        for key, events in phases.items()
    )


class _Assignment:
    """The events of a run, each with the phase that it belongs to.

    Args:
        index: The index of the history.
    """

    def __init__(self, index: HistoryIndex) -> None:
        self._index = index
        messages = index.messages
        told: list[ObservedMessage | ObservedHostMessage] = [*messages.to_projects, *messages.about_hosts]
        self._steps = {message.seq: message.step for message in told}
        sessions = dict.fromkeys(message.session_id for message in told)
        self._messages: Mapping[str, Sequence[ObservedMessage | ObservedHostMessage]] = {
            session_id: messages.all_of_session(session_id) for session_id in sessions
        }
        #: The messages that computes of a session are in maintenance, and the only compute of which there is none.
        self._entered: dict[str, tuple[Sequence[ObservedHostMessage], str]] = {}
        self._of_message = dict(pair for session_id in sessions for pair in self._keys_of_messages(session_id))
        self._instances = {message.seq: messages.instances_of(message) or () for message in messages.to_projects}
        self._replied_to = {reply.seq: reply.message.seq for reply in messages.replies if reply.message is not None}
        #: As the events go by: the phase of each event, of each session, of the move of each server, and of the work on
        #: each compute; and the sessions that are not deleted.
        self._of_event: dict[int, _Key] = {}
        self._of_session: dict[str, _Key] = {}
        self._of_server: dict[str, _Key] = {}
        self._of_host: dict[str, _Key] = {}
        self._open: set[str] = set()

    def __iter__(self) -> Iterator[tuple[Event, _Key]]:
        latest: _Key | None = None
        for event in self._index.events:
            if (key := self._key_of_step(event)) is not None:
                latest = self._of_session[key.session_id] = key
                self._follow(event, key)
            else:
                key = self._key_of_effect(event) or (latest if self._open else None)
            if key is not None:
                self._of_event[event.seq] = key
                yield event, key

    def _follow(self, event: Event, key: _Key) -> None:
        """Take into account what a step of the phase `key` begins and ends."""
        step = self._steps.get(event.seq)
        if event.kind == kinds.SESSION_CREATED:
            self._open.add(key.session_id)
        elif event.kind == kinds.SESSION_DELETED:
            self._open.discard(key.session_id)
        elif step is Step.IN_MAINTENANCE:
            self._of_host[key.host] = key
        elif step is Step.MAINTENANCE_COMPLETE:
            self._of_host.pop(key.host, None)
        for server_id in self._instances.get(event.seq, ()):
            if step is Step.ADMIN_ACTION_DONE:
                self._of_server.pop(server_id, None)
            else:
                self._of_server[server_id] = key

    def _key_of_step(self, event: Event) -> _Key | None:
        """Return the phase of a message, a change of a session, or a piece of work; None for any other event."""
        if event.seq in self._of_message:
            return self._of_message[event.seq]
        if event.kind == kinds.NOTIFICATION and event.data["event_type"] == SESSION_EVENT:
            return self._key_of_notice(event)
        if event.kind in (kinds.SESSION_CREATED, kinds.SESSION_STATE, kinds.SESSION_DELETED):
            return self._current(str(event.data["session_id"]), event.data.get("state"))
        return self._key_of_work(event) if event.kind in (kinds.HOST_WORK, kinds.ACTION) else None

    def _key_of_effect(self, event: Event) -> _Key | None:
        """Return the phase in which `event` has its reason; None if it is not known."""
        if event.seq in self._replied_to:
            return self._of_message[self._replied_to[event.seq]]
        if event.cause in self._of_event:
            return self._of_event[event.cause]
        server_id, host = str(event.data.get("server_id")), str(event.data.get("host"))
        return self._of_server.get(server_id) or self._of_host.get(host)

    def _current(self, session_id: str, state: object = None) -> _Key:
        """Return the phase in which a session is, or which its new state begins."""
        if state == "MAINTENANCE_DONE":
            return _Key(session_id, Stage.COMPLETE)
        return self._of_session.get(session_id) or _Key(session_id, Stage.ANNOUNCE)

    def _key_of_notice(self, event: Event) -> _Key:
        """Return the phase of a message to the admin about the progress of a session: of the next message, which is
        sent at the same time, if there is one.
        """
        session_id = str(event.data["session_id"])
        messages = self._messages.get(session_id, ())
        place = bisect_right(messages, event.seq, key=lambda message: message.seq)
        if place < len(messages) and messages[place].event.at == event.at:
            return self._of_message[messages[place].seq]
        return self._current(session_id, event.data["state"])

    def _key_of_work(self, event: Event) -> _Key:
        session_id, host = str(event.data["session_id"]), event.data["host"]
        if host:
            return _Key(session_id, Stage.MAINTAIN, str(host))
        return _Key(session_id, Stage.COMPLETE) if event.data.get("type") == "post" else self._current(session_id)

    # -- messages ----------------------------------------------------------------------------------------------------

    def _keys_of_messages(self, session_id: str) -> Iterator[tuple[int, _Key]]:
        """Yield the number and the phase of each message of a session, in order."""
        current = _Key(session_id, Stage.ANNOUNCE)
        phases: dict[int, _Key] = {}
        for message in self._messages[session_id]:
            if isinstance(message, ObservedHostMessage):
                current = _Key(session_id, Stage.MAINTAIN, message.host)
            elif message.step is Step.PLANNED_MAINTENANCE:
                current = _Key(session_id, Stage.MAINTAIN, self._host_of(message))
            elif message.step in _STAGES:
                current = _Key(session_id, _STAGES[message.step])
            elif message.step is Step.ADMIN_ACTION_DONE:
                current = phases.get(self._done_after(message), current)
            phases[message.seq] = current
            yield message.seq, current

    def _done_after(self, done: ObservedMessage) -> int:
        """Return the number of the message after whose answer the admin tool acted; 0 if it is not known."""
        found = (
            self._index.messages.newest_about(done.project_id, instance_id, done.seq)
            for instance_id in done.instance_ids or ()
        )
        return next((message.seq for message in found if message is not None), 0)

    def _host_of(self, message: ObservedMessage) -> str:
        """Return the compute that the instances of a PLANNED_MAINTENANCE must leave; empty if it is not known.

        That is where most of the instances are. If the message and its replies name none, it is the compute of the
        session that is in maintenance next, else the only one that is left.
        """
        session = self._index.sessions.get(message.session_id)
        hosts = () if session is None else session.hosts
        servers = (
            self._index.cloud.server_before(instance_id, message.seq)
            for instance_id in self._index.messages.instances_of(message) or ()
        )
        counted = Counter(str(server.data["host"]) for server in servers if server is not None)
        if found := [host for host, _ in counted.most_common() if host in hosts]:
            return found[0]
        if message.session_id not in self._entered:
            told = self._index.messages.hosts_of_session(message.session_id, Step.IN_MAINTENANCE)
            left = set(hosts) - {each.host for each in told}
            self._entered[message.session_id] = told, left.pop() if len(left) == 1 else ""
        entered, last = self._entered[message.session_id]
        place = bisect_right(entered, message.seq, key=lambda each: each.seq)
        return entered[place].host if place < len(entered) else last
