"""``doctor-maint judge``: judge a saved history, offline."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from pytest_doctor_maint.commands.arguments import positive_number
from pytest_doctor_maint.commands.saved_history import load, within

#: The seconds that judging may take. A right history of 10 MB (28,000 events) takes 3 s, one of 100 MB 18 s.
TIMEOUT = 300.0


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
    parser.add_argument("history", type=Path, metavar="FILE", help="the history, a file of JSON lines")
    parser.add_argument(
        "--claim", action="append", metavar="NAME", help="judge this claim only; may be given several times"
    )
    parser.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the timeline of the run into FILE")
    parser.add_argument(
        "--timeout",
        type=positive_number,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"give up after so many seconds, with exit code 2 (default: {TIMEOUT:g})",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judge the file that `options` name, and return the exit code."""
    from pytest_doctor_maint.printable import printable
    from pytest_doctor_maint.registry import BrokenEntry

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # The encoding of a terminal need not have all letters of a name.
            stream.reconfigure(errors="backslashreplace")
    try:
        advice = "more by --timeout, or fewer claims by --claim"
        code, text, notes = within(options.timeout, "judging", advice, lambda: _judge(options))
    except (OSError, ValueError, BrokenEntry) as error:
        sys.stderr.write(f"doctor-maint judge: {printable(str(error))}\n")
        return 2
    sys.stdout.write(text)
    sys.stderr.write(notes)
    return code


def _judge(options: argparse.Namespace) -> tuple[int, str, str]:
    """Return the exit code, the text for stdout and the notes for stderr.

    Raises:
        ValueError: The file is not a history, or has no event, or there is no such claim.
        OSError: The file cannot be read, or the picture cannot be written.
    """
    from pytest_doctor_maint.claims import judge
    from pytest_doctor_maint.printable import lines, printable
    from pytest_doctor_maint.report import counts, failure_text, timeline, to_json

    history, torn = load(options.history)
    judgement = judge(history, options.claim)
    if options.svg is not None:
        options.svg.write_text(timeline(history, judgement), encoding="utf-8")
    code = 0 if judgement.holds else 1
    note = f"doctor-maint judge: note: {printable(torn)}\n" if torn else ""
    if options.json:
        return code, to_json(judgement) + "\n", note
    verdicts = judgement.verdicts
    text = lines(f"{each.outcome.value:14}  {each.claim}: {each.summary}" for each in verdicts)
    text += f"\n\n{counts(len(judgement.judged()), len(verdicts), len(judgement.not_applicable()))}\n"
    if failure := failure_text(judgement, history, options.history):
        text += f"\n{failure}\n"
    return code, text, note
