"""``doctor-maint judge``: judge a saved history, offline."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_doctor_maint.commands.saved_history import Done, add_arguments, carry_out, load


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "judge",
        help="judge a saved history",
        description="Judge the history that a run saved (pytest --maint-history=DIR): print which claims hold, and the "
        "evidence against the others. The exit code is 0 if all claims hold that have something to judge, 1 if one is "
        "violated or unknown, if a named one has nothing to judge, or if nothing was judged, 2 if the file cannot be "
        "judged. The file may come from anybody: each line is checked, and control characters are "
        "escaped.",
    )
    add_arguments(parser)
    parser.add_argument(
        "--claim", action="append", metavar="NAME", help="judge this claim only; may be given several times"
    )
    parser.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the timeline of the run into FILE")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judge the file that `options` name, and return the exit code."""
    return carry_out("judge", "judging", options.timeout, lambda: _judge(options), ", or fewer claims by --claim")


def _judge(options: argparse.Namespace) -> Done:
    """Judge the file, and draw it if that is asked for.

    Raises:
        ValueError: The file is not a history, or has no event, or there is no such claim.
        OSError: The file cannot be read, or the picture cannot be written.
    """
    from pytest_doctor_maint.claims import judge
    from pytest_doctor_maint.printable import lines
    from pytest_doctor_maint.report import counts, failure_text, timeline, to_json

    history, torn = load(options.history)
    judgement = judge(history, options.claim)
    if options.svg is not None:
        options.svg.write_text(timeline(history, judgement), encoding="utf-8")
    code = 0 if judgement.holds else 1
    if options.json:
        return Done(code, to_json(judgement) + "\n", [torn])
    verdicts = judgement.verdicts
    text = lines(f"{each.outcome.value:14}  {each.claim}: {each.summary}" for each in verdicts)
    text += f"\n\n{counts(len(judgement.judged()), len(verdicts), len(judgement.not_applicable()))}\n"
    if failure := failure_text(judgement, history, options.history):
        text += f"\n{failure}\n"
    return Done(code, text, [torn])
