"""What is said of a run in one row, and the table of all runs at the end."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_doctor_maint.claims import Judgement, Outcome
from pytest_doctor_maint.history import History, kinds

#: How long a line of text is.
LINE = 120
HEADINGS = ("scenario", "computes", "simulated s", "wall s", "requests", "downtime s", "outcome")


def properties(
    judgement: Judgement,
    history: History,
    wall_seconds: float,
    requests: int,
    nodeid: str,
    *,
    expected: Sequence[str] = (),
) -> dict[str, Any]:
    """What a run came to, as plain data that survives the way from a worker of pytest-xdist.

    Args:
        judgement: The verdicts on ``history``.
        history: What happened.
        wall_seconds: How long the run took on the machine's clock.
        requests: How many HTTP requests it made.
        nodeid: The test.
        expected: The claims that are to be violated: the run shows a fault.

    Returns:
        ``nodeid``, ``computes``, ``simulated_seconds`` (the clock's time from the first to the last event),
        ``wall_seconds``, ``requests``, ``downtime_seconds`` (None when no service was watched), ``outcome``, ``seed``,
        ``claims`` (how many were judged), ``caught`` (the names of those that are violated, as expected), ``failed``
        (those that are not as expected) and ``unobserved`` (those that nobody could see, because an actor or the cloud
        is elsewhere).
    """
    events = history.events
    started = next((event.data for event in events if event.kind == kinds.RUN_STARTED), {})
    downtime = [verdict.figures.get("total_outage_s") for verdict in judgement.verdicts]
    violated = [verdict.claim for verdict in judgement.verdicts if verdict.outcome is Outcome.VIOLATED]
    caught = [claim for claim in expected if claim in violated]
    failed = [verdict.claim for verdict in judgement.failed() if not verdict.unobserved]
    return {
        "nodeid": nodeid,
        "computes": len(started.get("computes", ())),
        "seed": started.get("seed"),
        "simulated_seconds": (events[-1].at - events[0].at).total_seconds() if events else 0.0,
        "wall_seconds": wall_seconds,
        "requests": requests,
        "downtime_seconds": next((seconds for seconds in downtime if seconds is not None), None),
        "outcome": judgement.outcome.value,
        "claims": len(judgement.verdicts),
        "caught": caught,
        "failed": [claim for claim in dict.fromkeys([*failed, *expected]) if claim not in caught],
        "unobserved": [verdict.claim for verdict in judgement.unobserved()],
    }


def terminal_summary(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The lines for the end of a terminal report: a row per run, totals, and what could not be observed.

    Args:
        runs: What :func:`properties` gave for each run.
    """
    if not runs:
        return []
    runs = sorted(runs, key=lambda run: str(run["nodeid"]))
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
    return [line(HEADINGS), rule, *(line(row) for row in rows), rule, line(total), *_unobserved(runs)]


def _row(run: Mapping[str, Any]) -> tuple[str, ...]:
    downtime = run["downtime_seconds"]
    return (
        _title(str(run["nodeid"])),
        str(run["computes"]),
        _seconds(run["simulated_seconds"]),
        f"{run['wall_seconds']:.2f}",
        str(run["requests"]),
        "-" if downtime is None else _seconds(downtime),
        _outcome(run),
    )


def _outcome(run: Mapping[str, Any]) -> str:
    failed, unobserved, caught = list(run["failed"]), list(run["unobserved"]), list(run["caught"])
    said = f"{run['claims'] - len(unobserved) - len(caught)} claims hold"
    if failed:
        said = f"{run['outcome']}: {', '.join(failed)}"
    elif caught:
        said = f"caught: {', '.join(caught)}; {said}"
    return f"{said}; {len(unobserved)} could not be observed" if unobserved else said


def _unobserved(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """What nobody could see, in a paragraph for all runs in which it is the same."""
    by_claims: dict[tuple[str, ...], list[str]] = {}
    for run in runs:
        if run["unobserved"]:
            by_claims.setdefault(tuple(run["unobserved"]), []).append(_title(str(run["nodeid"])))
    lines = []
    for claims, titles in by_claims.items():
        text = f"could not observe {', '.join(claims)} ({'; '.join(titles)})"
        lines += textwrap.wrap(text, LINE, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return lines


def _title(nodeid: str) -> str:
    """The test's own name as English, with its parameters."""
    name, bracket, parameters = nodeid.rpartition("::")[2].partition("[")
    return name.removeprefix("test_").replace("_", " ") + (f" [{parameters}" if bracket else "")


def _total(runs: Sequence[Mapping[str, Any]]) -> str:
    failed = sum(
        1
        for run in runs
        if run["failed"] or (run["outcome"] != Outcome.HOLDS.value and not run["unobserved"] and not run["caught"])
    )
    if failed:
        return f"{failed} of {len(runs)} fail"
    said = "all hold" if not any(run["caught"] for run in runs) else "all hold, but for what was to be caught"
    return f"{said}, as far as could be observed" if any(run["unobserved"] for run in runs) else said


def _seconds(value: float) -> str:
    return f"{value:.1f}"
