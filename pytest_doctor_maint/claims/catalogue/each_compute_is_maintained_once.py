"""Every compute of a session is maintained once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedSession
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import Step


@claim(topic=Topic.COMPUTES, source="use case", needs=(kinds.SESSION_CREATED, kinds.NOTIFICATION, HOST_MESSAGES))
def each_compute_is_maintained_once(index: HistoryIndex) -> Verdict:
    """Each host of a session has one IN_MAINTENANCE, one MAINTENANCE_COMPLETE and, between them, the work, once.

    If the work could not be observed, only the messages are judged.
    """
    index.require_end()
    sessions = index.require_sessions()
    works = None
    if kinds.HOST_WORK not in index.unseen:
        works = _grouped(
            (str(event.data["session_id"]), str(event.data["host"]), event.data["phase"], event)
            for event in index.of(kinds.HOST_WORK)
        )
    messages = _grouped(
        (message.session_id, message.host, str(message.step), message.event) for message in index.messages.about_hosts
    )
    violations = [
        found
        for session in sessions.values()
        for host in session.hosts
        for found in _host(session, host, messages[session.session_id], works)
    ]
    hosts = sum(len(session.hosts) for session in sessions.values())
    return each_compute_is_maintained_once.conclude(
        violations,
        f"{hosts} computes, each maintained once",
        {"computes": hosts},
        nothing="" if hosts else "no session names a compute",
    )


#: Events of a session, by the compute and by what happened to it.
_Events = Mapping[tuple[str, str], list[Event]]


def _grouped(found: Iterable[tuple[str, str, str, Event]]) -> Mapping[str, _Events]:
    """Return events by session, compute and by what happened to the compute."""
    groups: Mapping[str, dict[tuple[str, str], list[Event]]] = defaultdict(lambda: defaultdict(list))
    for session_id, host, what, event in found:
        groups[session_id][host, what].append(event)
    return groups


def _host(
    session: ObservedSession, host: str, messages: _Events, works_by_session: Mapping[str, _Events] | None
) -> Iterator[Violation]:
    works = None if works_by_session is None else works_by_session[session.session_id]
    marks: dict[Step, Event] = {}
    for step in (Step.IN_MAINTENANCE, Step.MAINTENANCE_COMPLETE):
        events = messages[host, step]
        yield from _once(session, host, f"{host} was {step}", events)
        if events:
            marks[step] = events[0]
    for phase in ("started", "ended") if works is not None else ():
        events = works[host, phase] if works is not None else []
        yield from _once(session, host, f"the work on {host} {phase}", events)
        for event in events:
            if not _is_between(event, marks):
                yield violation(
                    f"the work on {host} {phase} while it was not IN_MAINTENANCE; allowed: between IN_MAINTENANCE and "
                    "MAINTENANCE_COMPLETE",
                    host,
                    event,
                )


def _once(session: ObservedSession, host: str, what: str, events: list[Event]) -> Iterator[Violation]:
    if not events:
        yield violation(f"{what} 0 times; due: once", host, session.created, session.last_seen)
    elif len(events) > 1:
        yield violation(f"{what} {len(events)} times; allowed: once", host, *events)


def _is_between(event: Event, marks: Mapping[Step, Event]) -> bool:
    begin, end = marks.get(Step.IN_MAINTENANCE, event), marks.get(Step.MAINTENANCE_COMPLETE, event)
    return begin.seq <= event.seq <= end.seq
