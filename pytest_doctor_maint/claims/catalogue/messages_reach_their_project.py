"""A message arrives at the project that it is for, and nowhere else."""

from __future__ import annotations

from collections import defaultdict

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, omission, violation
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import SCHEDULED_EVENT


@claim(topic=Topic.MESSAGES, source="use case", needs=(kinds.NOTIFICATION, kinds.ALARM))
def messages_reach_their_project(index: HistoryIndex) -> Verdict:
    """Each alarm belongs to the project in the event's project_id, and each message to a project arrives there once."""
    alarms = index.messages.alarms
    sent = [event for event in index.of(kinds.NOTIFICATION) if event.data["event_type"] == SCHEDULED_EVENT]
    nothing = "" if alarms or sent else "no message was sent, and none arrived"
    if nothing and index.of(kinds.REPLY):
        raise CannotTell(f"{nothing}, although projects replied")
    if nothing:
        index.require_sessions()
    violations: list[Violation] = []
    arrived: dict[int | None, list[Event]] = defaultdict(list)
    for alarm in alarms:
        if alarm.data["subscriber_id"] != alarm.data["project_id"]:
            subscriber = index.name(alarm.data["subscriber_id"])
            project = index.name(alarm.data["project_id"])
            violations.append(
                violation(
                    f"{subscriber} got {alarm.data['state']} for {project}; allowed: {project}", subscriber, alarm
                )
            )
        elif alarm.actor.startswith("app_manager"):
            arrived[alarm.cause].append(alarm)
    for event in sent:
        project = index.name(event.data["project_id"])
        times = len(arrived[event.seq])
        if times != 1:
            violations.append(
                (violation if times else omission)(
                    f"{event.data['state']} reached {project} {times} times; allowed: once",
                    project,
                    event,
                    *arrived[event.seq],
                    *index.messages.refused_alarms(event.seq),
                )
            )
    return messages_reach_their_project.conclude(
        violations, f"{len(sent)} messages, each arrived once", {"alarms": len(alarms)}, nothing
    )
