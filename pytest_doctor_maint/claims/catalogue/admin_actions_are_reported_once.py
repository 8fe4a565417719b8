"""A project gets one message about each instance that the admin tool moved."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.events import between
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.moves import Move
from pytest_doctor_maint.claims.index.observed import ObservedMessage
from pytest_doctor_maint.claims.verdict import Verdict, Violation, omission, violation
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import Step

#: A migration to another compute, and the event that ended it.
_Move = tuple[Move, Event]


@claim(topic=Topic.MESSAGES, source="use case, Fenix API reference", needs=(kinds.NOTIFICATION, kinds.SERVER))
def admin_actions_are_reported_once(index: HistoryIndex) -> Verdict:
    """Each migration by the admin tool is reported to the instance's project with one ADMIN_ACTION_DONE, when it ended.

    A cold migration ends with its confirmation. Nothing else is reported, such as what the project moved itself
    (OWN_ACTION). A session that failed need not report any more.
    """
    index.require_sessions()
    reports = [message for message in index.messages.to_projects if message.step is Step.ADMIN_ACTION_DONE]
    moves = [(move, move.arrival) for move in index.admin_moves if move.arrival is not None]
    if all(report.instance_ids is not None for report in reports):
        violations = [*_by_server(index, reports, moves), *_without_instance(index, reports)]
    else:
        violations = list(_by_number(index, reports, moves))
    return admin_actions_are_reported_once.conclude(
        violations,
        f"{len(moves)} moves, each reported once",
        {"moves": len(moves), "reports": len(reports)},
        nothing="" if moves or reports else "the admin tool moved no instance, and reported no move",
    )


def _by_server(index: HistoryIndex, reports: list[ObservedMessage], moves: list[_Move]) -> Iterator[Violation]:
    reports_by_server: dict[str, list[ObservedMessage]] = defaultdict(list)
    for report in reports:
        for server_id in report.instance_ids or ():
            reports_by_server[server_id].append(report)
    moves_by_server: dict[str, list[_Move]] = defaultdict(list)
    for move, arrival in moves:
        moves_by_server[move.server_id].append((move, arrival))
    for server_id in dict.fromkeys([*moves_by_server, *reports_by_server]):
        name = index.name(server_id)
        reports_of_server, moves_of_server = reports_by_server[server_id], moves_by_server[server_id]
        starts = [move.seq for move, _ in moves_of_server]
        for (move, arrival), end in zip(moves_of_server, [*starts[1:], index.last.seq + 1], strict=False):
            yield from _move(index, move, arrival, between(reports_of_server, move.seq + 1, end - 1))
        for report in between(reports_of_server, 0, starts[0] if starts else index.last.seq):
            yield violation(
                f"{report.word} of {name} was sent; allowed: only after the admin tool moved it", name, report.event
            )


def _move(index: HistoryIndex, move: Move, arrival: Event, reports: Sequence[ObservedMessage]) -> Iterator[Violation]:
    name = index.name(move.server_id)
    owner = index.cloud.project_of(move.server_id)
    what = f"the {move.action} of {name} to {move.target}"
    if not reports and not _session_failed_since(index, move, arrival):
        yield omission(f"{what} was not reported; due: one ADMIN_ACTION_DONE", name, move.started, arrival)
    if len(reports) > 1:
        events = [report.event for report in reports]
        yield violation(f"{what} was reported {len(reports)} times; allowed: once", name, arrival, *events)
    for report in reports:
        if report.seq < arrival.seq:
            yield violation(f"{what} was reported before it ended; allowed: after its end", name, report.event, arrival)
        if report.project_id != owner:
            yield violation(
                f"{what} was reported to {index.name(report.project_id)}; allowed: {index.name(owner)}",
                name,
                report.event,
            )


def _without_instance(index: HistoryIndex, reports: list[ObservedMessage]) -> Iterator[Violation]:
    for report in reports:
        if not report.instance_ids:
            project = index.name(report.project_id)
            yield violation(f"{report.word} to {project} names no instance; due: one", project, report.event)


def _by_number(index: HistoryIndex, reports: list[ObservedMessage], moves: list[_Move]) -> Iterator[Violation]:
    """Compare only the numbers, because messages have a URL instead of instances."""
    events_of: dict[str, list[Event]] = defaultdict(list)
    for report in reports:
        events_of[report.project_id].append(report.event)
    moved = Counter(index.cloud.project_of(move.server_id) for move, _ in moves)
    for project_id, events in events_of.items():
        if len(events) != moved[project_id]:
            project = index.name(project_id)
            yield (violation if len(events) > moved[project_id] else omission)(
                f"{project} got {len(events)} messages that an action is done; due: {moved[project_id]}, one for each "
                "move",
                project,
                *events,
            )


def _session_failed_since(index: HistoryIndex, move: Move, arrival: Event) -> bool:
    """Return True if the session that moved the server failed, and sent no message after the move."""
    session = index.failure_after(move.source, move.seq)
    if session is None:
        return False
    sent = index.messages.of_session(session.session_id)
    return not sent or arrival.seq > sent[-1].seq
