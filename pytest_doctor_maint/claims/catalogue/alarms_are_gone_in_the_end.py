"""Who subscribed unsubscribes."""

from __future__ import annotations

from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, conclude, violation
from pytest_doctor_maint.history import History, kinds

CLAIM = "alarms_are_gone_in_the_end"


def check(history: History) -> Verdict:
    """At run.ended every alarm that was created has been deleted: those of the app managers and of the Inspector."""
    facts = index_of(history)
    end = facts.end
    created = facts.of(kinds.ALARM_CREATED)
    if not created:
        raise CannotTell("nobody ever created an alarm")
    deleted = {event.data["alarm_id"] for event in facts.of(kinds.ALARM_DELETED)}
    violations = [
        violation(
            f"the alarm {event.data['name']} of {facts.name(event.data['project_id'])} is still there in the end",
            facts.name(event.data["project_id"]),
            event,
            end,
        )
        for event in created
        if event.data["alarm_id"] not in deleted
    ]
    return conclude(CLAIM, violations, f"{len(created)} alarms, all deleted", {"alarms": len(created)})
