"""The progress of what runs in real time: a line that changes on a terminal, a plain line for each step elsewhere."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TextIO

from pytest_doctor_maint.history import Event
from pytest_doctor_maint.printable import LONGEST_LINE, shortened
from pytest_doctor_maint.report.progress import Progress

#: Seconds between two refreshes of the line on a terminal.
REFRESH = 1.0
#: Seconds without a step after which a plain line says that there is still progress.
SILENCE = 30.0
_ERASE = "\r\x1b[2K"


def is_terminal(stream: TextIO) -> bool:
    """Return True if a line that changes can be shown on a stream."""
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not os.environ.get("CI")


class Live:
    """Shows the progress, from entering to leaving the context. It never fails: a stream that breaks is left alone.

    Args:
        stream: Where it is shown.
        what: What a line begins with, such as ``doctor-maint``.
        progress: Follows the events.
        changes: True for a line that changes; by default if the stream is a terminal.
        silence: Seconds without a step after which a plain line is written; None: never.
        now: Return the time (UTC).
    """

    def __init__(
        self,
        stream: TextIO,
        what: str,
        progress: Progress,
        *,
        changes: bool | None = None,
        silence: float | None = SILENCE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._stream = stream
        self._what = what
        self._progress = progress
        self._changes = is_terminal(stream) if changes is None else changes
        self._silence = silence
        self._now = now
        self._step = ""
        self._is_shown = False
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._refresh, name="progress", daemon=True)

    def __enter__(self) -> Self:
        if self._changes or self._silence is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self.erase()

    def event(self, event: Event) -> None:
        """Take an event into account; a listener of a history."""
        with self._lock:
            step = self._progress.note(event)
            if not step or self._end.is_set():
                return
            self._step = step
            self._wake.set()
            if not self._changes:
                self._write(f"{self._text()}: {step}\n")

    def erase(self) -> None:
        """Erase the line that changes, before something else is written to the same terminal."""
        with self._lock:
            if self._is_shown:
                self._is_shown = False
                self._write(_ERASE)

    def _refresh(self) -> None:
        while True:
            self._wake.clear()
            # In this order: the end is set before the last wake.
            if self._end.is_set():
                return
            woken = self._wake.wait(REFRESH if self._changes else self._silence)
            with self._lock:
                if self._end.is_set():
                    return
                if self._changes:
                    self._is_shown = True
                    step = f": {self._step}" if self._step else ""
                    width = shutil.get_terminal_size().columns - 1
                    self._write(f"{_ERASE}{shortened(f'{self._text()}{step}', width)}")
                elif not woken:
                    self._write(f"{self._text()}: waiting\n")

    def _text(self) -> str:
        return f"{self._what}: {self._progress.line(self._now())}"

    def _write(self, text: str) -> None:
        """Write a text; called with the lock held."""
        try:
            self._stream.write(text if text.startswith(_ERASE) else f"{shortened(text.rstrip(), LONGEST_LINE)}\n")
            self._stream.flush()
        except (OSError, ValueError):
            # The reader has gone, or the stream is closed. What runs must not break for that.
            self._changes, self._silence = False, None
