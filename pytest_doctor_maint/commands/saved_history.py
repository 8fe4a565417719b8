"""What the commands that read a saved history share: the file, the time that they may take, and what they print."""

from __future__ import annotations

import argparse
import io
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pytest_doctor_maint.commands.arguments import positive_number
from pytest_doctor_maint.commands.process import say

if TYPE_CHECKING:
    from pytest_doctor_maint.history import History

#: The seconds that such a command may take. A right history of 10 MB (28,000 events) takes 3 s, one of 100 MB 18 s.
TIMEOUT = 300.0
#: Seconds after which it is said that the work goes on.
INTERVAL = 5.0

T = TypeVar("T")


class Done(NamedTuple):
    """What a command has done.

    Attributes:
        code: Its exit code.
        text: What it prints.
        notes: What is worth knowing, such as that a file breaks off; empty texts are left out.
    """

    code: int
    text: str
    notes: Sequence[str] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, and the time that the command may take."""
    parser.add_argument("history", type=Path, metavar="FILE", help="the history, a file of JSON lines")
    parser.add_argument(
        "--timeout",
        type=positive_number,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"give up after so many seconds, with exit code 2 (default: {TIMEOUT:g})",
    )


def carry_out(command: str, doing: str, seconds: float, work: Callable[[], Done], advice: str = "") -> int:
    """Do the work of a command, print what it returns, and return the exit code.

    A file that cannot be read or written, and work that takes too long, is one sentence, and the exit code is 2.

    Args:
        command: The name of the command.
        doing: The work as one word, such as ``judging``.
        seconds: The longest time, on the clock of the machine.
        work: What is done, in a thread that ends with the process.
        advice: What is allowed but for a longer time, if the work takes too long.
    """
    from pytest_doctor_maint.printable import printable
    from pytest_doctor_maint.registry import BrokenEntry

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # The encoding of a terminal need not have all letters of a name.
            stream.reconfigure(errors="backslashreplace")
    try:
        done = within(seconds, doing, f"more by --timeout{advice}", work)
    except (OSError, ValueError, BrokenEntry) as error:
        sys.stderr.write(f"doctor-maint {command}: {printable(str(error))}\n")
        return 2
    sys.stdout.write(done.text)
    sys.stderr.write("".join(f"doctor-maint {command}: note: {printable(note)}\n" for note in done.notes if note))
    return done.code


def load(path: Path) -> tuple[History, str]:
    """Return the history in a file, and a note about its last line if that breaks off, as the recording did.

    Raises:
        ValueError: The file is not a history, or has no event.
        OSError: The file cannot be read.
    """
    from pytest_doctor_maint.history import History
    from pytest_doctor_maint.history.reading import read

    recording = read(path)
    if not recording.events:
        raise ValueError(f"{path}, line 1: the history has no event")
    note = "" if recording.torn is None else f"line {recording.torn} breaks off, as the recording did; it is left out"
    return History(events=recording.events), f"{path}, {note}" if note else ""


def _wait_for(thread: threading.Thread, seconds: float) -> None:
    """Wait at most `seconds` for a thread, and say every few seconds that it still works."""
    began = monotonic()
    while thread.is_alive() and (left := began + seconds - monotonic()) > 0:
        thread.join(min(left, INTERVAL))
        if thread.is_alive() and left > INTERVAL:
            say(f"doctor-maint: still {thread.name} after {monotonic() - began:.0f} s (--timeout {seconds:g})")


def within(seconds: float, doing: str, advice: str, work: Callable[[], T]) -> T:
    """Return what `work` returns, if it takes no more than `seconds`.

    Args:
        seconds: The longest time, on the clock of the machine.
        doing: What takes longer then, for the message, such as ``judging``.
        advice: What is allowed then.
        work: What is done, in a thread that ends with the process.

    Raises:
        ValueError: It takes longer.
        Exception: What `work` raises.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=target, name=doing, daemon=True)
    thread.start()
    _wait_for(thread, seconds)
    if thread.is_alive():
        raise ValueError(f"{doing} takes longer than {seconds:g} s; allowed: {advice}")
    if errors:
        raise errors[0]
    return results[0]
