"""A live migration stops an instance no longer than its application can bear."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.availability import Outage, guest_outages
from pytest_doctor_maint.claims.index.cloud import LIVE, Move
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.verdict import Figure, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "interruptions_are_short_enough"


def check(history: History) -> Verdict:
    """No live migration stops an instance for longer than its ``max_interruption_time``, as it was in force when the
    migration began. ETSI's IFA011 defines that time (maxUndetectableInterruptionTime) for live migrations alone: of a
    cold one the application knows, and gets ready.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    count = facts.constraints.count
    outages = guest_outages(facts.events)
    pauses = [
        (move, outage)
        for move in facts.admin_moves
        if move.action == LIVE
        for outage in outages.get(move.server_id, ())
        if _during(move, outage)
    ]
    violations = [found for move, outage in pauses for found in _pause(facts, move, outage)]
    figures: dict[str, Figure] = {"constraints": count, "live_migrations_that_stopped_an_instance": len(pauses)}
    if pauses:
        figures["longest_interruption_s"] = round(max(outage.seconds for _, outage in pauses), 6)
    return conclude(CLAIM, violations, "no live migration stopped an instance for too long", figures)


def _during(move: Move, outage: Outage) -> bool:
    return move.started.seq < outage.began.seq and (move.ended is None or outage.began.seq < move.ended.seq)


def _pause(facts: HistoryIndex, move: Move, outage: Outage) -> Iterator[Violation]:
    rule = facts.constraints.of_instance(move.server_id, move.started.seq)
    if rule is None or rule.max_interruption_time is None or outage.seconds <= rule.max_interruption_time:
        return
    server = facts.name(move.server_id)
    yield violation(
        f"the live migration of {server} stopped it for {outage.seconds:g} s; allowed: {rule.max_interruption_time:g} "
        "s, or another kind of migration",
        server,
        rule.event,
        outage.began,
        outage.ended,
    )
