"""Not more instances of a group are brought onto one compute than it allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pytest_doctor_maint.claims.index.cloud import Move
from pytest_doctor_maint.claims.index.constraints import GroupRule
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.verdict import Verdict, conclude, violation
from pytest_doctor_maint.history import Event, History

CLAIM = "instances_per_host_stay_within_the_limit"


def check(history: History) -> Verdict:
    """When an instance that the admin tool moves arrives on a compute, ``max_instances_per_host`` of its group at most
    are there, that one among them (0: any number). Limit and members are those in force when the move began. Where the
    project's own instances start is not the admin tool's choice.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    count = facts.constraints.count
    violations = [
        violation(
            f"{facts.name(move.server_id)} came to {move.target}, where {len(there)} of {rule.name} are with it then; "
            f"allowed: {rule.max_instances_per_host}",
            f"{rule.name} on {move.target}",
            rule.event,
            arrived,
        )
        for move, rule, arrived, there in crowded(facts, lambda rule: rule.max_instances_per_host)
    ]
    return conclude(CLAIM, violations, "no compute had too many of a group", {"constraints": count})


def crowded(
    facts: HistoryIndex, limit: Callable[[GroupRule], int]
) -> Iterator[tuple[Move, GroupRule, Event, tuple[str, ...]]]:
    """The moves that brought more of the group onto a compute than ``limit`` (0: any number), with the event of the
    arrival and all instances of the group that were there then.
    """
    for move, rule, members in facts.constraints.hits(facts.admin_moves):
        allowed = limit(rule)
        if not allowed or move.target is None or move.ended is None:
            continue
        arrived = _arrival(facts, move)
        if arrived is None:
            continue
        there = tuple(
            server_id
            for server_id, state in facts.servers_before(arrived.seq + 1).items()
            if server_id in members and state.data["host"] == move.target
        )
        if len(there) > allowed:
            yield move, rule, arrived, there


def _arrival(facts: HistoryIndex, move: Move) -> Event | None:
    """The first event of the move in which its server is on the target."""
    last = move.started.seq if move.ended is None else move.ended.seq
    states = facts.servers[move.server_id].during(move.started.seq, last)
    return next((state for state in states if state.data["host"] == move.target), None)
