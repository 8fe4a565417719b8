"""An actor that subscribed to alarms unsubscribes."""

from __future__ import annotations

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, violation
from pytest_doctor_maint.history import kinds


@claim(topic=Topic.SESSIONS, source="Doctor's test suite", needs=(kinds.ALARM_CREATED, kinds.ALARM_DELETED))
def alarms_are_gone_in_the_end(index: HistoryIndex) -> Verdict:
    """At run.ended every alarm that was created has been deleted: those of the app managers and of the Inspector."""
    end = index.require_end()
    created = index.of(kinds.ALARM_CREATED)
    if not created and index.messages.alarms:
        raise CannotTell("alarms arrived, and the history does not show their creation")
    deleted = {event.data["alarm_id"] for event in index.of(kinds.ALARM_DELETED)}
    violations = [
        violation(
            f"the alarm {event.data['name']} of {index.name(event.data['project_id'])} was not deleted; due: deleted "
            "in the end",
            index.name(event.data["project_id"]),
            event,
            end,
        )
        for event in created
        if event.data["alarm_id"] not in deleted
    ]
    return alarms_are_gone_in_the_end.conclude(
        violations,
        f"{len(created)} alarms, all deleted",
        {"alarms": len(created)},
        nothing="" if created else "no alarm was created",
    )
