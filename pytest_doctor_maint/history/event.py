"""One event of a history: who did what, when, and because of what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any


def timestamp(moment: datetime) -> str:
    """Return ``moment`` (aware) as text: UTC, always six digits of a second, ``Z`` at the end."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_timestamp(text: str) -> datetime:
    """Return the aware UTC time that :func:`timestamp` wrote.

    Raises:
        ValueError: ``text`` is not an ISO 8601 time.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# Any: the result is whatever JSON holds at this place.
def frozen(value: object) -> Any:
    """Return ``value`` as JSON would return it, but read-only: mappings are proxies, lists are tuples, times are text.

    Raises:
        TypeError: A part of ``value`` has no form in JSON.
    """
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
        """Return the event as one line of JSON, with its keys in a fixed order."""
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
        )

    @classmethod
    def from_json(cls, line: str) -> Event:
        """Return the event that :meth:`to_json` wrote.

        Raises:
            ValueError: ``line`` is not an event; the message names what is missing or wrong.
        """
        try:
            fields = json.loads(line)
            return cls(
                seq=int(fields["seq"]),
                at=parse_timestamp(fields["at"]),
                actor=str(fields["actor"]),
                kind=str(fields["kind"]),
                data=frozen(dict(fields["data"])),
                cause=None if fields["cause"] is None else int(fields["cause"]),
                wall=parse_timestamp(fields["wall"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not an event of a history ({type(error).__name__}: {error}): {line[:200]!r}") from error
