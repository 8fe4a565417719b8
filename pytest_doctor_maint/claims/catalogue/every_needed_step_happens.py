"""The steps that the cloud's filling makes necessary are taken, and no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedSession
from pytest_doctor_maint.claims.verdict import CannotTell, Figure, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import Event, History
from pytest_doctor_maint.protocol import Step

CLAIM = "every_needed_step_happens"
WORK = (Step.PREPARE_MAINTENANCE, Step.PLANNED_MAINTENANCE)


def check(history: History) -> Verdict:
    """Something happens, and what must: DOWN_SCALE if at the start no compute is empty nor can be emptied; PREPARE if
    none is empty after it; PLANNED for every compute that has instances when the first one is maintained; around the
    work on every compute IN_MAINTENANCE and MAINTENANCE_COMPLETE. DOWN_SCALE and PREPARE only if no compute is empty.
    """
    facts = index_of(history)
    if not facts.computes:
        raise CannotTell("the history does not tell how the computes were")
    violations = [found for session in facts.some_sessions.values() for found in _session(facts, session)]
    told = [n.step for n in facts.notices] + [n.step for n in facts.host_notices]
    figures: dict[str, Figure] = {str(step): len([found for found in told if found is step]) for step in Step}
    return conclude(CLAIM, violations, "every step that was needed was taken", figures)


def _session(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    name = facts.name(session.session_id)
    if not session.hosts:
        yield violation(f"{name} names no compute", name, session.created)
    down_scale = facts.notices_of(session.session_id, Step.DOWN_SCALE)
    work: list[Event] = [notice.event for notice in facts.notices_of(session.session_id, *WORK)]
    work += [notice.event for notice in facts.host_notices_of(session.session_id)]
    work.sort(key=lambda event: event.seq)
    last = session.states[-1] if session.states else session.created
    if not work and not down_scale:
        yield violation(f"{name} never did anything", name, session.created, last)
        return
    start = min([*(notice.event for notice in down_scale), *work], key=lambda event: event.seq)
    for notice in down_scale:
        if there := _empty(facts, session, notice.seq):
            yield violation(f"{notice.word} though {', '.join(there)} was empty", name, notice.event)
    empty = _empty(facts, session, start.seq)
    if not down_scale and not empty and not _room(facts, session, start.seq):
        yield violation("no compute was empty and there was no room to empty one, yet no DOWN_SCALE", name, start)
    prepare = facts.notices_of(session.session_id, Step.PREPARE_MAINTENANCE)
    if work:
        empty = _empty(facts, session, work[0].seq)
        if prepare and empty:
            yield violation(f"PREPARE_MAINTENANCE though {', '.join(empty)} was empty", name, prepare[0].event)
        if not prepare and not empty:
            yield violation("no compute was empty, yet no PREPARE_MAINTENANCE", name, work[0])
    yield from _hosts(facts, session, last)


def _hosts(facts: HistoryIndex, session: ObservedSession, last: Event) -> Iterator[Violation]:
    entered = facts.host_notices_of(session.session_id, Step.IN_MAINTENANCE)
    for step in (Step.IN_MAINTENANCE, Step.MAINTENANCE_COMPLETE):
        told = {notice.host for notice in facts.host_notices_of(session.session_id, step)}
        for host in session.hosts:
            if host not in told:
                yield violation(f"{host} was never {step}", host, session.created, last)
    if not entered:
        return
    occupied: dict[str, list[str]] = defaultdict(list)
    for host in session.hosts:
        for project_id in dict.fromkeys(
            str(state.data["project_id"]) for state in facts.on_host(host, entered[0].seq).values()
        ):
            occupied[project_id].append(host)
    for project_id, hosts in occupied.items():
        planned = [
            notice
            for notice in facts.notices_of(session.session_id, Step.PLANNED_MAINTENANCE)
            if notice.project_id == project_id
        ]
        # A compute that was made to fail may take its instances with it before its turn comes.
        due = len([host for host in hosts if host not in {fault.data["target"] for fault in facts.faults}])
        if len(planned) < due:
            project = facts.name(project_id)
            yield violation(
                f"{project} had instances on {', '.join(hosts)} and was told PLANNED_MAINTENANCE {len(planned)} times; "
                f"due: {due} or more",
                project,
                entered[0].event,
                *(notice.event for notice in planned),
            )


def _empty(facts: HistoryIndex, session: ObservedSession, seq: int) -> list[str]:
    return [host for host in session.hosts if not facts.on_host(host, seq)]


def _room(facts: HistoryIndex, session: ObservedSession, seq: int) -> bool:
    """Whether the instances of some compute of the session might fit elsewhere, by the number of VCPUs alone."""
    capacity = {host: track.before(seq) or track.events[0] for host, track in facts.computes.items()}
    used = {
        host: sum(int(state.data["vcpus"]) for state in facts.on_host(host, seq).values()) for host in facts.computes
    }
    free = {host: int(state.data["vcpus"]) - used[host] for host, state in capacity.items()}
    return any(
        used.get(host, 0) <= sum(vcpus for other, vcpus in free.items() if other != host) for host in session.hosts
    )
