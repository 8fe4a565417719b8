"""The Inspector does nothing to a compute in maintenance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Topic, claim
from pytest_doctor_maint.claims.index.events import between
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
    actions = _actions(index)
    violations = [found for host, entered, left in spans for found in _span(index, host, entered, left, actions)]
    return inspector_keeps_still_in_maintenance.conclude(
        violations,
        f"{len(spans)} times in maintenance, nothing was done",
        {"times": len(spans)},
        nothing="" if spans else "the Inspector got no IN_MAINTENANCE",
    )


def _span(
    index: HistoryIndex, host: str, entered: Event, left: Event, actions: Mapping[str, Sequence[Event]]
) -> Iterator[Violation]:
    for event in between(actions.get(host, ()), entered.seq + 1, left.seq):
        action = _describe(event)
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


def _actions(index: HistoryIndex) -> Mapping[str, Sequence[Event]]:
    """Return the events that show an action of the Inspector, by compute, in order."""
    acts = [event for event in index.of(kinds.FAULT_MANAGEMENT) if event.data["action"] in _ACTIONS]
    resets = [event for event in index.of(kinds.SERVER) if event.data["action"] == "os-resetState"]
    found: dict[str, list[Event]] = defaultdict(list)
    for event in sorted((*acts, *resets), key=lambda event: event.seq):
        found[str(event.data["host"])].append(event)
    return found


def _describe(event: Event) -> str:
    is_act = event.kind == kinds.FAULT_MANAGEMENT
    return str(event.data["action"]) if is_act else f"os-resetState of {event.data['name']}"
