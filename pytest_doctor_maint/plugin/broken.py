"""Runs that break off: what their test says, and the signals that break them off."""

from __future__ import annotations

import signal
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_doctor_maint.claims import Judgement
    from pytest_doctor_maint.testbed.result import RunBroken


def broken_text(broken: RunBroken, judgement: Judgement, path: Path | None) -> str:
    """Return what a run that broke off has to say: what broke first, the claims that fail, and where the history is.

    Args:
        broken: The run.
        judgement: The verdicts on its history.
        path: The file of the history; None if it is not saved.
    """
    from pytest_doctor_maint.claims import Outcome
    from pytest_doctor_maint.report import failure_text

    decided = replace(judgement, verdicts=judgement.judged())
    is_brief = bool(broken.result.exceptions)
    violated = failure_text(decided, broken.history, path, is_brief=is_brief) if decided.failed() else ""
    lines = [*broken.lines, *broken.others, "", "the claims on what happened until then:"]
    lines.append(violated or f"none of {len(decided.verdicts)} claims that can be decided is violated")
    undecided: dict[str, list[str]] = defaultdict(list)
    for verdict in judgement.verdicts:
        if verdict.outcome is Outcome.UNKNOWN:
            undecided[verdict.summary].append(verdict.claim)
    lines += [f"UNDECIDED, {reason}: {', '.join(claims)}" for reason, claims in undecided.items()]
    if broken.result.write_error is not None:
        lines.append(f"the history is incomplete: {broken.result.write_error}")
    return "\n".join(lines if violated else [*lines, f"history: {path or 'not saved'}"])


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM interrupt a run as Ctrl-C does, so that nothing is left behind.

    Signals belong to the main thread, and to whoever handles them already.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt("SIGTERM")

    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
