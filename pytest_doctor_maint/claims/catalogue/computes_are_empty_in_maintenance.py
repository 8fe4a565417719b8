"""No instance is on a compute while it is maintained."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import kinds


@claim(topic=Topic.COMPUTES, source="use case", needs=(kinds.NOTIFICATION, kinds.SERVER, HOST_MESSAGES))
def computes_are_empty_in_maintenance(index: HistoryIndex) -> Verdict:
    """From IN_MAINTENANCE to MAINTENANCE_COMPLETE of a compute no server takes room on it.

    A server takes room where it runs, and where it ran until its migration away is confirmed.
    """
    spans = index.maintenance_spans
    if not spans:
        index.require_sessions()
    violations = [found for host, first, last in spans for found in _present(index, host, first, last)]
    return computes_are_empty_in_maintenance.conclude(
        violations,
        f"{len(spans)} times in maintenance, always empty",
        {"times": len(spans)},
        nothing="" if spans else "no compute went into maintenance",
    )


def _present(index: HistoryIndex, host: str, first: int, last: int) -> Iterator[Violation]:
    for server_id, state in index.cloud.on_host_during(host, first, last).items():
        name = index.name(server_id)
        yield violation(
            f"{name} ({state.data['status']}) was on {host} while it was IN_MAINTENANCE; allowed: no instance",
            f"{name} on {host}",
            index.event(first),
            state,
        )
