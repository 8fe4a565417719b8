"""The results of a run as plain data: what the summary, the reports for machines and pytest-xdist need of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypedDict

from pytest_doctor_maint.claims import Judgement, Outcome, Verdict
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.report.counts import counts

#: The name of the cloud whose time is simulated.
EMBEDDED = "embedded"
#: Two clocks of the machine differ by less.
CLOCK_ERROR = timedelta(hours=1)


class RunProperties(TypedDict):
    """The results of a run, as plain data: pytest-xdist takes them from a worker to the controller.

    Attributes:
        nodeid: The test.
        run: The number of the run in the test, from 1.
        is_real: True if the clock of the run is that of the machine: the cloud is not the embedded one.
        computes: The number of computes.
        seed: The seed. None: the history has no ``run.started``.
        simulated_seconds: The time on the clock of the run, simulated or real, from the first to the last event.
        wall_seconds: The duration of the run on the clock of the machine.
        requests: The number of HTTP requests.
        downtime_seconds: The downtime of all services. None: no service was watched.
        outcome: The outcome of all claims together (a value of :class:`~pytest_doctor_maint.claims.Outcome`).
        broke_off: True if the run broke off before its end.
        claims: The number of claims, whatever their outcomes are.
        judged: The claims that hold or are violated.
        violated: The claims that are violated, those that were expected to be violated included.
        unknown: The claims that the history does not decide, those that could not be observed included.
        not_applicable: The claims that had nothing to judge.
        caught: The claims that are violated as expected.
        failed: The claims whose outcome is not the expected one.
        unobserved: The claims that could not be observed, because an actor or the cloud is elsewhere.
    """

    nodeid: str
    run: int
    is_real: bool
    computes: int
    seed: int | None
    simulated_seconds: float
    wall_seconds: float
    requests: int
    downtime_seconds: float | None
    outcome: str
    broke_off: bool
    claims: int
    judged: list[str]
    violated: list[str]
    unknown: list[str]
    not_applicable: list[str]
    caught: list[str]
    failed: list[str]
    unobserved: list[str]


def properties(
    judgement: Judgement,
    history: History,
    wall_seconds: float,
    requests: int,
    nodeid: str,
    *,
    run: int = 1,
    expected: Sequence[str] = (),
    broke_off: bool = False,
) -> RunProperties:
    """Return the results of a run.

    Args:
        judgement: The verdicts on ``history``.
        history: The history of the run.
        wall_seconds: The duration of the run on the clock of the machine.
        requests: The number of HTTP requests that the run made.
        nodeid: The test.
        run: The number of the run in the test, from 1.
        expected: The claims that must be violated, because the run shows a fault.
        broke_off: True if the run broke off before its end. What is unknown then is not listed.
    """
    events = history.events
    started = next((event.data for event in events if event.kind == kinds.RUN_STARTED), {})
    violated = _names(judgement.with_outcome(Outcome.VIOLATED))
    caught = [claim for claim in expected if claim in violated]
    failed = violated if broke_off else _names(each for each in judgement.failed() if not each.unobserved)
    return {
        "nodeid": nodeid,
        "run": run,
        "is_real": _is_real(history),
        "computes": len(started.get("computes", ())),
        "seed": started.get("seed"),
        "simulated_seconds": (events[-1].at - events[0].at).total_seconds() if events else 0.0,
        "wall_seconds": wall_seconds,
        "requests": requests,
        "downtime_seconds": _downtime(judgement),
        "outcome": judgement.outcome.value,
        "broke_off": broke_off,
        "claims": len(judgement.verdicts),
        "judged": _names(judgement.judged()),
        "violated": violated,
        "unknown": _names(judgement.with_outcome(Outcome.UNKNOWN)),
        "not_applicable": _names(judgement.not_applicable()),
        "caught": caught,
        "failed": [claim for claim in dict.fromkeys([*failed, *expected]) if claim not in caught],
        "unobserved": [] if broke_off else _names(judgement.unobserved()),
    }


def _is_real(history: History) -> bool:
    """Return True if the clock of a run is that of the machine, with which every event is stamped as well."""
    for started in history.of(kinds.RUN_STARTED)[:1]:
        return bool(started.data.get("cloud", EMBEDDED) != EMBEDDED)
    return any(abs(event.wall - event.at) < CLOCK_ERROR for event in history.events[:1])


def _names(verdicts: Iterable[Verdict]) -> list[str]:
    return [verdict.claim for verdict in verdicts]


def _downtime(judgement: Judgement) -> float | None:
    figures = (verdict.figures.get("total_outage_s") for verdict in judgement.verdicts)
    return next((seconds for seconds in figures if isinstance(seconds, int | float)), None)


def counts_of(run: RunProperties) -> str:
    """Return in words how many claims were judged, and how many had nothing to judge."""
    return counts(len(run["judged"]), run["claims"], len(run["not_applicable"]))


def judged_nothing(run: RunProperties) -> bool:
    """Return True if no claim had anything to judge, or one that was asked for by name had not."""
    return not run["judged"] or run["outcome"] == Outcome.NOT_APPLICABLE.value


def failures(run: RunProperties) -> dict[str, list[str]]:
    """Return the claims that fail, by what is wrong with each: violated, unknown, not applicable or not violated."""
    titles = dict.fromkeys(run["judged"], "not violated")
    for title, claims in (
        ("violated", run["violated"]),
        ("unknown", run["unknown"]),
        ("not applicable", run["not_applicable"]),
    ):
        titles |= dict.fromkeys(claims, title)
    found: dict[str, list[str]] = {}
    for claim in run["failed"]:
        found.setdefault(titles[claim], []).append(claim)
    return found


def merged(runs: Sequence[RunProperties]) -> list[RunProperties]:
    """Return one result for each run, in order: a test may judge a run several times, each time by other claims."""
    by_run: dict[int, RunProperties] = {}
    for run in runs:
        number = run["run"]
        by_run[number] = _both(by_run[number], run) if number in by_run else run
    return list(by_run.values())


def _both(one: RunProperties, other: RunProperties) -> RunProperties:
    def union(first: Sequence[str], second: Sequence[str]) -> list[str]:
        return list(dict.fromkeys([*first, *second]))

    judged, unknown = union(one["judged"], other["judged"]), union(one["unknown"], other["unknown"])
    not_applicable = union(one["not_applicable"], other["not_applicable"])
    downtime = one["downtime_seconds"] if other["downtime_seconds"] is None else other["downtime_seconds"]
    return {
        **other,
        "downtime_seconds": downtime,
        "outcome": Outcome.merge([Outcome(one["outcome"]), Outcome(other["outcome"])]).value,
        "broke_off": one["broke_off"] or other["broke_off"],
        "claims": len(union(union(judged, unknown), not_applicable)),
        "judged": judged,
        "violated": union(one["violated"], other["violated"]),
        "unknown": unknown,
        "not_applicable": not_applicable,
        "caught": union(one["caught"], other["caught"]),
        "failed": union(one["failed"], other["failed"]),
        "unobserved": union(one["unobserved"], other["unobserved"]),
    }
