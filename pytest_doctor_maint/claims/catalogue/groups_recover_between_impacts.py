"""A group of instances has time to recover between two impacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.constraints import GroupRule
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.moves import Move
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds

#: A move that ended, and the event with which it ended.
_Ended = tuple[Move, Event]


@claim(
    topic=Topic.CONSTRAINTS,
    source="IFA011 (minRecoveryTimeBetweenImpacts), Fenix API reference (recovery_time)",
    needs=(kinds.CONSTRAINT_INSTANCE, kinds.SERVER),
)
def groups_recover_between_impacts(index: HistoryIndex) -> Verdict:
    """After the admin tool's move of an instance, recovery_time passes before it moves another instance of the group.

    Instances that are impacted at the same time are judged by ``impacts_stay_within_the_limit``. A second move of the
    same instance does not count. Time and members are those in force when the move started.
    """
    index.require_sessions()
    constraints = index.constraints
    count = constraints.require_count()
    recoveries = list(_recoveries(index))
    violations = [found for recovery in recoveries for found in _recovery(index, *recovery)]
    return groups_recover_between_impacts.conclude(
        violations,
        "every group had time to recover",
        {"constraints": count, "recoveries": len(recoveries)},
        nothing="" if recoveries else "the admin tool moved no two instances of a group with recovery_time",
    )


def _recoveries(index: HistoryIndex) -> Iterator[tuple[Move, GroupRule, _Ended]]:
    """Yield the moves after which their group recovers from an earlier one: that one ended last before them."""
    ended = sorted(
        ((move, move.ended) for move in index.admin_moves if move.ended is not None), key=lambda pair: pair[1].seq
    )
    # The last move that had ended of each instance that ever was in a group, the latest last.
    latest: dict[str, dict[str, _Ended]] = defaultdict(dict)
    number = 0
    for move, rule in index.constraints.impacts(index.admin_moves):
        while number < len(ended) and ended[number][1].seq < move.seq:
            server_id = ended[number][0].server_id
            for group in index.constraints.groups_of(server_id):
                latest[group].pop(server_id, None)
                latest[group][server_id] = ended[number]
            number += 1
        if rule.recovery_time:
            for server_id in reversed(latest[rule.group]):
                if server_id != move.server_id and index.constraints.is_member(server_id, rule.group, move.seq):
                    yield move, rule, latest[rule.group][server_id]
                    break


def _recovery(index: HistoryIndex, move: Move, rule: GroupRule, earlier: _Ended) -> Iterator[Violation]:
    (last, ended), recovery_time = earlier, rule.recovery_time or 0.0
    passed = move.started.at - ended.at
    if passed < timedelta(seconds=recovery_time):
        yield violation(
            f"{index.name(move.server_id)} of {rule.name} was impacted {passed.total_seconds():g} s after the "
            f"move of {index.name(last.server_id)} had ended; allowed: {recovery_time:g} s or more",
            rule.name,
            rule.event,
            ended,
            move.started,
        )
