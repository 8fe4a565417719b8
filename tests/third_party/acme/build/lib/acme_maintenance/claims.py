"""A claim with a parameter."""

from __future__ import annotations

from pytest_doctor_maint import HistoryIndex, Parameter, Topic, Verdict, claim, violation


@claim(
    topic=Topic.COMPUTES,
    source="Acme's handbook",
    needs=("host.work",),
    parameters={"least_s": Parameter(60.0, "s", "the shortest work on a compute")},
)
def computes_are_worked_on_for_a_minute(index: HistoryIndex, *, least_s: float) -> Verdict:
    """The work on each compute takes a minute at least."""
    began = {event.data["host"]: event for event in index.of("host.work") if event.data["phase"] == "started"}
    ended = [event for event in index.of("host.work") if event.data["phase"] == "ended"]
    short = [event for event in ended if (event.at - began[event.data["host"]].at).total_seconds() < least_s]
    violations = [
        violation(f"the work on {event.data['host']} was shorter; allowed: {least_s:g} s or more", "work", event)
        for event in short
    ]
    return computes_are_worked_on_for_a_minute.conclude(violations, f"{len(ended)} computes, each long enough")
