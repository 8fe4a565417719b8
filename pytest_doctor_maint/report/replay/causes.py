"""The causes of events, back to the request of the admin.

Most events have a recorded cause. The admin tool acts by itself, so its events have none; the reader of a replay wants
to know why they happened. Their cause is derived here, from what the history says of sessions, moves and faults.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pytest_doctor_maint.claims.index.events import newest_before
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.moves import Move
from pytest_doctor_maint.history import Event, kinds


class Causes:
    """The causes of the events of a run.

    Args:
        index: The index of the run.
    """

    def __init__(self, index: HistoryIndex) -> None:
        self._index = index
        self._move_of = _moves_by_event(index)
        self._faults: dict[str, list[Event]] = defaultdict(list)
        for event in index.of(kinds.FAULT):
            self._faults[str(event.data["target"])].append(event)
        self._sessions_of: dict[str, list[Event]] = defaultdict(list)
        for session in index.sessions.values():
            for host in dict.fromkeys(session.hosts):
                self._sessions_of[host].append(session.created)

    def recorded(self, event: Event) -> int | None:
        """Return the number of the recorded cause; None if there is none, or if it is not an earlier event."""
        return event.cause if event.cause is not None and 0 < event.cause < event.seq else None

    def derived(self, event: Event) -> int | None:
        """Return the number of the event that most likely led to an event without a recorded cause; None: unknown."""
        cause: Event | None = None
        if event.kind == kinds.SERVER:
            cause = self._of_server(event)
        elif event.kind == kinds.GUEST:
            cause = self._of_guest(event)
        elif event.kind in (kinds.COMPUTE, kinds.HOST_FAILURE):
            cause = self._of_compute(event)
        elif event.kind != kinds.SESSION_CREATED:
            cause = self._of_session(event)
        return cause.seq if cause is not None and cause.seq < event.seq else None

    def _of_session(self, event: Event) -> Event | None:
        """Return the request for the session; of the failure of the session, the newest refusal of a project."""
        session = self._index.sessions.get(str(event.data.get("session_id")))
        if session is None:
            return None
        if session.failed is not None and event.seq == session.failed.seq:
            refusals = [reply for reply in self._index.messages.replies_in.get(session.session_id, ()) if reply.refuses]
            if (refusal := newest_before(refusals, event.seq)) is not None:
                return refusal.event
        return session.created

    def _of_server(self, event: Event) -> Event | None:
        """Return the start of the move that is under way; of the start, the reply that agreed to the move."""
        move = self._move_of.get(event.seq)
        if move is None:
            return None
        if event.seq != move.seq:
            return move.started
        message = self._index.message_before(move)
        if message is None:
            return None
        reply = self._index.messages.agreement(message)
        return reply.event if reply is not None and reply.seq < event.seq else message.event

    def _of_guest(self, event: Event) -> Event | None:
        """Return what happened to the server, or to its compute."""
        track = self._index.cloud.servers.get(str(event.data["server_id"]))
        state = None if track is None else track.before(event.seq)
        if state is None:
            return None
        host = str(state.data["host"])
        if not event.data["up"]:
            fault = newest_before(self._faults.get(host, ()), event.seq)
            if fault is not None and fault.at == event.at:
                return fault
            compute = self._index.cloud.computes.get(host)
            down = None if compute is None else compute.before(event.seq)
            if down is not None and _is_down(down):
                return down
        return state if state.seq in self._move_of else None

    def _of_compute(self, event: Event) -> Event | None:
        """Return the newest fault that hit the compute; else the request of the session that the compute is in."""
        host = str(event.data["host"])
        fault = newest_before(self._faults.get(host, ()), event.seq)
        if fault is not None and (event.kind == kinds.HOST_FAILURE or fault.at == event.at):
            return fault
        return newest_before(self._sessions_of.get(host, ()), event.seq)


def _is_down(state: Event) -> bool:
    return bool(state.data["state"] != "up" or state.data["forced_down"] or not state.data["powered"])


def _moves_by_event(index: HistoryIndex) -> Mapping[int, Move]:
    """Return the move that each event of a server belongs to, by the number of the event."""
    found: dict[int, Move] = {}
    moves: Sequence[Move] = index.moves
    for move in moves:
        last = index.last.seq if move.ended is None else move.ended.seq
        for state in index.cloud.servers[move.server_id].during(move.seq, last):
            if state.seq >= move.seq:
                found[state.seq] = move
    return found
