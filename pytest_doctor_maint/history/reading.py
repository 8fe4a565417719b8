"""Reads a saved history. The file may come from anybody: what is not as it must be is refused with its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.history.event import Event
from pytest_doctor_maint.history.header import is_header
from pytest_doctor_maint.history.strict_json import NotJson, read_object

#: The longest line, in bytes. A line is one event; the longest hold the body of a request.
MAX_LINE = 16 * 2**20
#: The most events. A run of an hour on a hundred computes has some ten thousand.
MAX_EVENTS = 1_000_000

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file holds.

    Attributes:
        events: The events, whose numbers are 1, 2, 3, ...
        torn: The number of the last line, if the line breaks off because the recording did; it is no event then. None:
            the last line is whole.
    """

    events: tuple[Event, ...]
    torn: int | None = None


def read(path: Path) -> Recording:
    """Return what the file ``path`` holds.

    The header may be missing, as in files of earlier versions. Events of kinds that are not declared are read; they may
    be those of a plug-in that is not installed.

    Raises:
        ValueError: The file has another format or a newer version, or a line is not an event, or an event has not the
            fields and the types that its kind declares, or the numbers are not 1, 2, 3, ...; the message names file and
            line.
        OSError: The file cannot be read.
    """
    events: list[Event] = []
    is_first = True
    number = 0
    with path.open("rb") as file:
        while raw := file.readline(MAX_LINE + 1):
            number += 1
            if not raw.strip():
                continue
            try:
                event = _line(raw, is_first=is_first, expected=len(events) + 1)
            except ValueError as error:
                if _is_torn(raw, error):
                    return Recording(tuple(events), number)
                raise ValueError(f"{path}, line {number}: {error}") from error
            is_first = False
            if event is not None:
                events.append(event)
    return Recording(tuple(events))


def _line(raw: bytes, *, is_first: bool, expected: int) -> Event | None:
    """Return the event that a line is; None if the line is the header."""
    if is_first and raw.startswith(_GZIP):
        raise ValueError("the file is compressed by gzip; allowed: JSON lines, as gunzip restores them")
    if len(raw) > MAX_LINE:
        raise ValueError(f"longer than {MAX_LINE} bytes")
    if expected > MAX_EVENTS:
        raise ValueError(f"more than {MAX_EVENTS} events")
    try:
        line = raw.decode()
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8 ({error.reason} at byte {error.start + 1})") from error
    fields = read_object(line)
    if is_first and is_header(fields):
        return None
    event = Event.from_fields(fields)
    if event.seq != expected:
        raise ValueError(f"event {event.seq}; expected event {expected}")
    if kinds.is_declared(event.kind):
        kinds.kind(event.kind).check(event.data)
    return event


def _is_torn(raw: bytes, error: ValueError) -> bool:
    """Return True if a line is the beginning of an event: the run broke off while the line was written."""
    return isinstance(error, NotJson) and not raw.endswith(b"\n") and raw.startswith(b"{") and len(raw) <= MAX_LINE
