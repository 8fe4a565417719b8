"""The HTTP exchanges of a run that its history shows, as JSON."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pytest_doctor_maint.history import Event, History, kinds, thawed, timestamp
from pytest_doctor_maint.history.event import DELETE
from pytest_doctor_maint.report.describe import actors_of, describe, names_of
from pytest_doctor_maint.secret_keys import is_secret, without_url_secrets

#: The kinds of events that are the answer to the request of their cause.
_ANSWERS = (kinds.REPLY_REFUSED, kinds.ALARM_REFUSED)


def exchanges(history: History) -> str:
    """Return the requests that actors sent to each other, and how each was answered, as a JSON document.

    A history has what a request says, and not its headers. Each exchange has the number of its event (``seq``), the
    times on the clock of the run (``at``) and of the machine (``wall``), the sender, the receiver, the data, the number
    of the request that led to it (``cause``), and the ``answer``: ``accepted``, or ``refused`` with status and error.
    Secrets are replaced by ``***``.
    """
    events = history.events
    refusals: dict[int | None, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind in _ANSWERS:
            refusals[event.cause].append(event)
    names = names_of(history)
    found = [_exchange(event, refusals.get(event.seq, ()), names) for event in _requests(events)]
    return json.dumps({"exchanges": found}, indent=2).replace(DELETE, "\\u007f")


def _requests(events: Sequence[Event]) -> Iterator[Event]:
    """Yield the events that go from one actor to another and are not the answer to another one."""
    for event in events:
        if event.kind not in _ANSWERS and kinds.for_reading(event.kind).target is not None:
            yield event


def _exchange(event: Event, refusals: Sequence[Event], names: Mapping[str, str]) -> dict[str, object]:
    source, *targets = actors_of(event)
    refused = [{"status": each.data["status"], "error": _safe(each.data["error"])} for each in refusals[:1]]
    return {
        "seq": event.seq,
        "at": timestamp(event.at),
        "wall": timestamp(event.wall),
        "kind": event.kind,
        "from": source,
        "to": targets[0] if targets else "",
        "about": describe(event, names),
        "cause": event.cause,
        "data": _safe(thawed(event.data)),
        "answer": {"refused": refused[0]} if refused else "accepted",
    }


def _safe(value: object) -> object:
    """Return a value without secrets."""
    if isinstance(value, str):
        return without_url_secrets(value)
    if isinstance(value, Mapping):
        return {key: "***" if is_secret(str(key)) and item else _safe(item) for key, item in value.items()}
    return [_safe(item) for item in value] if isinstance(value, list | tuple) else value
