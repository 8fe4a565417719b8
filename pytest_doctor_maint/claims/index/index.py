"""A history, read once for all checkers: sessions, messages, answers, servers, computes, names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from pytest_doctor_maint.claims.expectations import Expectations, expectations_of
from pytest_doctor_maint.claims.index.cloud import Move, Track, is_gone, is_on, moves_of
from pytest_doctor_maint.claims.index.constraints import ConstraintIndex
from pytest_doctor_maint.claims.index.messages import (
    ObservedHostMessage,
    ObservedMessage,
    ObservedReply,
    ObservedSession,
    moment,
    read_actions,
    read_host_notice,
    read_notice,
    same_place,
)
from pytest_doctor_maint.claims.verdict import CannotTell
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, SESSION_EVENT, Step

T = TypeVar("T")


class IndexedHistory(History):
    """A history that does not grow, with what is derived from it."""

    @cached_property
    def facts(self) -> HistoryIndex:
        """What it says."""
        return HistoryIndex(self)


def index_of(history: History) -> HistoryIndex:
    """What ``history`` says, up to its run.ended."""
    return history.facts if isinstance(history, IndexedHistory) else HistoryIndex(history)


class HistoryIndex:
    """What a history says. What comes after run.ended, where the harness cleans up, is no part of it.

    Args:
        history: The history.

    Attributes:
        events: Its events up to run.ended.
    """

    def __init__(self, history: History) -> None:
        events = history.events
        ends = next((index for index, event in enumerate(events) if event.kind == kinds.RUN_ENDED), len(events))
        self.events = events[: ends + 1]
        by_kind: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            by_kind[event.kind].append(event)
        self._by_kind = {kind: tuple(found) for kind, found in by_kind.items()}

    def of(self, kind: str) -> tuple[Event, ...]:
        """The events of this kind."""
        return self._by_kind.get(kind, ())

    def event(self, seq: int) -> Event:
        """The event with this number."""
        return self.events[seq - 1]

    # -- the run -----------------------------------------------------------------------------------------------------

    @property
    def run(self) -> Mapping[str, Any]:
        """What run.started says.

        Raises:
            CannotTell: There is no such event.
        """
        if not self.of(kinds.RUN_STARTED):
            raise CannotTell("the history has no run.started")
        return self.of(kinds.RUN_STARTED)[0].data

    @property
    def end(self) -> Event:
        """The event run.ended.

        Raises:
            CannotTell: There is none: the history breaks off.
        """
        if not self.of(kinds.RUN_ENDED):
            raise CannotTell("the history breaks off: it has no run.ended")
        return self.of(kinds.RUN_ENDED)[0]

    @property
    def admin_project_id(self) -> str:
        """The project of the admin tool and the Inspector."""
        return str(self.run["admin_project_id"])

    @property
    def expectations(self) -> Expectations:
        """What is expected of the admin tool, whatever the workflow."""
        return expectations_of(self._profile)

    def expectations_of(self, session_id: str) -> Expectations:
        """What is expected of the admin tool in this session."""
        session = self.sessions.get(session_id)
        return expectations_of(self._profile, "default" if session is None else session.workflow)

    @property
    def _profile(self) -> str:
        started = self.of(kinds.RUN_STARTED)
        return str(started[0].data["profile"]) if started else ""

    # -- names -------------------------------------------------------------------------------------------------------

    @cached_property
    def _names(self) -> Mapping[str, str]:
        names = {str(event.data["server_id"]): str(event.data["name"]) for event in self.of(kinds.SERVER)}
        if self.of(kinds.RUN_STARTED):
            names.update({str(key): str(name) for key, name in self.run["projects"].items()})
        if len(self.sessions) == 1:
            names.update(dict.fromkeys(self.sessions, "the session"))
        return names

    def name(self, identifier: str | None) -> str:
        """The name of a server or project; its id where it has none."""
        return self._names.get(str(identifier), str(identifier))

    # -- sessions and messages ---------------------------------------------------------------------------------------

    @cached_property
    def sessions(self) -> Mapping[str, ObservedSession]:
        """The sessions by id, in the order of their creation."""
        found: dict[str, ObservedSession] = {}
        for created in self.of(kinds.SESSION_CREATED):
            session_id = str(created.data["session_id"])
            hosts = tuple(str(host) for host in created.data["hosts"])
            if not hosts and self.expectations.discovers:
                hosts = tuple(self.computes)
            deleted = [event for event in self.of(kinds.SESSION_DELETED) if event.data["session_id"] == session_id]
            found[session_id] = ObservedSession(
                session_id=session_id,
                created=created,
                hosts=hosts,
                workflow=str(created.data["workflow"]),
                maintenance_at=moment(created.data["maintenance_at"]),
                states=tuple(e for e in self.of(kinds.SESSION_STATE) if e.data["session_id"] == session_id),
                deleted=deleted[0] if deleted else None,
            )
        return found

    @property
    def some_sessions(self) -> Mapping[str, ObservedSession]:
        """The sessions.

        Raises:
            CannotTell: There is none.
        """
        if not self.sessions:
            raise CannotTell("no maintenance session was created")
        return self.sessions

    def _messages(self, event_type: str, read: Callable[[Event], T]) -> tuple[T, ...]:
        sent = [event for event in self.of(kinds.NOTIFICATION) if event.data["event_type"] == event_type]
        # An admin tool that runs elsewhere cannot be seen emitting; its messages show where they arrive.
        seen = sent or [event for event in self.of(kinds.ALARM) if event.data["event_type"] == event_type]
        return tuple(read(event) for event in seen)

    @cached_property
    def notices(self) -> tuple[ObservedMessage, ...]:
        """Every message to a project, in order."""
        return self._messages(SCHEDULED_EVENT, read_notice)

    @cached_property
    def host_notices(self) -> tuple[ObservedHostMessage, ...]:
        """Every message about a compute, in order."""
        return self._messages(HOST_EVENT, read_host_notice)

    @cached_property
    def session_notices(self) -> tuple[Event, ...]:
        """Every message to the admin about a session's progress, in order."""
        return self._messages(SESSION_EVENT, lambda event: event)

    def notices_of(self, session_id: str, *steps: Step) -> tuple[ObservedMessage, ...]:
        """The messages to projects in a session (of these steps, when some are named)."""
        return tuple(n for n in self.notices if n.session_id == session_id and (not steps or n.step in steps))

    def host_notices_of(self, session_id: str, *steps: Step) -> tuple[ObservedHostMessage, ...]:
        """The messages about computes in a session (of these steps, when some are named)."""
        return tuple(n for n in self.host_notices if n.session_id == session_id and (not steps or n.step in steps))

    def messages_of(self, session_id: str) -> list[ObservedMessage | ObservedHostMessage]:
        """All messages of a session, to projects and about computes, in order."""
        found: list[ObservedMessage | ObservedHostMessage] = [
            *self.notices_of(session_id),
            *self.host_notices_of(session_id),
        ]
        return sorted(found, key=lambda message: message.seq)

    @cached_property
    def answers(self) -> tuple[ObservedReply, ...]:
        """Every answer that reached the admin tool, in order."""
        refused = {event.cause for event in self.of(kinds.REPLY_REFUSED)}
        notices = {notice.seq: notice for notice in self.notices}
        found = []
        for event in self.of(kinds.REPLY):
            session_id, project_id = str(event.data["session_id"]), str(event.data["project_id"])
            notice = self._answered(event, notices, session_id, project_id)
            found.append(
                ObservedReply(
                    event=event,
                    session_id=session_id,
                    project_id=project_id,
                    state=event.data["state"],
                    notice=notice,
                    counted=event.seq not in refused,
                    actions=read_actions(event.data["body"], notice),
                )
            )
        return tuple(found)

    def _answered(
        self, reply: Event, notices: Mapping[int, ObservedMessage], session_id: str, project_id: str
    ) -> ObservedMessage | None:
        """The message behind an answer: up the chain of causes, else the newest to that project."""
        cause = reply.cause
        while cause is not None and 0 < cause < reply.seq:
            if cause in notices:
                return notices[cause]
            cause = self.event(cause).cause
        told = [
            notice
            for notice in self.notices
            if notice.seq < reply.seq and (notice.session_id, notice.project_id) == (session_id, project_id)
        ]
        asked_there = [notice for notice in told if same_place(str(reply.data["url"]), notice.reply_url)]
        return next(reversed(asked_there or told), None)

    @cached_property
    def _answers_by_notice(self) -> Mapping[int, tuple[ObservedReply, ...]]:
        found: dict[int, list[ObservedReply]] = defaultdict(list)
        for answer in self.answers:
            if answer.notice is not None:
                found[answer.notice.seq].append(answer)
        return {seq: tuple(answers) for seq, answers in found.items()}

    def answers_to(self, notice: ObservedMessage) -> tuple[ObservedReply, ...]:
        """The answers that came upon ``notice``."""
        return self._answers_by_notice.get(notice.seq, ())

    def agreed(self, notice: ObservedMessage) -> ObservedReply | None:
        """The ACK of ``notice``, if the admin tool got it."""
        return next((answer for answer in self.answers_to(notice) if answer.agrees), None)

    def instances_of(self, notice: ObservedMessage) -> tuple[str, ...] | None:
        """The instances that ``notice`` is about, from itself or from what was answered; None if neither tells."""
        if notice.instance_ids:
            return notice.instance_ids
        return next((tuple(answer.actions) for answer in self.answers_to(notice) if answer.actions), None)

    @cached_property
    def alarms(self) -> tuple[Event, ...]:
        """The alarms that arrived: who runs elsewhere may have refused one, or not have answered."""
        refused = {event.cause for event in self.of(kinds.ALARM_REFUSED)}
        return tuple(event for event in self.of(kinds.ALARM) if event.seq not in refused)

    def refused_alarms(self, notification: int) -> tuple[Event, ...]:
        """How subscribers refused the alarms of a notification, given its number."""
        tried = {alarm.seq for alarm in self.of(kinds.ALARM) if alarm.cause == notification}
        return tuple(event for event in self.of(kinds.ALARM_REFUSED) if event.cause in tried)

    @cached_property
    def inspector_alarms(self) -> tuple[Event, ...]:
        """The messages about computes as they arrived at the Inspector."""
        return tuple(
            event
            for event in self.alarms
            if event.data["event_type"] == HOST_EVENT and event.actor.startswith("inspector")
        )

    @cached_property
    def maintenance_spans(self) -> tuple[tuple[str, int, int], ...]:
        """When computes were in maintenance: host, and the first and last event of the time."""
        spans: list[tuple[str, int, int]] = []
        entered: dict[str, int] = {}
        for notice in self.host_notices:
            if notice.step is Step.IN_MAINTENANCE:
                entered.setdefault(notice.host, notice.seq)
            elif notice.step is Step.MAINTENANCE_COMPLETE and notice.host in entered:
                spans.append((notice.host, entered.pop(notice.host), notice.seq))
        ends = [session.failed.seq for session in self.sessions.values() if session.failed is not None]
        for host, first in entered.items():
            spans.append((host, first, next((end for end in sorted(ends) if end > first), self.events[-1].seq)))
        return tuple(sorted(spans, key=lambda span: span[1]))

    # -- the cloud ---------------------------------------------------------------------------------------------------

    @cached_property
    def servers(self) -> Mapping[str, Track]:
        """Every server's states, by id, in the order in which they appeared."""
        return self._tracks(kinds.SERVER, "server_id")

    @cached_property
    def computes(self) -> Mapping[str, Track]:
        """Every compute service's states, by host."""
        return self._tracks(kinds.COMPUTE, "host")

    def _tracks(self, kind: str, key: str) -> Mapping[str, Track]:
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self.of(kind):
            found[str(event.data[key])].append(event)
        return {identifier: Track(events) for identifier, events in found.items()}

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Every migration, in the order of their starts."""
        found = [move for track in self.servers.values() for move in moves_of(track)]
        return tuple(sorted(found, key=lambda move: move.started.seq))

    @cached_property
    def admin_moves(self) -> tuple[Move, ...]:
        """The migrations that the admin tool asked for."""
        return tuple(move for move in self.moves if move.by == self.admin_project_id)

    @cached_property
    def constraints(self) -> ConstraintIndex:
        """What VNFMs let the admin tool do."""
        workflows = [session.workflow for session in self.sessions.values()]
        return ConstraintIndex(self.of(kinds.CONSTRAINT_INSTANCE), self.of(kinds.CONSTRAINT_GROUP), workflows)

    def project_of(self, server_id: str) -> str:
        """Whose server it is."""
        return str(self.servers[server_id].last.data["project_id"])

    def servers_before(self, seq: int) -> dict[str, Event]:
        """The state of every server that exists just before event ``seq``."""
        states = {server_id: track.before(seq) for server_id, track in self.servers.items()}
        return {server_id: state for server_id, state in states.items() if state is not None and not is_gone(state)}

    def on_host(self, host: str, seq: int) -> dict[str, Event]:
        """The servers that take room on ``host`` just before event ``seq``."""
        return {server_id: state for server_id, state in self.servers_before(seq).items() if is_on(state, host)}

    @cached_property
    def faults(self) -> tuple[Event, ...]:
        """When the nemesis broke a compute; its ``target`` is the host."""
        return tuple(
            event
            for event in self.of(kinds.FAULT)
            if event.data["phase"] == "injected" and event.data["target"] in self.computes
        )

    @cached_property
    def anti_affinity(self) -> Mapping[str, tuple[str, ...]]:
        """The anti-affinity groups that ever had two members: all servers that were in them, by the group's name."""
        members: dict[str, list[str]] = {}
        names: dict[str, str] = {}
        for event in self.of(kinds.SERVER_GROUP):
            if event.data["policy"] == "anti-affinity":
                group = str(event.data["group_id"])
                names[group] = f"{event.data['name']} ({self.name(event.data['project_id'])})"
                known = members.setdefault(group, [])
                known += [str(m) for m in event.data["members"] if m not in known and m in self.servers]
        twice = {name for name in names.values() if list(names.values()).count(name) > 1}
        return {
            f"{names[group]} {group}" if names[group] in twice else names[group]: tuple(found)
            for group, found in members.items()
            if len(found) > 1
        }

    @cached_property
    def redundant(self) -> frozenset[str]:
        """The servers that are in such a group."""
        return frozenset(member for members in self.anti_affinity.values() for member in members)

    @cached_property
    def lost(self) -> frozenset[str]:
        """The servers that a compute took with it when the nemesis broke it, and that nothing stands by for."""
        return frozenset(
            server_id
            for fault in self.faults
            for server_id in self.on_host(str(fault.data["target"]), fault.seq)
            if server_id not in self.redundant
        )

    @cached_property
    def broken_hosts(self) -> frozenset[str]:
        """The computes that the nemesis broke and did not mend."""
        broken: set[str] = set()
        for event in self.of(kinds.FAULT):
            (broken.add if event.data["phase"] == "injected" else broken.discard)(str(event.data["target"]))
        return frozenset(broken)
