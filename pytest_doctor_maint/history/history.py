"""The append-only list of events from which claims and reports are made."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.history.event import Event, frozen
from pytest_doctor_maint.history.header import header
from pytest_doctor_maint.history.reading import read
from pytest_doctor_maint.secret_keys import is_secret, without_url_secrets
from pytest_doctor_maint.simtime.cause import current_cause


class History:
    """All events of a run, in order. Threads may append at the same time. Events are never changed or removed.

    Args:
        now: Return the time of the clock of the run (UTC), with which each event is stamped. The clock of the machine
            when left out.
        events: The first events (for :meth:`load` and for histories written by hand).
        keep: The number of the newest events that are kept in memory. All of them when left out.

    Attributes:
        write_error: The error that ended the writing of :meth:`write_to`; None if every event is in the file.
    """

    def __init__(
        self, now: Callable[[], datetime] | None = None, events: Iterable[Event] = (), *, keep: int | None = None
    ) -> None:
        self._now = now or (lambda: datetime.now(UTC))
        first = tuple(events)
        self._count = len(first)
        self._events = deque(first, keep)
        self._aliases: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        self._file: FileIO | None = None
        self._listeners: tuple[Callable[[Event], object], ...] = ()
        self.write_error: OSError | None = None

    def alias(self, base_url: str, name: str) -> None:
        """Record ``http://NAME`` in place of ``base_url`` from now on.

        The port in a URL differs from run to run; a history must not.
        """
        with self._lock:
            self._aliases.append((base_url.rstrip("/"), f"http://{name}"))
            # The longest first: :80 must not match the beginning of :8080.
            self._aliases.sort(key=lambda pair: -len(pair[0]))

    def append(
        self, actor: str, kind: str, data: Mapping[str, Any], *, cause: int | None = None, at: datetime | None = None
    ) -> Event:
        """Record an event and return it.

        Args:
            actor: The part that did or observed it.
            kind: The name of a declared kind (:mod:`pytest_doctor_maint.history.kinds`).
            data: JSON, in which datetimes are allowed. Passwords, tokens and the secrets of URLs are replaced by
                ``***``.
            cause: The ``seq`` of the event that led to this one. The cause in the context
                (:func:`~pytest_doctor_maint.simtime.cause.caused_by`) when left out.
            at: When it happened (UTC), for several things that were observed at one time. Now when left out.

        Raises:
            TypeError: A part of ``data`` has no form in JSON.
            ValueError: The kind is not declared, or ``data`` lacks a required field.
        """
        if missing := kinds.kind(kind).missing(data):
            raise ValueError(f"an event of kind {kind!r} lacks {', '.join(missing)}")
        with self._lock:
            # The times are taken first, and under the lock: they have the order of the numbers.
            moment, wall = self._now() if at is None else at, datetime.now(UTC)
            self._count += 1
            event = Event(
                seq=self._count,
                at=moment,
                actor=actor,
                kind=kind,
                data=frozen(self._presentable(data, kinds.kind(kind).verbatim)),
                cause=current_cause() if cause is None else cause,
                wall=wall,
            )
            self._events.append(event)
            self._write(f"{event.to_json()}\n")
        # Not under the lock: a listener may read the history.
        for listener in self._listeners:
            listener(event)
        return event

    def subscribe(self, listener: Callable[[Event], object]) -> None:
        """Call ``listener`` with each event from now on, when it was appended, in the thread that appended it.

        Events of two threads may arrive in another order than that of their numbers. A listener must not wait, and must
        not raise: it would delay or break the part that did what is recorded.
        """
        self._listeners = (*self._listeners, listener)

    def _presentable(self, value: object, verbatim: Collection[str] = ()) -> object:
        """Return ``value`` with aliases in place of URLs, except in the fields ``verbatim``, and without secrets."""
        if isinstance(value, str):
            for base_url, alias in self._aliases:
                value = value.replace(base_url, alias)
            return without_url_secrets(value)
        if isinstance(value, Mapping):
            return {
                key: "***"
                if is_secret(str(key)) and item
                else without_url_secrets(str(item))
                if key in verbatim
                else self._presentable(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self._presentable(item) for item in value]
        return value

    # -- the file ----------------------------------------------------------------------------------------------------

    def write_to(self, path: Path) -> None:
        """Write the events up to now to a file, and each later one when it happens, until :meth:`close`.

        A process that is killed leaves all events of the run in the file, of which the last line may be torn. An event
        that cannot be written, such as on a full disk, ends the writing but not the run: see :attr:`write_error`. A
        missing folder is created.

        Raises:
            OSError: The file cannot be created.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            # Unbuffered: what was written is in the file, however the process ends.
            self._file = FileIO(path, "w")
            self._write("".join(f"{line}\n" for line in (header(), *(event.to_json() for event in self._events))))

    def close(self) -> None:
        """Write no more events to the file of :meth:`write_to`."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _write(self, text: str) -> None:
        """Write to the file, if there is one; called with the lock held."""
        if self._file is None:
            return
        left = memoryview(text.encode("utf-8"))
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self.write_error = error
            self._file.close()
            self._file = None

    # -- reading -----------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self._events)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self.events == other.events

    __hash__ = None  # type: ignore[assignment]  # a history grows, so it cannot be a key

    @property
    def events(self) -> tuple[Event, ...]:
        """All events up to now."""
        with self._lock:
            return tuple(self._events)

    def snapshot(self) -> History:
        """Return the history up to now as a history that does not grow, for the claims."""
        return History(self._now, self.events)

    def of(self, *kinds: str, actor: str | None = None, **data: object) -> tuple[Event, ...]:
        """Return the events of these kinds, by this actor, whose data has these values.

        Args:
            kinds: The kinds. Events of all kinds when left out.
            actor: The actor. Events of all actors when left out.
            data: Fields and the values that they must have.
        """
        return tuple(
            event
            for event in self.events
            if (not kinds or event.kind in kinds)
            and (actor is None or event.actor == actor)
            and all(event.data.get(key) == frozen(value) for key, value in data.items())
        )

    def event(self, seq: int) -> Event:
        """Return the event with this number.

        Raises:
            KeyError: No event has this number.
        """
        with self._lock:
            place = seq - 1 - (self._count - len(self._events))
            if not 0 <= place < len(self._events):
                raise KeyError(f"no event {seq} in a history of {len(self._events)}")
            return self._events[place]

    def to_json_lines(self) -> str:
        """Return the history as text: a line with the header, then one line of JSON for each event."""
        return "".join(f"{line}\n" for line in (header(), *(event.to_json() for event in self.events)))

    def save(self, path: Path) -> Path:
        """Write the history to a file, as :meth:`to_json_lines` returns it, and return ``path``.

        A missing folder is created.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.to_json_lines(), encoding="utf-8")
        return path

    @classmethod
    def load(cls, path: Path) -> History:
        """Return the history that :meth:`save` wrote. The header may be missing, as in files of earlier versions.

        A last line that breaks off is left out; :func:`pytest_doctor_maint.history.reading.read` reports it.

        Raises:
            ValueError: The file has another format or a newer version, or a line is not an event of the numbers 1, 2,
                3, ... with the data that its kind declares; the message names file and line.
            OSError: The file cannot be read.
        """
        return cls(events=read(path).events)
