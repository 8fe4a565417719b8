"""A process that serves until Ctrl-C or SIGTERM: its signals, its output and its end."""

from __future__ import annotations

import logging
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, Protocol

from pytest_doctor_maint.openstack.redaction import keep_secrets_out_of_the_log
from pytest_doctor_maint.printable import printable

if TYPE_CHECKING:
    from pytest_doctor_maint.history import History
    from pytest_doctor_maint.report.live import Live
    from pytest_doctor_maint.report.progress import Progress
    from pytest_doctor_maint.simtime.clock import Clock, Failure

_ENDINGS = {signal.SIGINT, signal.SIGTERM}

#: Reports wrong arguments on stderr and ends the process with code 2.
UsageError = Callable[[str], NoReturn]


#: The progress that is shown on stderr, if any.
_shown: list[Live] = []


class Server(Protocol):
    """A server: the embedded cloud, or an actor."""

    def stop(self) -> None:
        """Accept no more requests."""

    def join(self) -> None:
        """Wait for the last handlers; called after the clock was stopped."""


def begin() -> None:
    """Keep Ctrl-C and SIGTERM for :func:`wait_for_the_end`; call this before the process has any thread.

    Every thread inherits the blocked signals, so that nothing is interrupted half-way, and no traceback is printed.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    keep_secrets_out_of_the_log()


def wait_for_the_end() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    signal.sigwait(_ENDINGS)


def ends_within(seconds: float) -> bool:
    """Wait at most `seconds` for Ctrl-C or SIGTERM, and return True if one came."""
    return signal.sigtimedwait(_ENDINGS, seconds) is not None


def end(command: str, clock: Clock, server: Server) -> None:
    """Stop a server and its clock, and wait for the last handlers. A thread that does not end is reported.

    Such a thread most likely waits for an answer of a cloud. It ends with the process.

    Args:
        command: The subcommand, for the report.
        clock: The clock of the server.
        server: The server.
    """
    try:
        server.stop()
        clock.stop()
        server.join()
    except RuntimeError as error:
        say(f"doctor-maint {command}: {error}")


@contextmanager
def showing_progress(command: str, history: History, progress: Progress) -> Iterator[None]:
    """Show on stderr what the command does: a line that changes on a terminal, a line for each step elsewhere.

    Args:
        command: The subcommand.
        history: Where the events of the command are recorded.
        progress: Follows them.
    """
    from pytest_doctor_maint.report.live import Live

    # The command serves until it is ended: elsewhere than on a terminal it says nothing when nothing happens.
    with Live(sys.stderr, f"doctor-maint {command}", progress, silence=None) as live:
        history.subscribe(live.event)
        _shown.append(live)
        try:
            yield
        finally:
            _shown.remove(live)


def _erase_progress() -> None:
    for live in _shown:
        live.erase()


def write(lines: str) -> None:
    """Write what programs read to stdout, at once."""
    _erase_progress()
    sys.stdout.write(lines)
    sys.stdout.flush()


def say(text: str) -> None:
    """Write a message for the user to stderr. Control characters in its lines are escaped."""
    _erase_progress()
    sys.stderr.write("\n".join(map(printable, text.split("\n"))) + "\n")
    sys.stderr.flush()


def show(failure: Failure) -> None:
    """Show the traceback of a thread that died, which is an error in this package."""
    say("".join(traceback.format_exception(failure.error)).rstrip())
