"""``doctor-maint judge``: judge a saved history, offline."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "judge",
        help="judge a saved history",
        description="Judge the history that a run saved (pytest --maint-history=DIR): print which claims hold, and the "
        "evidence against the others. The exit code is 0 if all claims hold, 1 if one is violated or unknown, 2 if the "
        "file cannot be judged.",
    )
    parser.add_argument("history", type=Path, metavar="FILE", help="the history, a file of JSON lines")
    parser.add_argument(
        "--claim", action="append", metavar="NAME", help="judge this claim only; may be given several times"
    )
    parser.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the timeline of the run into FILE")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judge the file that `options` name, and return the exit code."""
    from pytest_doctor_maint.claims import judge
    from pytest_doctor_maint.history import History
    from pytest_doctor_maint.registry import BrokenEntry
    from pytest_doctor_maint.report import failure_text, svg, to_json

    try:
        history = History.load(options.history)
        judgement = judge(history, options.claim)
        if options.svg is not None:
            options.svg.write_text(svg(history), encoding="utf-8")
    except (OSError, ValueError, BrokenEntry) as error:
        sys.stderr.write(f"doctor-maint judge: {error}\n")
        return 2
    if options.json:
        sys.stdout.write(to_json(judgement) + "\n")
        return 0 if judgement.holds else 1
    for verdict in judgement.verdicts:
        sys.stdout.write(f"{verdict.outcome.value:8}  {verdict.claim}: {verdict.summary}\n")
    if text := failure_text(judgement, history, options.history):
        sys.stdout.write(f"\n{text}\n")
    return 0 if judgement.holds else 1
