"""What a history says about the cloud: servers, their moves, computes, at any moment of the run."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pytest_doctor_maint.history import Event

#: Nova's names for the actions that bring a running server to another compute.
COLD, LIVE = MOVE_ACTIONS = ("migrate", "os-migrateLive")
_ON_THE_WAY = ("RESIZE", "VERIFY_RESIZE", "MIGRATING", "REVERT_RESIZE")


class Track:
    """The states of one thing, in order; each holds until the next.

    Args:
        events: Its events.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = tuple(events)
        self._seqs = [event.seq for event in events]

    def before(self, seq: int) -> Event | None:
        """Its state just before event ``seq``."""
        index = bisect_left(self._seqs, seq)
        return self.events[index - 1] if index else None

    def during(self, first: int, last: int) -> tuple[Event, ...]:
        """Its states from just before event ``first`` until event ``last``."""
        start = max(0, bisect_left(self._seqs, first) - 1)
        return self.events[start : bisect_right(self._seqs, last)]

    @property
    def last(self) -> Event:
        """Its last state."""
        return self.events[-1]


@dataclass(frozen=True, slots=True)
class Move:
    """One migration of one server.

    Attributes:
        server_id: Which server.
        action: ``migrate`` or ``os-migrateLive``.
        by: The project id of who asked Nova for it.
        source: The compute it left.
        target: The compute it came to; None when it came to none.
        started: Its first event.
        ended: The event in which the server stood still again; None when it never did.
    """

    server_id: str
    action: str
    by: str
    source: str
    target: str | None
    started: Event
    ended: Event | None

    @property
    def succeeded(self) -> bool:
        """Whether the server ended on another compute."""
        return self.ended is not None and self.target is not None


def is_gone(state: Event) -> bool:
    """Whether a server's state says that it does not exist any more."""
    return state.data["status"] in ("DELETED", "SOFT_DELETED")


def is_on(state: Event, host: str) -> bool:
    """Whether a server, in this state, takes room on ``host``."""
    return not is_gone(state) and (state.data["host"] == host or host in state.data["held_on"])


def moves_of(track: Track) -> Iterable[Move]:
    """The migrations of one server, from its states."""
    open_move: Move | None = None
    for previous, event in pairwise(track.events):
        if open_move is None:
            if event.data["action"] not in MOVE_ACTIONS or is_gone(event):
                continue
            if previous.data["action"] == event.data["action"] and _rests(event) and not _changed(previous, event):
                continue
            source = str(previous.data["host"])
            open_move = Move(
                str(event.data["server_id"]),
                str(event.data["action"]),
                str(event.data["by"]),
                source,
                None,
                event,
                None,
            )
        target = event.data["host"] if event.data["host"] != open_move.source else None
        if _rests(event) or is_gone(event):
            yield Move(
                open_move.server_id,
                open_move.action,
                open_move.by,
                open_move.source,
                None if is_gone(event) else target,
                open_move.started,
                event,
            )
            open_move = None
    if open_move is not None:
        yield open_move


def _rests(event: Event) -> bool:
    data = event.data
    return not data["task_state"] and data["status"] not in _ON_THE_WAY and len(data["held_on"]) <= 1


def _changed(previous: Event, event: Event) -> bool:
    return any(previous.data[key] != event.data[key] for key in ("host", "status", "held_on", "task_state"))
