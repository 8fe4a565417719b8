"""The Inspector acts upon a compute's failure, and does so once."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.catalogue.inspector_keeps_still_in_maintenance import seen_spans
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import Event, History, kinds

CLAIM = "failures_are_managed_once"


def check(history: History) -> Verdict:
    """A failure that a monitor reports of a compute that is not in maintenance makes the Inspector force nova-compute
    down and reset each instance there to error, once for one failure however often it is reported. Nothing that was not
    reported is handled. A failure is over when nova-compute is up again.
    """
    facts = index_of(history)
    _ = facts.end
    reports = facts.of(kinds.HOST_FAILURE)
    violations: list[Violation] = []
    for host in dict.fromkeys(str(event.data["host"]) for event in reports):
        violations += _host(facts, host)
    handled = [event for event in facts.of(kinds.FAULT_MANAGEMENT) if event.data["action"] == "force_down"]
    for event in handled:
        host = str(event.data["host"])
        if not any(report.data["host"] == host and report.seq < event.seq for report in reports):
            violations.append(violation(f"{host} was forced down, though nobody reported a failure", host, event))
    figures = {"reports": len(reports), "forced_down": len(handled)}
    return conclude(CLAIM, violations, f"{len(reports)} reports of failures, each handled as due", figures)


def _host(facts: HistoryIndex, host: str) -> Iterator[Violation]:
    in_maintenance = [(entered.seq, left.seq) for name, entered, left in seen_spans(facts) if name == host]
    reports = [event for event in facts.of(kinds.HOST_FAILURE) if event.data["host"] == host]
    due = [e for e in reports if not any(entered < e.seq < left for entered, left in in_maintenance)]
    while due:
        first = due[0]
        over = _over(facts, host, first)
        yield from _handled(facts, host, first, over)
        due = [event for event in due if event.seq > over]


def _over(facts: HistoryIndex, host: str, report: Event) -> int:
    """The event with which the failure ended: nova-compute was down, and is up again."""
    down = False
    for state in facts.computes[host].events if host in facts.computes else ():
        if state.seq > report.seq:
            is_down = state.data["state"] == "down" or bool(state.data["forced_down"])
            if down and not is_down:
                return state.seq
            down = down or is_down
    return facts.events[-1].seq


def _handled(facts: HistoryIndex, host: str, report: Event, over: int) -> Iterator[Violation]:
    done = [
        event
        for event in facts.of(kinds.FAULT_MANAGEMENT)
        if event.data["host"] == host and report.seq < event.seq <= over
    ]
    forced = [event for event in done if event.data["action"] == "force_down"]
    resets = [event for event in done if event.data["action"] == "reset_state"]
    if not forced:
        yield violation(f"{host} was reported down and never forced down", host, report)
    if len(forced) > 1:
        yield violation(f"{host} was forced down {len(forced)} times for one failure", host, report, *forced)
    for server_id in facts.on_host(host, report.seq):
        name = facts.name(server_id)
        mine = [event for event in resets if event.data["server_id"] == server_id]
        if len(mine) > 1:
            yield violation(f"{name} was reset {len(mine)} times for one failure", name, report, *mine)
        track = facts.servers[server_id]
        reset = any(state.data["action"] == "os-resetState" for state in track.during(report.seq, over))
        left = any(
            _excused(state, host) for state in track.during(report.seq, max(event.seq for event in (report, *done)))
        )
        if not mine and not reset and not left:
            yield violation(f"{name} was on {host}, which failed, and was not reset to error", name, report)


def _excused(state: Event, host: str) -> bool:
    """Whether a server, in this state, needs no reset: it is gone, elsewhere or in error already."""
    return state.data["host"] != host or state.data["status"] in ("DELETED", "ERROR")
