"""The append-only list of events that everything else reads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytest_doctor_maint.history.event import Event, frozen
from pytest_doctor_maint.history.kinds import REQUIRED
from pytest_doctor_maint.simtime.cause import current_cause

_SECRET_WORDS = ("password", "passwd", "secret", "x-auth-token", "auth_token", "admin_pass", "adminpass")


def _is_secret(key: str) -> bool:
    lowered = key.lower()
    return lowered == "token" or any(word in lowered for word in _SECRET_WORDS)


class History:
    """What happened, in order. Threads may append at the same time; nothing is ever changed or removed.

    Args:
        now: The clock's time; every event is stamped with it.
        events: Events to begin with (used by :meth:`load` and by hand-written histories).
    """

    def __init__(self, now: Callable[[], datetime] | None = None, events: Iterable[Event] = ()) -> None:
        self._now = now or (lambda: datetime.now(UTC))
        self._events = list(events)
        self._aliases: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def alias(self, base_url: str, name: str) -> None:
        """From now on write ``http://NAME`` for ``base_url``: a port differs from run to run, a history must not."""
        with self._lock:
            self._aliases.append((base_url.rstrip("/"), f"http://{name}"))
            # The longest first, so that :80 does not eat the front of :8080.
            self._aliases.sort(key=lambda pair: -len(pair[0]))

    def append(
        self, actor: str, kind: str, data: Mapping[str, Any], *, cause: int | None = None, at: datetime | None = None
    ) -> Event:
        """Record an event and give it back.

        Args:
            actor: Who did or saw it.
            kind: One of :mod:`pytest_doctor_maint.history.kinds`.
            data: JSON, with datetimes allowed. Passwords and tokens are replaced by ``***``.
            cause: ``seq`` of the event behind this one; what :func:`caused_by` says when left out.
            at: When it was (UTC): for what is seen together, and is recorded one after the other. Now when left out.

        Raises:
            TypeError: ``data`` has something that is not JSON.
            ValueError: The kind is unknown, or its data lacks something.
        """
        if kind not in REQUIRED:
            raise ValueError(f"unknown kind of event {kind!r}; known are {', '.join(sorted(REQUIRED))}")
        if missing := REQUIRED[kind] - data.keys():
            raise ValueError(f"a {kind!r} event needs {', '.join(sorted(missing))}")
        plain = frozen(self._presentable(data))
        with self._lock:
            event = Event(
                seq=len(self._events) + 1,
                at=self._now() if at is None else at,
                actor=actor,
                kind=kind,
                data=plain,
                cause=current_cause() if cause is None else cause,
                wall=datetime.now(UTC),
            )
            self._events.append(event)
        return event

    def _presentable(self, value: Any) -> Any:
        if isinstance(value, str):
            for base_url, alias in self._aliases:
                value = value.replace(base_url, alias)
            return value
        if isinstance(value, Mapping):
            return {
                key: "***" if _is_secret(str(key)) and item else self._presentable(item) for key, item in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self._presentable(item) for item in value]
        return value

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self._events)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self.events == other.events

    __hash__ = None  # type: ignore[assignment]  # it grows, so it is no key

    @property
    def events(self) -> tuple[Event, ...]:
        """All events so far."""
        with self._lock:
            return tuple(self._events)

    def snapshot(self) -> History:
        """The history up to now, which later events do not reach. This is what checkers are given."""
        return History(self._now, self.events)

    def of(self, *kinds: str, actor: str | None = None, **data: Any) -> tuple[Event, ...]:
        """The events of these ``kinds`` (any, when none is named), by ``actor``, whose data has these values."""
        return tuple(
            event
            for event in self.events
            if (not kinds or event.kind in kinds)
            and (actor is None or event.actor == actor)
            and all(event.data.get(key) == frozen(value) for key, value in data.items())
        )

    def event(self, seq: int) -> Event:
        """The event with this number.

        Raises:
            KeyError: There is none.
        """
        events = self.events
        if not 1 <= seq <= len(events):
            raise KeyError(f"no event {seq} in a history of {len(events)}")
        return events[seq - 1]

    def save(self, path: Path) -> Path:
        """Write the history as JSON lines, one event each; the folder is made when it is missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(event.to_json() + "\n" for event in self.events), encoding="utf-8")
        return path

    @classmethod
    def load(cls, path: Path) -> History:
        """Read what :meth:`save` wrote.

        Raises:
            ValueError: A line is no event, or the numbers are not 1, 2, 3 …; the message names file and line.
            OSError: The file cannot be read.
        """
        events: list[Event] = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                event = Event.from_json(line)
            except ValueError as error:
                raise ValueError(f"{path}, line {number}: {error}") from error
            if event.seq != len(events) + 1:
                raise ValueError(f"{path}, line {number}: event {event.seq} where {len(events) + 1} was due")
            events.append(event)
        return cls(events=events)
