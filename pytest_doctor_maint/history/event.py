"""One event of a history: who did what, when, and because of what."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from pytest_doctor_maint.simtime.moments import parse_moment

#: The times that a saved event may have. Claims and reports add durations to them, which must stay times.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(8999, 12, 31, tzinfo=UTC)
#: The longest name of an actor or a kind in a saved event, in characters.
MAX_NAME = 200

#: The one control character that ``json.dumps`` leaves as it is.
DELETE = "\x7f"

_FIELDS = ("seq", "at", "wall", "actor", "kind", "cause", "data")


def timestamp(moment: datetime) -> str:
    """Return ``moment`` (aware) as text: UTC, always six digits of a second, ``Z`` at the end."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# Any: the result is whatever JSON holds at this place.
def frozen(value: object) -> Any:
    """Return ``value`` as JSON would return it, but read-only: mappings are proxies, lists are tuples, times are text.

    Raises:
        TypeError: A part of ``value`` has no form in JSON.
    """
    if isinstance(value, float) and not math.isfinite(value):
        # JSON has no such number. Python's reader accepts it from others, and a saved history must not have it.
        return str(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, Mapping):
        return MappingProxyType({str(key): frozen(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in value)
    if isinstance(value, set | frozenset):
        return tuple(sorted(frozen(item) for item in value))
    raise TypeError(f"the data of an event must be JSON, but {value!r} is of type {type(value).__name__}")


# Any: as above.
def thawed(value: object) -> Any:
    """Return :func:`frozen` data as plain dicts and lists, ready for ``json.dumps``."""
    if isinstance(value, Mapping):
        return {key: thawed(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [thawed(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a history.

    Attributes:
        seq: The number of the event, from 1, without gaps.
        at: When it happened, on the clock of the run, UTC (simulated time on the embedded cloud).
        actor: The part that did or observed it (``admin_tool``, ``app_manager/PROJECT``, ``nova``, ...).
        kind: The kind; :mod:`pytest_doctor_maint.history.kinds` describes the kinds and their data.
        data: The details, read-only JSON.
        cause: The ``seq`` of the event that led to this one. None: unknown.
        wall: When it was recorded, on the clock of the machine, UTC. Comparisons ignore it: two runs with one seed are
            equal without it.
    """

    seq: int
    at: datetime
    actor: str
    kind: str
    data: Mapping[str, Any]
    cause: int | None = None
    wall: datetime = field(default=datetime(1970, 1, 1, tzinfo=UTC), compare=False)

    def to_json(self) -> str:
        """Return the event as one line of printable ASCII: JSON with its keys in a fixed order."""
        return json.dumps(
            {
                "seq": self.seq,
                "at": timestamp(self.at),
                "wall": timestamp(self.wall),
                "actor": self.actor,
                "kind": self.kind,
                "cause": self.cause,
                "data": thawed(self.data),
            },
            separators=(", ", ": "),
        ).replace(DELETE, "\\u007f")

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Event:
        """Return the event that a line of a saved history is.

        Args:
            fields: The JSON object that the line is.

        Raises:
            ValueError: The line is not an event; the message names what is missing or wrong.
        """
        if missing := [name for name in _FIELDS if name not in fields]:
            raise ValueError(f"not an event of a history: it lacks {', '.join(map(repr, missing))}")
        seq, cause, data = fields["seq"], fields["cause"], fields["data"]
        if type(seq) is not int or seq < 1:
            raise ValueError(f"the seq is {seq!r:.80}; allowed: a whole number from 1 on")
        # So a chain of causes ends.
        if cause is not None and (type(cause) is not int or not 1 <= cause < seq):
            raise ValueError(
                f"the cause of event {seq} is {cause!r:.80}; allowed: the seq of an earlier event, or null"
            )
        if not isinstance(data, dict):
            raise ValueError(f"the data of event {seq} is {data!r:.80}; allowed: an object")
        return cls(
            seq=seq,
            at=_moment("at", fields["at"]),
            actor=_name("actor", fields["actor"]),
            kind=_name("kind", fields["kind"]),
            data=frozen(data),
            cause=cause,
            wall=_moment("wall", fields["wall"]),
        )


def _moment(field_name: str, value: object) -> datetime:
    try:
        moment = parse_moment(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or not EARLIEST <= moment <= LATEST:
        allowed = f"an ISO 8601 time from {EARLIEST:%Y} to {LATEST:%Y}"
        raise ValueError(f"the time {field_name!r} is {value!r:.80}; allowed: {allowed}")
    return moment


def _name(field_name: str, value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_NAME:
        raise ValueError(f"the {field_name} is {value!r:.80}; allowed: a text of 1 to {MAX_NAME} characters")
    return value
