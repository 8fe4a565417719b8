"""What the commands that run until Ctrl-C share."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.clock import Failure

_ENDINGS = {signal.SIGINT, signal.SIGTERM}


def begin() -> None:
    """Keep Ctrl-C and SIGTERM for :func:`wait_for_the_end`; call it before there is any thread.

    Every thread inherits that, so nothing is interrupted half way, and there is no traceback.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")


def wait_for_the_end() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    signal.sigwait(_ENDINGS)


def ends_within(seconds: float) -> bool:
    """Wait for Ctrl-C or SIGTERM, at most so long; says whether one came."""
    return signal.sigtimedwait(_ENDINGS, seconds) is not None


def show(failure: Failure) -> None:
    """A fault of ours; whoever runs the command should see where."""
    say("".join(traceback.format_exception(failure.error)).rstrip())


def say(text: str) -> None:
    """Tell the user something; stdout is for what programs read."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Reads an argument that is a whole number from ``least`` to ``most``."""

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else -1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}, not {text!r}")
        return number

    return read
