"""A project learns once, and in the end, of each instance that the admin tool moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pytest_doctor_maint.claims.index.cloud import Move
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedMessage
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Step

CLAIM = "admin_actions_are_reported_once"


def check(history: History) -> Verdict:
    """For every migration of an instance that the admin tool carried out, its project is told ADMIN_ACTION_DONE of that
    instance exactly once, after the migration has ended (a cold one: after it was confirmed). It is never told so of
    anything else, such as what it moved itself (OWN_ACTION). A session that failed has nothing more to tell.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    done = [notice for notice in facts.notices if notice.step is Step.ADMIN_ACTION_DONE]
    moved = [move for move in facts.admin_moves if move.succeeded]
    violations = [*_by_server(facts, done, moved), *_without_ids(facts, done, moved)]
    figures = {"moves": len(moved), "reports": len(done)}
    return conclude(CLAIM, violations, f"{len(moved)} moves, each reported once", figures)


def _by_server(facts: HistoryIndex, done: list[ObservedMessage], moved: list[Move]) -> Iterator[Violation]:
    reports: dict[str, list[ObservedMessage]] = defaultdict(list)
    for notice in done:
        for server_id in notice.instance_ids or ():
            reports[server_id].append(notice)
    if any(notice.instance_ids is None for notice in done):
        return
    by_server: dict[str, list[Move]] = defaultdict(list)
    for move in moved:
        by_server[move.server_id].append(move)
    for server_id in dict.fromkeys([*by_server, *reports]):
        name = facts.name(server_id)
        left = list(reports[server_id])
        moves = by_server[server_id]
        for index, move in enumerate(moves):
            assert move.ended is not None  # noqa: S101  # it succeeded
            following = moves[index + 1].started.seq if index + 1 < len(moves) else facts.events[-1].seq + 1
            mine = [notice for notice in left if move.started.seq < notice.seq < following]
            left = [notice for notice in left if notice not in mine]
            what = f"the {move.action} of {name} to {move.target}"
            if not mine and not _failed_since(facts, move):
                yield violation(f"{what} was not reported as ADMIN_ACTION_DONE", name, move.started, move.ended)
            if len(mine) > 1:
                shown = [notice.event for notice in mine]
                yield violation(f"{what} was reported {len(mine)} times; allowed: once", name, move.ended, *shown)
            for notice in mine:
                if notice.seq < move.ended.seq:
                    yield violation(f"{what} was reported before it had ended", name, notice.event, move.ended)
                if notice.project_id != facts.project_of(server_id):
                    yield violation(f"{what} was reported to {facts.name(notice.project_id)}", name, notice.event)
        for notice in left:
            yield violation(f"{notice.word} of {name}, which the admin tool had not moved", name, notice.event)
    for notice in done:
        if notice.instance_ids == ():
            project = facts.name(notice.project_id)
            yield violation(f"{notice.word} to {project} does not say of which instance", project, notice.event)


def _without_ids(facts: HistoryIndex, done: list[ObservedMessage], moved: list[Move]) -> Iterator[Violation]:
    """Where a URL stands for the instances, only their number can be compared."""
    if all(notice.instance_ids is not None for notice in done):
        return
    for project_id in dict.fromkeys(notice.project_id for notice in done):
        reports = [notice for notice in done if notice.project_id == project_id]
        moves = [move for move in moved if facts.project_of(move.server_id) == project_id]
        if len(reports) != len(moves):
            project = facts.name(project_id)
            shown = [notice.event for notice in reports]
            yield violation(
                f"{project} was told {len(reports)} times that an action is done; the admin tool did {len(moves)}",
                project,
                *shown,
            )


def _failed_since(facts: HistoryIndex, move: Move) -> bool:
    """Whether the session that moved it gave up, so that no message followed."""
    for session in facts.sessions.values():
        if session.failed is not None and move.source in session.hosts and move.started.seq < session.failed.seq:
            last = max((notice.seq for notice in facts.notices_of(session.session_id)), default=0)
            return move.ended is not None and move.ended.seq > last
    return False
