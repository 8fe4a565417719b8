"""A saved history that a command reads, and the time that the command may take."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from pytest_doctor_maint.commands.process import say

if TYPE_CHECKING:
    from pytest_doctor_maint.history import History

#: Seconds after which it is said that the work goes on.
INTERVAL = 5.0

T = TypeVar("T")


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
