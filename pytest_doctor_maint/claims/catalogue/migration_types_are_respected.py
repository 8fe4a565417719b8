"""An instance is moved in the way that its project asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_doctor_maint.claims.catalogue.admin_tool_waits_for_answers import ABOUT_INSTANCES, notice_behind
from pytest_doctor_maint.claims.index.cloud import COLD, LIVE, Move
from pytest_doctor_maint.claims.index.constraints import InstanceRule
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedMessage
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Action

CLAIM = "migration_types_are_respected"
#: How Nova calls what the admin tool does for a type.
NOVA: Mapping[str, str] = {Action.MIGRATE: COLD, Action.LIVE_MIGRATE: LIVE}
#: Seconds for which a live migration must be expected to stop an instance: Nova's default of live_migration_downtime.
EXPECTED_INTERRUPTION = 0.5


def check(history: History) -> Verdict:
    """A message about an instance offers its ``migration_type``, as it is in force when the message is sent, and the
    admin tool moves the instance by it, or by what the project chose instead of it. In place of a live migration that
    failed, or that would stop the instance for longer than ``max_interruption_time``, comes a cold one. OWN_ACTION is
    left to the project (supportedMigrationType in ETSI's IFA011).
    """
    facts = index_of(history)
    _ = facts.some_sessions
    count = facts.constraints.count
    violations: list[Violation] = []
    for notice in facts.notices:
        if notice.step in ABOUT_INSTANCES:
            violations += _offer(facts, notice)
    for move in facts.admin_moves:
        violations += _move(facts, move)
    return conclude(CLAIM, violations, "every instance moved as was asked for", {"constraints": count})


def _offer(facts: HistoryIndex, notice: ObservedMessage) -> Iterator[Violation]:
    for server_id in facts.instances_of(notice) or ():
        rule = facts.constraints.of_instance(server_id, notice.seq)
        if rule is None or rule.migration_type is None or rule.migration_type in notice.allowed:
            continue
        if Action.MIGRATE in notice.allowed and _live_takes_too_long(rule):
            continue
        name = facts.name(server_id)
        offered = ", ".join(notice.allowed) or "nothing"
        yield violation(
            f"{notice.word} of {name} offers {offered}; due: {rule.migration_type}", name, rule.event, notice.event
        )


def _move(facts: HistoryIndex, move: Move) -> Iterator[Violation]:
    rule = facts.constraints.of_instance(move.server_id, move.started.seq)
    if rule is None or rule.migration_type is None or move.action == NOVA.get(rule.migration_type):
        return
    notice = notice_behind(facts, move)
    answer = None if notice is None else facts.agreed(notice)
    chosen = None if answer is None else answer.actions.get(move.server_id)
    # What the project said last counts: the constraint that it changed meanwhile, or its answer.
    if (
        notice is not None
        and chosen is not None
        and move.action == NOVA.get(chosen)
        and _was_offered(facts, notice, move)
    ):
        return
    wants_live = LIVE in (NOVA.get(rule.migration_type), NOVA.get(chosen or ""))
    if wants_live and stands_in_for_live(facts, move):
        return
    name = facts.name(move.server_id)
    yield violation(
        f"{name} was moved with {move.action}; its migration_type is {rule.migration_type}",
        name,
        rule.event,
        move.started,
    )


def _was_offered(facts: HistoryIndex, notice: ObservedMessage, move: Move) -> bool:
    """Whether the project could have chosen the type that it had asked for when it was told."""
    rule = facts.constraints.of_instance(move.server_id, notice.seq)
    return rule is None or rule.migration_type in notice.allowed


def stands_in_for_live(facts: HistoryIndex, move: Move) -> bool:
    """Whether a cold migration is done because a live one has failed upon the same message, or would take too long."""
    rule = facts.constraints.of_instance(move.server_id, move.started.seq)
    return move.action == COLD and ((rule is not None and _live_takes_too_long(rule)) or _live_failed(facts, move))


def _live_failed(facts: HistoryIndex, move: Move) -> bool:
    notice = notice_behind(facts, move)
    since = 0 if notice is None else notice.seq
    return any(
        other.server_id == move.server_id and other.action == LIVE and since < other.started.seq < move.started.seq
        for other in facts.admin_moves
        if not other.succeeded
    )


def _live_takes_too_long(rule: InstanceRule) -> bool:
    """Whether a live migration must be expected to stop the instance for longer than it can bear."""
    return rule.max_interruption_time is not None and rule.max_interruption_time < EXPECTED_INTERRUPTION
