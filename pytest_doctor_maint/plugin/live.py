"""The progress of runs in real time, on the terminal of pytest in spite of its capturing."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import pytest

if TYPE_CHECKING:
    from pytest_doctor_maint.history import Event

_TERMINAL = pytest.StashKey[TextIO]()


def keep_terminal(config: pytest.Config) -> None:
    """Keep the terminal that pytest was started on; called while pytest is configured, before it captures any test.

    A worker of pytest-xdist talks to its controller through its standard output, and has the terminal as its standard
    error alone.
    """
    stream = sys.stderr if hasattr(config, "workerinput") else sys.stdout
    try:
        copy = os.dup(stream.fileno())
    except (AttributeError, OSError, io.UnsupportedOperation):
        # pytest within pytest has no terminal.
        return
    config.stash[_TERMINAL] = terminal = open(copy, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    config.add_cleanup(terminal.close)


@contextmanager
def showing_progress(config: pytest.Config) -> Iterator[Callable[[Event], object]]:
    """Show the progress of a run in real time; yield what must be called with each event.

    Args:
        config: The configuration of pytest.
    """
    from pytest_doctor_maint.report.live import Live
    from pytest_doctor_maint.report.progress import Progress

    terminal = config.stash.get(_TERMINAL, None)
    if terminal is None or config.get_verbosity() < -1:
        yield lambda event: None
        return
    # pytest has begun a line with the file of the test.
    terminal.write("\n")
    with Live(terminal, "doctor-maint", Progress()) as live:
        yield live.event
