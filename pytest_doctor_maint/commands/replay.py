"""``doctor-maint replay``: write a page that plays a saved history again."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_doctor_maint.commands.saved_history import Done, add_arguments, carry_out, load


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "replay",
        help="write a page that plays a saved history again",
        description="Write a run that was saved (pytest --maint-history=DIR) as one HTML page that plays it again in a "
        "browser, without a network: the computes with their instances, the windows, the messages, the outages and the "
        "violations at each moment. The exit code is 0 if the page was written, 2 if a file cannot be read or written.",
    )
    add_arguments(parser)
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE2",
        help="show this history next to the first one, and mark where they differ first; ids, addresses and times may "
        "differ",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="PAGE",
        help="write the page to this file (default: FILE with .html in place of its suffix)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the page that `options` ask for, and return the exit code."""
    return carry_out("replay", "making the page", options.timeout, lambda: _write(options))


def _write(options: argparse.Namespace) -> Done:
    """Write the page, whose path is printed.

    Raises:
        ValueError: A file is not a history, or has no event, or the page would replace it.
        OSError: A file cannot be read or written.
    """
    from pytest_doctor_maint.claims import judge
    from pytest_doctor_maint.printable import printable
    from pytest_doctor_maint.report.replay import replay

    page: Path = options.output or options.history.with_suffix(".html")
    if page in (options.history, options.against):
        raise ValueError(f"--output {page} is a history; allowed: another file")
    history, torn = load(options.history)
    other, other_torn = (None, "") if options.against is None else load(options.against)
    judgements = judge(history), None if other is None else judge(other)
    page.write_text(replay(history, judgements[0], other, judgements[1]), encoding="utf-8")
    return Done(0, f"{printable(str(page))}\n", [torn, other_torn])
