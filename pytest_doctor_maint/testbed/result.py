"""What a run returns, and what it raises when it breaks off: both carry the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_doctor_maint.history import History
from pytest_doctor_maint.printable import printable
from pytest_doctor_maint.secret_keys import without_url_secrets


@dataclass(frozen=True, slots=True)
class Trouble:
    """What broke.

    Attributes:
        who: The actor or the cloud, with its address where the user gave one; empty if it is none of them.
        error: Its exception.
        text: The exception in words, with no address of this process in place of one that the user gave.
        tail: The lines of its traceback, without frames of this package, where they tell more than ``text``.
        times: The number of times that it happened.
    """

    who: str
    error: BaseException
    text: str
    tail: tuple[str, ...] = ()
    times: int = 1

    def __str__(self) -> str:
        return f"{self.who}: {self.text}" if self.who and self.who not in self.text else self.text

    @property
    def lines(self) -> list[str]:
        """The exception with its traceback, for a report."""
        often = f" ({self.times} times)" if self.times > 1 else ""
        return _safe([f"an exception in {self}{often}", *self.tail])


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a run.

    Attributes:
        history: Everything that happened.
        requests: The number of HTTP requests.
        wall_seconds: The seconds that the run took on the machine's clock.
        exceptions: The exceptions of actors, faults and other threads, each once, in the order of their first times.
        write_error: Why the file of the history is incomplete; None if it is not, or if there is none.
    """

    history: History
    requests: int
    wall_seconds: float
    write_error: OSError | None = None
    exceptions: tuple[Trouble, ...] = ()


class RunBroken(Exception):
    """A run that broke off before its end. The history up to then can be judged.

    Args:
        result: The history up to the break.
        first: What broke first.
        cause: What ended the run.
        left: What is left on a cloud that goes on running, each with the command that removes it.
    """

    def __init__(self, result: RunResult, first: Trouble, cause: Trouble, left: Sequence[str] = ()) -> None:
        self.result = result
        self.first = first
        self.cause = cause
        self.left = tuple(left)
        super().__init__("\n".join(self.lines))

    @property
    def history(self) -> History:
        """Everything that happened before the break."""
        return self.result.history

    @property
    def lines(self) -> list[str]:
        """What broke first, what ended the run, and what is left behind.

        Names that others chose are escaped, and the secrets in the URLs of actors are not shown.
        """
        lines = [f"the run broke off: {self.first}", *self.first.tail]
        if self.cause.error is not self.first.error:
            lines.append(f"the run ended with: {self.cause}")
        lines += [f"left behind: {each}" for each in self.left]
        return _safe(lines)

    @property
    def others(self) -> list[str]:
        """The exceptions of actors, faults and other threads after the first one."""
        others = (each for each in self.result.exceptions if each.error is not self.first.error)
        return [line for each in others for line in each.lines]


def _safe(lines: Sequence[str]) -> list[str]:
    return [printable(without_url_secrets(line)) for line in lines]


class RunInterrupted(RunBroken, KeyboardInterrupt):
    """A run that was interrupted, such as by Ctrl-C. It ends a run of pytest as any other interrupt does."""
