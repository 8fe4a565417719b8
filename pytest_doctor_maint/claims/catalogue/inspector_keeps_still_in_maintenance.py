"""A compute that is down for a purpose is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.protocol import Step, step_of

CLAIM = "inspector_keeps_still_in_maintenance"
ACTIVE = ("force_down", "reset_state")


def check(history: History) -> Verdict:
    """From the Inspector's IN_MAINTENANCE of a compute to its MAINTENANCE_COMPLETE, nova-compute there is not forced
    down and no instance there is reset to error, whoever reports what.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    violations: list[Violation] = []
    spans = list(seen_spans(facts))
    for host, entered, left in spans:
        for event in facts.events[entered.seq : left.seq]:
            if (done := _fault_management(event, host)) is not None:
                violations.append(violation(f"{done} on {host} while it was in maintenance", host, entered, event))
        states = facts.computes[host].during(entered.seq, left.seq) if host in facts.computes else ()
        for before, state in pairwise(states):
            if state.data["forced_down"] and not before.data["forced_down"]:
                violations.append(violation(f"{host} was forced down in maintenance", host, entered, state))
    return conclude(CLAIM, violations, "nothing was done on a compute in maintenance", {"times": len(spans)})


def seen_spans(facts: HistoryIndex) -> Iterator[tuple[str, Event, Event]]:
    """When the Inspector knew a compute to be in maintenance: the host, and the events of both messages."""
    out: dict[str, Event] = {}
    for alarm in facts.inspector_alarms:
        host, step = str(alarm.data.get("host")), step_of(str(alarm.data["state"]))
        if step is Step.IN_MAINTENANCE:
            out.setdefault(host, alarm)
        elif step is Step.MAINTENANCE_COMPLETE and host in out:
            yield host, out.pop(host), alarm
    for host, alarm in out.items():
        yield host, alarm, facts.events[-1]


def _fault_management(event: Event, host: str) -> str | None:
    data = event.data
    if event.kind == kinds.FAULT_MANAGEMENT and data["host"] == host and data["action"] in ACTIVE:
        return str(data["action"])
    if event.kind == kinds.SERVER and data["action"] == "os-resetState" and data["host"] == host:
        return f"os-resetState of {data['name']}"
    return None
