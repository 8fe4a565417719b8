"""The Inspector handles the failure of a compute, and handles it once."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds


@claim(
    topic=Topic.INSPECTOR,
    source="Doctor's fault management use case",
    needs=(kinds.HOST_FAILURE, kinds.FAULT_MANAGEMENT),
)
def failures_are_managed_once(index: HistoryIndex) -> Verdict:
    """The Inspector handles each reported failure of a compute that is not in maintenance once, and nothing else.

    It forces nova-compute down and resets each instance there to error, once for one failure, however often a monitor
    reports it. A failure is over when nova-compute is up again. A compute that somebody else has forced down before the
    report may be left alone.
    """
    index.require_end()
    reports = index.of(kinds.HOST_FAILURE)
    forced = [event for event in index.of(kinds.FAULT_MANAGEMENT) if event.data["action"] == "force_down"]
    violations: list[Violation] = []
    for host in dict.fromkeys(str(event.data["host"]) for event in reports):
        violations += _host(index, host)
    for event in forced:
        host = str(event.data["host"])
        if not any(report.data["host"] == host and report.seq < event.seq for report in reports):
            violations.append(
                violation(f"{host} was forced down without a report of a failure; allowed: after a report", host, event)
            )
    return failures_are_managed_once.conclude(
        violations,
        f"{len(reports)} reports of failures, each handled as due",
        {"reports": len(reports), "forced_down": len(forced)},
    )


def _host(index: HistoryIndex, host: str) -> Iterator[Violation]:
    spans = [(entered.seq, left.seq) for name, entered, left in index.inspector.maintenance_spans if name == host]
    reports = [event for event in index.of(kinds.HOST_FAILURE) if event.data["host"] == host]
    due = [e for e in reports if not any(entered < e.seq < left for entered, left in spans)]
    while due:
        over = _over(index, host, due[0])
        yield from _handled(index, host, due[0], over)
        due = [event for event in due if event.seq > over]


def _over(index: HistoryIndex, host: str, report: Event) -> int:
    """Return the number of the event with which the failure was over: nova-compute was down, and is up again."""
    was_down = False
    for state in index.cloud.computes[host].events if host in index.cloud.computes else ():
        if state.seq > report.seq:
            is_down = state.data["state"] == "down" or bool(state.data["forced_down"])
            if was_down and not is_down:
                return state.seq
            was_down = was_down or is_down
    return index.last.seq


def _was_forced_down(index: HistoryIndex, host: str, report: Event) -> bool:
    states = index.cloud.computes[host].events if host in index.cloud.computes else ()
    earlier = [state for state in states if state.seq < report.seq]
    return bool(earlier and earlier[-1].data["forced_down"])


def _handled(index: HistoryIndex, host: str, report: Event, over: int) -> Iterator[Violation]:
    acts = [
        event
        for event in index.of(kinds.FAULT_MANAGEMENT)
        if event.data["host"] == host and report.seq < event.seq <= over
    ]
    forced = [event for event in acts if event.data["action"] == "force_down"]
    if not forced and _was_forced_down(index, host, report):
        return
    if len(forced) != 1:
        yield violation(f"{host} was forced down {len(forced)} times for one failure; due: once", host, report, *forced)
    for server_id in index.cloud.on_host(host, report.seq):
        yield from _reset(index, host, server_id, report, acts, over)


def _reset(
    index: HistoryIndex, host: str, server_id: str, report: Event, acts: list[Event], over: int
) -> Iterator[Violation]:
    name = index.name(server_id)
    resets = [e for e in acts if e.data["action"] == "reset_state" and e.data["server_id"] == server_id]
    if len(resets) > 1:
        yield violation(f"{name} was reset {len(resets)} times for one failure; allowed: once", name, report, *resets)
    track = index.cloud.servers[server_id]
    was_reset = any(state.data["action"] == "os-resetState" for state in track.during(report.seq, over))
    last_act = max(event.seq for event in (report, *acts))
    is_excused = any(_needs_no_reset(state, host) for state in track.during(report.seq, last_act))
    if not resets and not was_reset and not is_excused:
        yield violation(f"{name} was on {host}, which failed, and was not reset; due: reset to error", name, report)


def _needs_no_reset(state: Event, host: str) -> bool:
    """Return True if a server, in this state, needs no reset: it is gone, elsewhere or in error already."""
    return state.data["host"] != host or state.data["status"] in ("DELETED", "ERROR")
