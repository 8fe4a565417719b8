"""The migrations of servers that a history shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import overload

from pytest_doctor_maint.claims.index.cloud import Track, is_gone
from pytest_doctor_maint.claims.index.events import between
from pytest_doctor_maint.claims.index.places import Places
from pytest_doctor_maint.history import Event
from pytest_doctor_maint.protocol import Action

#: Nova's names for the actions that bring a running server to another compute.
COLD, LIVE = MOVE_ACTIONS = ("migrate", "os-migrateLive")
#: Nova's name for the migration that carries out an action of the protocol.
NOVA: Mapping[str, str] = {Action.MIGRATE: COLD, Action.LIVE_MIGRATE: LIVE}
_IN_MIGRATION = ("RESIZE", "VERIFY_RESIZE", "MIGRATING", "REVERT_RESIZE")


@dataclass(frozen=True, slots=True)
class Move:
    """One migration of one server.

    Attributes:
        server_id: The server.
        action: ``migrate`` or ``os-migrateLive``.
        by: The project id of the client that asked Nova for it.
        by_admin: True if that client has the admin role in another project than the administrator's; None if the
            history does not say.
        source: The compute that the server left.
        target: The compute to which the server came; None if it came to no other compute.
        started: The first event of the migration.
        ended: The event in which the server came to rest; None if the move did not end.
    """

    server_id: str
    action: str
    by: str
    by_admin: bool | None
    source: str
    target: str | None
    started: Event
    ended: Event | None

    @property
    def seq(self) -> int:
        """The number of its first event."""
        return self.started.seq

    @property
    def arrival(self) -> Event | None:
        """The event that ended a migration to another compute; None if the server came to no other compute."""
        return self.ended if self.target is not None else None

    @property
    def succeeded(self) -> bool:
        """True if the server ended on another compute."""
        return self.arrival is not None


def moves_of(track: Track) -> Iterable[Move]:
    """Yield the migrations of one server, from its states."""
    open_move: Move | None = None
    for previous, event in pairwise(track.events):
        if open_move is None:
            if event.data["action"] not in MOVE_ACTIONS or is_gone(event):
                continue
            if previous.data["action"] == event.data["action"] and _rests(event) and not _changed(previous, event):
                continue
            open_move = Move(
                server_id=str(event.data["server_id"]),
                action=str(event.data["action"]),
                by=str(event.data["by"]),
                by_admin=event.data.get("by_admin"),
                source=str(previous.data["host"]),
                target=None,
                started=event,
                ended=None,
            )
        if _rests(event) or is_gone(event):
            host = event.data["host"]
            yield replace(open_move, target=None if is_gone(event) or host == open_move.source else host, ended=event)
            open_move = None
    if open_move is not None:
        yield open_move


def _rests(event: Event) -> bool:
    data = event.data
    return not data["task_state"] and data["status"] not in _IN_MIGRATION and len(data["held_on"]) <= 1


def _changed(previous: Event, event: Event) -> bool:
    return any(previous.data[key] != event.data[key] for key in ("host", "status", "held_on", "task_state"))


class Moves(Sequence[Move]):
    """Migrations of many servers, in the order of their starts."""

    def __init__(self, moves: Iterable[Move]) -> None:
        self._moves = tuple(sorted(moves, key=lambda move: move.seq))

    @overload
    def __getitem__(self, index: int) -> Move: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Move]: ...
    def __getitem__(self, index: int | slice) -> Move | Sequence[Move]:
        return self._moves[index]

    def __len__(self) -> int:
        return len(self._moves)

    def of(self, server_id: str, first: int, last: int) -> Sequence[Move]:
        """Return the moves of a server that started from event ``first`` until event ``last`` inclusive."""
        return between(self._by_server.get(server_id, ()), first, last)

    def from_host(self, host: str, first: int, last: int) -> Sequence[Move]:
        """Return the moves away from ``host`` that started from event ``first`` until event ``last`` inclusive."""
        return between(self._by_source.get(host, ()), first, last)

    def under_way(self, seq: int) -> Mapping[str, Move]:
        """Return the moves that had started and not ended just before event ``seq``, by server id."""
        return self._open.before("", seq)

    @cached_property
    def _by_server(self) -> Mapping[str, Sequence[Move]]:
        return _grouped(self._moves, lambda move: move.server_id)

    @cached_property
    def _by_source(self) -> Mapping[str, Sequence[Move]]:
        return _grouped(self._moves, lambda move: move.source)

    @cached_property
    def _open(self) -> Places[Move]:
        changes: list[tuple[int, Move, bool]] = [(move.seq, move, True) for move in self._moves]
        changes += [(move.ended.seq, move, False) for move in self._moves if move.ended is not None]
        places: Places[Move] = Places()
        for seq, move, starts in sorted(changes, key=lambda change: (change[0], not change[2])):
            places.put("", move.server_id, seq, move if starts else None)
        return places


def _grouped(moves: Iterable[Move], key: Callable[[Move], str]) -> Mapping[str, Sequence[Move]]:
    groups: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        groups[key(move)].append(move)
    return groups
