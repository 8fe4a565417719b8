"""A message arrives at the project that it is for, and nowhere else."""

from __future__ import annotations

from collections import defaultdict

from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.protocol import SCHEDULED_EVENT

CLAIM = "messages_reach_their_project"


def check(history: History) -> Verdict:
    """Every alarm was owned by the project in the event's ``project_id`` trait, and every message to a project arrived
    at its app manager, once.
    """
    facts = index_of(history)
    alarms = facts.alarms
    sent = [event for event in facts.of(kinds.NOTIFICATION) if event.data["event_type"] == SCHEDULED_EVENT]
    if not alarms and not sent:
        raise CannotTell("no message was sent, and none arrived")
    violations: list[Violation] = []
    arrived: dict[int | None, list[Event]] = defaultdict(list)
    for alarm in alarms:
        if alarm.data["subscriber_id"] != alarm.data["project_id"]:
            subscriber = facts.name(alarm.data["subscriber_id"])
            meant = facts.name(alarm.data["project_id"])
            violations.append(violation(f"{subscriber} got {alarm.data['state']} for {meant}", subscriber, alarm))
        elif alarm.actor.startswith("app_manager"):
            arrived[alarm.cause].append(alarm)
    for event in sent:
        project = facts.name(event.data["project_id"])
        times = len(arrived[event.seq])
        if times != 1:
            violations.append(
                violation(
                    f"{event.data['state']} reached {project} {times} times; allowed: once",
                    project,
                    event,
                    *arrived[event.seq],
                    *facts.refused_alarms(event.seq),
                )
            )
    return conclude(CLAIM, violations, f"{len(sent)} messages, each arrived once", {"alarms": len(alarms)})
