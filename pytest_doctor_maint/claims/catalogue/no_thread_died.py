"""No actor's thread ended with an exception."""

from __future__ import annotations

from pytest_doctor_maint.claims.verdict import Verdict, conclude, violation
from pytest_doctor_maint.history import History, kinds

CLAIM = "no_thread_died"


def check(history: History) -> Verdict:
    """Whether every thread of every actor ended in order. This looks past run.ended too."""
    died = history.of(kinds.THREAD_DIED)
    return conclude(
        CLAIM,
        [
            violation(f"the thread {event.data['thread']} died: {event.data['error']}", event.actor, event)
            for event in died
        ],
        holds="no thread died",
        figures={"died": len(died)},
    )
