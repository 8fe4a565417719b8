"""The Inspector does nothing to a compute in maintenance."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds

#: The actions of the Inspector that change the cloud.
_ACTIONS = ("force_down", "reset_state")


@claim(topic=Topic.INSPECTOR, source="use case", needs=(kinds.ALARM, kinds.COMPUTE, kinds.SERVER, HOST_MESSAGES))
def inspector_keeps_still_in_maintenance(index: HistoryIndex) -> Verdict:
    """From IN_MAINTENANCE of a compute to its MAINTENANCE_COMPLETE nothing there is forced down or reset to error.

    The two messages count from their arrival at the Inspector. It does not matter which failures are reported.
    """
    index.require_sessions()
    spans = index.inspector.maintenance_spans
    violations = [found for host, entered, left in spans for found in _span(index, host, entered, left)]
    return inspector_keeps_still_in_maintenance.conclude(
        violations, f"{len(spans)} times in maintenance, nothing was done", {"times": len(spans)}
    )


def _span(index: HistoryIndex, host: str, entered: Event, left: Event) -> Iterator[Violation]:
    for event in index.events[entered.seq : left.seq]:
        if (action := _action(event, host)) is not None:
            yield violation(f"{action} on {host} while it was in maintenance; allowed: nothing", host, entered, event)
    states = index.cloud.computes[host].during(entered.seq, left.seq) if host in index.cloud.computes else ()
    for before, state in pairwise(states):
        if state.data["forced_down"] and not before.data["forced_down"]:
            yield violation(
                f"nova-compute on {host} was forced down while it was in maintenance; allowed: nothing",
                host,
                entered,
                state,
            )


def _action(event: Event, host: str) -> str | None:
    """Return the action on ``host`` that ``event`` shows, if it is one of the Inspector's."""
    data = event.data
    if event.kind == kinds.FAULT_MANAGEMENT and data["host"] == host and data["action"] in _ACTIONS:
        return str(data["action"])
    if event.kind == kinds.SERVER and data["action"] == "os-resetState" and data["host"] == host:
        return f"os-resetState of {data['name']}"
    return None
