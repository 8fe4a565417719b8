"""Standard output that is closed or breaks, as on a full disk: the tests go on, and standard error says why."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO, TypeVar

import pytest

Result = TypeVar("Result")


class LastingOutput:
    """A text file whose trouble does not end pytest. What follows the first error is dropped.

    A pipe without a reader is left to pytest, which ends then.

    Args:
        file: The file; standard output.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._is_broken = False

    def write(self, text: str) -> int:
        """Write ``text``."""
        return self._try(lambda: self._file.write(text), len(text))

    def flush(self) -> None:
        """Write what is buffered."""
        self._try(self._file.flush, None)

    # Any: whatever pytest asks of a file.
    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def _try(self, step: Callable[[], Result], otherwise: Result) -> Result:
        if self._is_broken:
            return otherwise
        try:
            return step()
        except (BrokenPipeError, io.UnsupportedOperation):
            raise
        except OSError as error:
            self._is_broken = True
            # What is buffered must not fail again, at the latest when Python ends.
            with open(os.devnull, "w", encoding="utf-8") as nowhere:
                os.dup2(nowhere.fileno(), self._file.fileno())
                self._file.flush()
            sys.stderr.write(f"doctor-maint: cannot write to standard output: {error.strerror}; the tests go on\n")
            return otherwise


def open_if_closed() -> None:
    """Give pytest a standard output if it has none (``>&-``); called before pytest keeps the one that it finds."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until Python ends


def make_lasting(config: pytest.Config) -> None:
    """Let standard output last until the end of pytest; called before pytest makes its terminal reporter."""
    if hasattr(config, "workerinput"):
        return
    before = sys.stdout
    sys.stdout = LastingOutput(before)  # type: ignore[assignment,unused-ignore] # a file for all that pytest needs

    def restore() -> None:
        sys.stdout = before

    config.add_cleanup(restore)
