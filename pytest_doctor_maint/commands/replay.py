"""``doctor-maint replay``: write a page that plays a saved history again."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_doctor_maint.history import History


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "replay",
        help="write a page that plays a saved history again",
        description="Write a run that was saved (pytest --maint-history=DIR) as one HTML page that plays it again in a "
        "browser, without a network: the computes with their instances, the windows, the messages, the outages and the "
        "violations at each moment. The exit code is 0 if the page was written, 2 if a file cannot be read or written.",
    )
    parser.add_argument("history", type=Path, metavar="FILE", help="the history, a file of JSON lines")
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
    from pytest_doctor_maint.claims import judge
    from pytest_doctor_maint.printable import printable
    from pytest_doctor_maint.registry import BrokenEntry
    from pytest_doctor_maint.report.replay import replay

    page: Path = options.output or options.history.with_suffix(".html")
    try:
        if page in (options.history, options.against):
            raise ValueError(f"--output {page} is a history; allowed: another file")
        history = _read(options.history)
        other = None if options.against is None else _read(options.against)
        judgements = judge(history), None if other is None else judge(other)
        page.write_text(replay(history, judgements[0], other, judgements[1]), encoding="utf-8")
    except (OSError, ValueError, BrokenEntry) as error:
        sys.stderr.write(f"doctor-maint replay: {printable(str(error))}\n")
        return 2
    sys.stdout.write(f"{printable(str(page))}\n")
    return 0


def _read(path: Path) -> History:
    """Return the history in a file; a last line that breaks off, as the recording did, is left out.

    Raises:
        ValueError: The file is not a history, or has no event.
        OSError: The file cannot be read.
    """
    from pytest_doctor_maint.history import History
    from pytest_doctor_maint.history.reading import read
    from pytest_doctor_maint.printable import printable

    recording = read(path)
    if not recording.events:
        raise ValueError(f"{path}, line 1: the history has no event")
    if recording.torn is not None:
        torn = f"{path}, line {recording.torn} breaks off, as the recording did; it is left out"
        sys.stderr.write(f"doctor-maint replay: note: {printable(torn)}\n")
    return History(events=recording.events)
