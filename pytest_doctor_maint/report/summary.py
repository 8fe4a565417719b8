"""A run as one row of a table, and the table of all runs at the end of the terminal report."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TypedDict

from pytest_doctor_maint.claims import Judgement, Outcome, Verdict
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.printable import printable
from pytest_doctor_maint.report.counts import counts

#: The longest line of text.
LINE = 120
HEADINGS = ("scenario", "computes", "simulated s", "wall s", "requests", "downtime s", "outcome")


class RunProperties(TypedDict):
    """The results of a run, as plain data: pytest-xdist takes them from a worker to the controller.

    Attributes:
        nodeid: The test.
        computes: The number of computes.
        seed: The seed. None: the history has no ``run.started``.
        simulated_seconds: The time on the clock of the run from the first to the last event.
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


def _names(verdicts: Iterable[Verdict]) -> list[str]:
    return [verdict.claim for verdict in verdicts]


def _downtime(judgement: Judgement) -> float | None:
    figures = (verdict.figures.get("total_outage_s") for verdict in judgement.verdicts)
    return next((seconds for seconds in figures if isinstance(seconds, int | float)), None)


def terminal_summary(runs: Sequence[RunProperties]) -> list[str]:
    """Return the lines for the end of the terminal report: a row per run, totals, and what was not observed.

    Args:
        runs: The results of each run, as :func:`properties` returns them.
    """
    if not runs:
        return []
    runs = sorted(runs, key=lambda run: run["nodeid"])
    rows = [_row(run) for run in runs]
    total = (
        f"{len(runs)} run{'' if len(runs) == 1 else 's'}",
        "",
        _seconds(sum(run["simulated_seconds"] for run in runs)),
        f"{sum(run['wall_seconds'] for run in runs):.2f}",
        str(sum(run["requests"] for run in runs)),
        _seconds(sum(run["downtime_seconds"] or 0.0 for run in runs)),
        _total(runs),
    )
    table = [HEADINGS, *rows, total]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADINGS))]
    last = len(HEADINGS) - 1

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.ljust(width) if column in (0, last) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    rule = "-" * len(line(["x" * width for width in widths]))
    shown = [line(HEADINGS), rule, *(line(row) for row in rows), rule, line(total), *_not_observed(runs)]
    return [printable(text) for text in shown]


def _row(run: RunProperties) -> tuple[str, ...]:
    downtime = run["downtime_seconds"]
    return (
        _title(run["nodeid"]),
        str(run["computes"]),
        _seconds(run["simulated_seconds"]),
        f"{run['wall_seconds']:.2f}",
        str(run["requests"]),
        "-" if downtime is None else _seconds(downtime),
        _outcome(run),
    )


def _outcome(run: RunProperties) -> str:
    failed, unobserved, caught = run["failed"], run["unobserved"], run["caught"]
    if run["broke_off"]:
        return f"broke off; violated: {', '.join(run['violated'])}" if run["violated"] else "broke off"
    if failed:
        text = _failed(run)
    elif _judged_nothing(run):
        text = f"judged nothing: {_counts(run)}"
    else:
        text = f"holds: {_counts(run)}" if run["not_applicable"] else f"{len(run['judged']) - len(caught)} claims hold"
        text = f"violated as expected: {', '.join(caught)}; {text.removeprefix('holds: ')}" if caught else text
    return f"{text}; {len(unobserved)} not observed" if unobserved else text


def _judged_nothing(run: RunProperties) -> bool:
    return not run["judged"] or run["outcome"] == Outcome.NOT_APPLICABLE.value


def _counts(run: RunProperties) -> str:
    return counts(len(run["judged"]), run["claims"], len(run["not_applicable"]))


def _failed(run: RunProperties) -> str:
    """Return the claims that fail, each under what is wrong with it."""
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
    return "; ".join(f"{title}: {', '.join(claims)}" for title, claims in found.items())


def _not_observed(runs: Sequence[RunProperties]) -> list[str]:
    """Return the claims that were not observed, in one paragraph for all runs in which they are the same."""
    by_claims: dict[tuple[str, ...], list[str]] = {}
    for run in runs:
        if run["unobserved"]:
            by_claims.setdefault(tuple(run["unobserved"]), []).append(_title(run["nodeid"]))
    lines = []
    for claims, titles in by_claims.items():
        text = f"not observed: {', '.join(claims)} (in {'; '.join(titles)})"
        lines += textwrap.wrap(text, LINE, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return lines


def _title(nodeid: str) -> str:
    """Return the name of the test as English, with its parameters."""
    name, bracket, parameters = nodeid.rpartition("::")[2].partition("[")
    return name.removeprefix("test_").replace("_", " ") + (f" [{parameters}" if bracket else "")


def _total(runs: Sequence[RunProperties]) -> str:
    failed = sum(1 for run in runs if run["broke_off"] or run["failed"] or _judged_nothing(run))
    if failed:
        return f"{failed} of {len(runs)} fail"
    which = "all claims"
    if any(run["unobserved"] for run in runs):
        which = "all observed claims"
    elif any(run["not_applicable"] for run in runs):
        which = "all judged claims"
    found = "; expected violations found" if any(run["caught"] for run in runs) else ""
    return f"{which} hold{found}"


def _seconds(value: float) -> str:
    return f"{value:.1f}"
