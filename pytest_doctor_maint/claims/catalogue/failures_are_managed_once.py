"""The Inspector handles the failure of a compute, and handles it once."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.events import between, newest_before
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
    reports_of, acts_of = _by_host(reports), _by_host(index.of(kinds.FAULT_MANAGEMENT))
    spans_of: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for host, entered, left in index.inspector.maintenance_spans:
        spans_of[host].append((entered.seq, left.seq))
    forced = [event for event in index.of(kinds.FAULT_MANAGEMENT) if event.data["action"] == "force_down"]
    violations: list[Violation] = []
    for host, found in reports_of.items():
        violations += _host(index, host, found, spans_of.get(host, []), acts_of.get(host, []))
    for event in forced:
        host = str(event.data["host"])
        if host not in reports_of or reports_of[host][0].seq > event.seq:
            violations.append(
                violation(f"{host} was forced down without a report of a failure; allowed: after a report", host, event)
            )
    return failures_are_managed_once.conclude(
        violations,
        f"{len(reports)} reports of failures, each handled as due",
        {"reports": len(reports), "forced_down": len(forced)},
        nothing="" if reports else "no failure of a compute was reported",
    )


def _by_host(events: Iterable[Event]) -> Mapping[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[str(event.data["host"])].append(event)
    return found


def _host(
    index: HistoryIndex, host: str, reports: list[Event], spans: list[tuple[int, int]], acts: list[Event]
) -> Iterator[Violation]:
    over = 0
    for report in reports:
        # The times in which one compute is in maintenance follow one another.
        number = bisect_left(spans, (report.seq, 0)) - 1
        if report.seq > over and (number < 0 or spans[number][1] < report.seq):
            over = _over(index, host, report)
            yield from _handled(index, host, report, over, between(acts, report.seq + 1, over))


def _over(index: HistoryIndex, host: str, report: Event) -> int:
    """Return the number of the event with which the failure was over: nova-compute was down, and is up again."""
    was_down = False
    for state in between(_states(index, host), report.seq + 1, index.last.seq):
        is_down = state.data["state"] == "down" or bool(state.data["forced_down"])
        if was_down and not is_down:
            return state.seq
        was_down = was_down or is_down
    return index.last.seq


def _states(index: HistoryIndex, host: str) -> Sequence[Event]:
    return index.cloud.computes[host].events if host in index.cloud.computes else ()


def _was_forced_down(index: HistoryIndex, host: str, report: Event) -> bool:
    before = newest_before(_states(index, host), report.seq)
    return before is not None and bool(before.data["forced_down"])


def _handled(index: HistoryIndex, host: str, report: Event, over: int, acts: Sequence[Event]) -> Iterator[Violation]:
    forced = [event for event in acts if event.data["action"] == "force_down"]
    if not forced and _was_forced_down(index, host, report):
        return
    if len(forced) != 1:
        yield violation(f"{host} was forced down {len(forced)} times for one failure; due: once", host, report, *forced)
    resets: dict[str, list[Event]] = defaultdict(list)
    for event in acts:
        if event.data["action"] == "reset_state":
            resets[str(event.data["server_id"])].append(event)
    last_act = acts[-1].seq if acts else report.seq
    for server_id in index.cloud.on_host(host, report.seq):
        yield from _reset(index, host, server_id, report, resets[server_id], last_act, over)


def _reset(
    index: HistoryIndex, host: str, server_id: str, report: Event, resets: list[Event], last_act: int, over: int
) -> Iterator[Violation]:
    name = index.name(server_id)
    if len(resets) > 1:
        yield violation(f"{name} was reset {len(resets)} times for one failure; allowed: once", name, report, *resets)
    track = index.cloud.servers[server_id]
    was_reset = any(state.data["action"] == "os-resetState" for state in track.during(report.seq, over))
    is_excused = any(_needs_no_reset(state, host) for state in track.during(report.seq, last_act))
    if not resets and not was_reset and not is_excused:
        yield violation(f"{name} was on {host}, which failed, and was not reset; due: reset to error", name, report)


def _needs_no_reset(state: Event, host: str) -> bool:
    """Return True if a server, in this state, needs no reset: it is gone, elsewhere or in error already."""
    return state.data["host"] != host or state.data["status"] in ("DELETED", "ERROR")
