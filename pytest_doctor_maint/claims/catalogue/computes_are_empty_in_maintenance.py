"""No instance is on a compute while it is maintained."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.index.cloud import is_on
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "computes_are_empty_in_maintenance"


def check(history: History) -> Verdict:
    """From IN_MAINTENANCE to MAINTENANCE_COMPLETE of a compute, no server holds anything on it: neither one that runs
    there nor one whose migration away is not yet confirmed.
    """
    facts = index_of(history)
    spans = facts.maintenance_spans
    if not spans:
        _ = facts.some_sessions
    violations = [found for host, first, last in spans for found in _held(facts, host, first, last)]
    return conclude(CLAIM, violations, f"{len(spans)} times in maintenance, always empty", {"times": len(spans)})


def _held(facts: HistoryIndex, host: str, first: int, last: int) -> Iterator[Violation]:
    for server_id, track in facts.servers.items():
        for state in track.during(first, last):
            if is_on(state, host):
                name = facts.name(server_id)
                yield violation(
                    f"{name} ({state.data['status']}) was on {host} while that was IN_MAINTENANCE; allowed: nothing",
                    f"{name} on {host}",
                    facts.event(first),
                    state,
                )
                break
