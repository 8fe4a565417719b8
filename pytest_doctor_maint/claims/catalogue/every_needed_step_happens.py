"""The steps that the load of the cloud makes necessary happen, and no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.messages import INSTANCE_STEPS
from pytest_doctor_maint.claims.index.observed import ObservedSession
from pytest_doctor_maint.claims.verdict import CannotTell, Figure, Verdict, Violation, omission, violation
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import Step


@claim(
    topic=Topic.COMPUTES,
    source="use case",
    needs=(kinds.NOTIFICATION, kinds.SERVER, kinds.COMPUTE),
    partly={HOST_MESSAGES: "that every compute is IN_MAINTENANCE and complete, and its projects are asked before"},
)
def every_needed_step_happens(index: HistoryIndex) -> Verdict:
    """A session takes the steps that the load of the cloud makes necessary, and DOWN_SCALE and PREPARE only then.

    DOWN_SCALE is necessary if no compute is empty or can be emptied at the start; PREPARE if no compute is empty after
    that; PLANNED for every compute that has instances when the first compute is maintained; IN_MAINTENANCE and
    MAINTENANCE_COMPLETE for every compute. DOWN_SCALE and PREPARE are allowed only while no compute is empty.
    """
    if not index.cloud.computes:
        raise CannotTell("the history does not show the states of the computes")
    violations = [found for session in index.require_sessions().values() for found in _session(index, session)]
    steps = [m.step for m in index.messages.to_projects] + [m.step for m in index.messages.about_hosts]
    figures: dict[str, Figure] = {str(step): steps.count(step) for step in Step}
    return every_needed_step_happens.conclude(violations, "every step that was needed was taken", figures)


def _session(index: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    name = index.name(session.session_id)
    if not session.hosts:
        yield violation(f"{name} names no compute; due: one or more", name, session.created)
    down_scale = index.messages.of_session(session.session_id, Step.DOWN_SCALE)
    work: list[Event] = [message.event for message in index.messages.of_session(session.session_id, *INSTANCE_STEPS)]
    work += [message.event for message in index.messages.hosts_of_session(session.session_id)]
    work.sort(key=lambda event: event.seq)
    is_seen = HOST_MESSAGES not in index.unseen
    if not work and not down_scale:
        if not is_seen:
            return
        yield omission(
            f"{name} sent no message after MAINTENANCE; due: the steps of the use case",
            name,
            session.created,
            session.last_seen,
        )
        return
    for message in down_scale:
        if empty := _empty(index, session, message.seq):
            yield violation(
                f"{message.word} was sent although {', '.join(empty)} was empty; allowed: while no compute is empty",
                name,
                message.event,
            )
    start = min([*(message.event for message in down_scale), *work], key=lambda event: event.seq)
    if not down_scale and not _has_room(index, session, start.seq):
        yield violation("no compute was empty and none could be emptied; due: DOWN_SCALE", name, start)
    if work:
        yield from _prepare(index, session, work[0])
    if is_seen:
        yield from _hosts(index, session)
        yield from _planned(index, session)


def _prepare(index: HistoryIndex, session: ObservedSession, first: Event) -> Iterator[Violation]:
    name = index.name(session.session_id)
    prepare = index.messages.of_session(session.session_id, Step.PREPARE_MAINTENANCE)
    empty = _empty(index, session, first.seq)
    if prepare and empty:
        yield violation(
            f"PREPARE_MAINTENANCE was sent although {', '.join(empty)} was empty; allowed: while no compute is empty",
            name,
            prepare[0].event,
        )
    if not prepare and not empty:
        yield violation("no compute was empty; due: PREPARE_MAINTENANCE", name, first)


def _hosts(index: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    for step in (Step.IN_MAINTENANCE, Step.MAINTENANCE_COMPLETE):
        reported = {message.host for message in index.messages.hosts_of_session(session.session_id, step)}
        for host in session.hosts:
            if host not in reported:
                yield omission(f"{host} was never {step}; due: once", host, session.created, session.last_seen)


def _planned(index: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    entered = index.messages.hosts_of_session(session.session_id, Step.IN_MAINTENANCE)
    if not entered:
        return
    occupied: dict[str, list[str]] = defaultdict(list)
    for host in session.hosts:
        states = index.cloud.on_host(host, entered[0].seq).values()
        for project_id in dict.fromkeys(str(state.data["project_id"]) for state in states):
            occupied[project_id].append(host)
    planned: dict[str, list[Event]] = defaultdict(list)
    for message in index.messages.of_session(session.session_id, Step.PLANNED_MAINTENANCE):
        planned[message.project_id].append(message.event)
    for project_id, hosts in occupied.items():
        events = planned[project_id]
        # A compute into which a fault was injected may lose its instances before its turn comes.
        due = len([host for host in hosts if host not in index.faults.hosts])
        if len(events) < due:
            project = index.name(project_id)
            yield omission(
                f"{project} had instances on {', '.join(hosts)} and got PLANNED_MAINTENANCE {len(events)} times; "
                f"due: {due} or more",
                project,
                entered[0].event,
                *events,
            )


def _empty(index: HistoryIndex, session: ObservedSession, seq: int) -> list[str]:
    return [host for host in session.hosts if not index.cloud.on_host(host, seq)]


def _has_room(index: HistoryIndex, session: ObservedSession, seq: int) -> bool:
    """Return True if a compute of the session is empty, or its instances may fit elsewhere, judged by VCPUs only."""
    free = index.cloud.free_vcpus(seq)
    for host in session.hosts:
        if (track := index.cloud.computes.get(host)) is None:
            used = there = 0
        else:
            used = sum(int(server.data["vcpus"]) for server in index.cloud.on_host(host, seq).values())
            there = int((track.before(seq) or track.events[0]).data["vcpus"]) - used
        if used <= free - there:
            return True
    return False
