"""No thread of an actor in the test's process ends with an exception."""

from __future__ import annotations

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, violation
from pytest_doctor_maint.history import kinds


@claim(topic=Topic.HEALTH, source="this plugin", needs=(kinds.THREAD_DIED,))
def no_thread_died(index: HistoryIndex) -> Verdict:
    """No thread of an actor ends with an exception, during the run and after run.ended."""
    index.require_start()
    died = [event for event in index.all_events if event.kind == kinds.THREAD_DIED]
    violations = [
        violation(
            f"the thread {event.data['thread']} died: {event.data['error']}; allowed: no exception", event.actor, event
        )
        for event in died
    ]
    return no_thread_died.conclude(violations, "no thread died", {"died": len(died)})
