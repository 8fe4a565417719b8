"""What changes on a cloud that runs for a long time: written to a file at once, and not kept in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pytest_doctor_maint.history import History
from pytest_doctor_maint.history.header import header


class EventFile:
    """Writes each change as a line of a history, which ``History.load`` reads.

    Args:
        now: Return the time of the clock of the cloud (UTC).
        path: The file, which is overwritten.

    Raises:
        OSError: The file cannot be written.
    """

    def __init__(self, now: Callable[[], datetime], path: Path) -> None:
        self._now = now
        self._aliases: list[tuple[str, str]] = []
        self._count = 0
        self._lock = threading.Lock()
        self._file = path.open("w", encoding="utf-8")
        self._write(header())

    def alias(self, base_url: str, name: str) -> None:
        """Record ``http://NAME`` in place of ``base_url`` from now on."""
        self._aliases.append((base_url, name))

    def append(self, actor: str, kind: str, data: Mapping[str, Any]) -> None:
        """Write a change.

        Raises:
            OSError: The file cannot be written.
        """
        # A history of one event checks the event, and takes secrets out of it.
        one = History(self._now)
        for base_url, name in self._aliases:
            one.alias(base_url, name)
        event = one.append(actor, kind, data)
        with self._lock:
            if not self._file.closed:
                self._count += 1
                self._write(replace(event, seq=self._count, cause=None).to_json())

    def close(self) -> None:
        """Write no more."""
        with self._lock:
            self._file.close()

    def _write(self, line: str) -> None:
        self._file.write(line + "\n")
        self._file.flush()


class Forgetful:
    """Records nothing, so that a cloud may run for as long as it likes."""

    def alias(self, base_url: str, name: str) -> None:
        """Do nothing."""

    def append(self, actor: str, kind: str, data: Mapping[str, Any]) -> None:
        """Do nothing."""
