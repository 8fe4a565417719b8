"""One thing that happened: who, what, when, and because of what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any


def timestamp(moment: datetime) -> str:
    """``moment`` (aware) as text: UTC, always six digits of a second, ``Z`` at the end."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_timestamp(text: str) -> datetime:
    """The aware UTC moment that :func:`timestamp` wrote.

    Raises:
        ValueError: ``text`` is no ISO 8601 time.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def frozen(value: Any) -> Any:
    """``value`` as JSON would give it back, but unchangeable: mappings become read-only, lists tuples, times text.

    Raises:
        TypeError: something in ``value`` has no place in JSON.
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
    raise TypeError(f"an event's data must be JSON; {type(value).__name__} is not: {value!r}")


def thawed(value: Any) -> Any:
    """The plain dicts and lists behind :func:`frozen` data, ready for ``json.dumps``."""
    if isinstance(value, Mapping):
        return {key: thawed(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [thawed(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history.

    Attributes:
        seq: Its number, from 1, without gaps.
        at: The clock's time, UTC (simulated on the embedded cloud).
        actor: Who did or saw it (``admin_tool``, ``app_manager/PROJECT``, ``nova``, …).
        kind: What it was; the kinds and their data stand in :mod:`pytest_doctor_maint.history.kinds`.
        data: The details, read-only JSON.
        cause: ``seq`` of the event that led to this one, if any.
        wall: The machine's time, UTC. It is no part of what is compared: two runs of one seed are equal without it.
    """

    seq: int
    at: datetime
    actor: str
    kind: str
    data: Mapping[str, Any]
    cause: int | None = None
    wall: datetime = field(default=datetime(1970, 1, 1, tzinfo=UTC), compare=False)

    def to_json(self) -> str:
        """The event as one line of JSON, keys in a fixed order."""
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
        """The event that :meth:`to_json` wrote.

        Raises:
            ValueError: ``line`` is no event; the message says what is missing or wrong.
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
            raise ValueError(f"not a line of a history ({type(error).__name__}: {error}): {line[:200]!r}") from error
