"""All that claims and reports read from a history, derived once."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from pytest_doctor_maint.claims.expectations import Expectations, expectations_of
from pytest_doctor_maint.claims.index.cloud import CloudIndex, tracks
from pytest_doctor_maint.claims.index.constraints import ConstraintIndex
from pytest_doctor_maint.claims.index.events import EventIndex
from pytest_doctor_maint.claims.index.faults import FaultIndex
from pytest_doctor_maint.claims.index.inspector import InspectorIndex
from pytest_doctor_maint.claims.index.messages import MessageIndex
from pytest_doctor_maint.claims.index.moves import Move, Moves, moves_of
from pytest_doctor_maint.claims.index.observed import ObservedMessage, ObservedSession, read_time
from pytest_doctor_maint.claims.index.unseen import WINDOWS, is_observed, unseen_in
from pytest_doctor_maint.claims.verdict import CannotTell, NotObserved
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.protocol import Action, Step, step_of


def index_of(history: History) -> HistoryIndex:
    """Return the index of ``history`` as it is now; events that are appended later are not in it."""
    return HistoryIndex(history.events)


class HistoryIndex(EventIndex):
    """A run as its history shows it, up to ``run.ended``.

    Args:
        events: All events of the history.

    Attributes:
        messages: The messages, the replies to them and the alarms by which they arrived.
        cloud: The servers, computes and server groups.
        faults: The faults that were injected.
        inspector: The messages about maintenance that the Inspector got.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__(events)
        self.messages = MessageIndex(self)
        self.cloud = CloudIndex(self)
        self.faults = FaultIndex(self, self.cloud)
        self.inspector = InspectorIndex(self, self.messages)

    @property
    def is_observed(self) -> bool:
        """True if the cloud was observed from outside."""
        return is_observed(self)

    @cached_property
    def unseen(self) -> frozenset[str]:
        """What could not be observed, see :func:`unseen_in`. Its absence from the history shows nothing."""
        return unseen_in(self, self.messages)

    @cached_property
    def windows(self) -> Mapping[Step | None, float]:
        """The windows of the steps in seconds, as ``run.started`` lists them; empty if they could not be observed."""
        started = () if WINDOWS in self.unseen else self.of(kinds.RUN_STARTED)
        return {step_of(str(word)): float(s) for event in started for word, s in event.data["windows"].items()}

    # -- sessions ----------------------------------------------------------------------------------------------------

    @cached_property
    def sessions(self) -> Mapping[str, ObservedSession]:
        """The sessions by id, in the order of their creation."""
        found: dict[str, ObservedSession] = {}
        states = tracks(self.of(kinds.SESSION_STATE), "session_id")
        deletions = tracks(self.of(kinds.SESSION_DELETED), "session_id")
        for created in self.of(kinds.SESSION_CREATED):
            session_id = str(created.data["session_id"])
            hosts = tuple(str(host) for host in created.data["hosts"])
            if not hosts and self.expectations.discovers_hosts:
                hosts = tuple(self.cloud.computes)
            seen = states[session_id].events if session_id in states else ()
            found[session_id] = ObservedSession(
                session_id=session_id,
                created=created,
                hosts=hosts,
                workflow=str(created.data["workflow"]),
                maintenance_at=read_time(created.data["maintenance_at"]),
                states=seen,
                failed=next((event for event in seen if event.data["state"] == "MAINTENANCE_FAILED"), None),
                done=next((event for event in seen if event.data["state"] == "MAINTENANCE_DONE"), None),
                deleted=deletions[session_id].events[0] if session_id in deletions else None,
            )
        return found

    def require_sessions(self) -> Mapping[str, ObservedSession]:
        """Return the sessions.

        Raises:
            CannotTell: No session was created.
        """
        if not self.sessions:
            raise CannotTell("no maintenance session was created")
        return self.sessions

    def require_servers(self) -> None:
        """Require that the servers of projects that got messages are in the history.

        Raises:
            CannotTell: There is no server, although messages went to projects: they go to projects with servers only.
        """
        if self.messages.to_projects and not self.cloud.servers:
            raise CannotTell("the history has no server")

    @property
    def expectations(self) -> Expectations:
        """The rules for the admin tool that hold in each of its workflows."""
        return expectations_of(self._dialect)

    def expectations_of(self, session_id: str) -> Expectations:
        """Return the rules for the admin tool in this session."""
        session = self.sessions.get(session_id)
        return expectations_of(self._dialect, "default" if session is None else session.workflow)

    @property
    def _dialect(self) -> str:
        started = self.of(kinds.RUN_STARTED)
        return str(started[0].data["profile"]) if started else ""

    def name(self, identifier: str | None) -> str:
        """Return the name of a server, project or session; its id, if it has none."""
        return self._names.get(str(identifier), str(identifier))

    @cached_property
    def _names(self) -> Mapping[str, str]:
        names = dict(self.cloud.names)
        if len(self.sessions) == 1:
            names.update(dict.fromkeys(self.sessions, "the session"))
        return names

    def failure_after(self, host: str, seq: int) -> ObservedSession | None:
        """Return the first session with ``host``, in the order of creation, that failed after event ``seq``."""
        sessions = self._failed.get(host, ())
        # Up to each session, the number of the latest failure: it never falls.
        place = bisect_right(sessions, seq, key=lambda pair: pair[0])
        return sessions[place][1] if place < len(sessions) else None

    @cached_property
    def _failed(self) -> Mapping[str, Sequence[tuple[int, ObservedSession]]]:
        found: dict[str, list[tuple[int, ObservedSession]]] = defaultdict(list)
        for session in self.sessions.values():
            for host in dict.fromkeys(session.hosts) if session.failed is not None else ():
                latest = found[host][-1][0] if found[host] else 0
                if session.failed is not None and session.failed.seq > latest:
                    found[host].append((session.failed.seq, session))
        return found

    # -- maintenance -------------------------------------------------------------------------------------------------

    @cached_property
    def maintenance_spans(self) -> tuple[tuple[str, int, int], ...]:
        """The times in which computes were in maintenance: the host, the numbers of the first and the last event.

        A time without MAINTENANCE_COMPLETE lasts until a session is seen to fail, else until the end of the run.
        """
        spans: list[tuple[str, int, int]] = []
        entered: dict[str, int] = {}
        for message in self.messages.about_hosts:
            if message.step is Step.IN_MAINTENANCE:
                entered.setdefault(message.host, message.seq)
            elif message.step is Step.MAINTENANCE_COMPLETE and message.host in entered:
                spans.append((message.host, entered.pop(message.host), message.seq))
        failures = sorted(session.failed.seq for session in self.sessions.values() if session.failed is not None)
        for host, first in entered.items():
            place = bisect_right(failures, first)
            spans.append((host, first, failures[place] if place < len(failures) else self.last.seq))
        return tuple(sorted(spans, key=lambda span: span[1]))

    # -- moves -------------------------------------------------------------------------------------------------------

    @cached_property
    def moves(self) -> Moves:
        """All migrations, in the order of their starts."""
        return Moves(move for track in self.cloud.servers.values() for move in moves_of(track))

    @cached_property
    def admin_moves(self) -> Moves:
        """The migrations that the admin tool asked for: an admin, whose project need not be the administrator's.

        Raises:
            NotObserved: The cloud did not tell whether an admin asked for a migration.
        """
        return Moves(move for move in self.moves if self._is_by_admin(move))

    def _is_by_admin(self, move: Move) -> bool:
        if move.by == self.admin_project_id:
            return True
        owner = self.cloud.project_of(move.server_id)
        if move.by_admin is None and self.is_observed:
            raise NotObserved(f"could not observe who asked for the {move.action} of {self.name(move.server_id)}")
        # A project's own user may be an admin, too.
        return bool(move.by_admin) and not (move.by == owner and self._is_left_to_project(move))

    def _is_left_to_project(self, move: Move) -> bool:
        """Return True if the project chose OWN_ACTION for the server of ``move``."""
        message = self.message_before(move)
        reply = None if message is None else self.messages.agreement(message)
        return reply is not None and reply.actions.get(move.server_id) == Action.OWN_ACTION

    def message_before(self, move: Move) -> ObservedMessage | None:
        """Return the newest PREPARE or PLANNED message before ``move`` that is, or may be, about its server."""
        return self.messages.newest_about(self.cloud.project_of(move.server_id), move.server_id, move.seq)

    @cached_property
    def constraints(self) -> ConstraintIndex:
        """The constraints that VNFMs set."""
        workflows = [session.workflow for session in self.sessions.values()]
        return ConstraintIndex(self, self.cloud, workflows)
