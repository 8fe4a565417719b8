"""The Inspector knows when a compute goes into maintenance and when it comes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, Violation, omission, violation
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import Step, step_of


@claim(topic=Topic.INSPECTOR, source="use case", needs=(kinds.NOTIFICATION, kinds.ALARM, HOST_MESSAGES))
def inspector_hears_of_maintenance(index: HistoryIndex) -> Verdict:
    """Each message about a compute reaches the Inspector once: IN_MAINTENANCE, then MAINTENANCE_COMPLETE, in pairs.

    If a session failed, a MAINTENANCE_COMPLETE may be missing.
    """
    if not index.messages.about_hosts:
        index.require_sessions()
    alarms = index.inspector.alarms
    return inspector_hears_of_maintenance.conclude(
        [*_arrivals(index), *_pairs(index)],
        f"the Inspector got {len(alarms)} messages, in pairs",
        {"alarms": len(alarms)},
        nothing="" if alarms or index.messages.about_hosts else "no message about a compute was sent",
    )


def _arrivals(index: HistoryIndex) -> Iterator[Violation]:
    alarms = index.inspector.alarms
    by_cause: dict[int | None, list[Event]] = defaultdict(list)
    numbers = {alarm.seq for alarm in alarms}
    for alarm in alarms:
        by_cause[alarm.cause].append(alarm)
    for message in index.messages.about_hosts:
        arrived = [message.event] if message.seq in numbers else by_cause[message.seq]
        if len(arrived) != 1:
            yield (violation if arrived else omission)(
                f"{message.word} of {message.host} reached the Inspector {len(arrived)} times; allowed: once",
                message.host,
                message.event,
                *arrived,
                *index.messages.refused_alarms(message.seq),
            )


def _pairs(index: HistoryIndex) -> Iterator[Violation]:
    entered: dict[str, Event] = {}
    for alarm in index.inspector.alarms:
        host, step = str(alarm.data.get("host")), step_of(str(alarm.data["state"]))
        if step is Step.IN_MAINTENANCE:
            if host in entered:
                yield violation(
                    f"the Inspector got IN_MAINTENANCE of {host} twice; allowed: MAINTENANCE_COMPLETE between them",
                    host,
                    entered[host],
                    alarm,
                )
            entered[host] = alarm
        elif step is Step.MAINTENANCE_COMPLETE and entered.pop(host, None) is None:
            yield violation(
                f"the Inspector got MAINTENANCE_COMPLETE of {host}; allowed: after its IN_MAINTENANCE", host, alarm
            )
    if any(session.failed is not None for session in index.sessions.values()):
        return
    for host, alarm in entered.items():
        yield omission(
            f"the Inspector got IN_MAINTENANCE of {host} and nothing after it; due: MAINTENANCE_COMPLETE", host, alarm
        )
