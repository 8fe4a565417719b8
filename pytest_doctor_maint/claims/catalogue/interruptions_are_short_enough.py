"""A live migration stops an instance no longer than its application tolerates."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from pytest_doctor_maint.claims.availability import Outage, guest_outages
from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.constraints import InstanceRule
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.moves import LIVE, Move
from pytest_doctor_maint.claims.verdict import Figure, NotObserved, Verdict, Violation, violation
from pytest_doctor_maint.history import kinds


@claim(
    topic=Topic.CONSTRAINTS,
    source="IFA011 (maxUndetectableInterruptionTime), Fenix API reference (max_interruption_time)",
    needs=(kinds.CONSTRAINT_INSTANCE, kinds.SERVER),
)
def interruptions_are_short_enough(index: HistoryIndex) -> Verdict:
    """No live migration stops an instance for longer than its max_interruption_time.

    The constraint in force when the migration started counts. IFA011 defines the time for live migrations only: the
    application knows of a cold migration, and prepares for it. From outside no guest is asked, and Nova does not show
    that a live migration stops one.
    """
    index.require_sessions()
    count = index.constraints.require_count()
    outages = guest_outages(index.events)
    pauses = [
        (move, outage)
        for move in index.admin_moves
        if move.action == LIVE
        for outage in _began_during(outages.get(move.server_id, ()), move)
    ]
    violations = [found for move, outage in pauses for found in _pause(index, move, outage)]
    limited = [index.name(move.server_id) for move in index.admin_moves if _limit(index, move) is not None]
    if limited and not violations and kinds.GUEST in index.unseen:
        servers = ", ".join(dict.fromkeys(limited))
        raise NotObserved(f"could not observe whether a live migration stopped the guest of {servers}")
    figures: dict[str, Figure] = {"constraints": count, "live_migrations_that_stopped_an_instance": len(pauses)}
    if pauses:
        figures["longest_interruption_s"] = round(max(outage.seconds for _, outage in pauses), 6)
    return interruptions_are_short_enough.conclude(
        violations,
        "no live migration stopped an instance for too long",
        figures,
        nothing="" if limited else "the admin tool live migrated no instance with max_interruption_time",
    )


def _began_during(outages: Sequence[Outage], move: Move) -> Sequence[Outage]:
    """Return those of ``outages``, in their order, that began during a move."""
    first = bisect_right(outages, move.seq, key=_begin)
    return outages[first : None if move.ended is None else bisect_left(outages, move.ended.seq, key=_begin)]


def _begin(outage: Outage) -> int:
    return outage.began.seq


def _limit(index: HistoryIndex, move: Move) -> InstanceRule | None:
    """Return the constraint that limits how long ``move`` may stop its instance; None if no constraint does."""
    rule = index.constraints.of_instance(move.server_id, move.started.seq)
    return None if rule is None or rule.max_interruption_time is None or move.action != LIVE else rule


def _pause(index: HistoryIndex, move: Move, outage: Outage) -> Iterator[Violation]:
    rule = _limit(index, move)
    if rule is None or rule.max_interruption_time is None or outage.seconds <= rule.max_interruption_time:
        return
    server = index.name(move.server_id)
    yield violation(
        f"the live migration of {server} stopped it for {outage.seconds:g} s; allowed: {rule.max_interruption_time:g} "
        "s, or a cold migration",
        server,
        rule.event,
        outage.began,
        outage.ended,
    )
