"""The Inspector knows when a compute goes out of use and when it is back."""

from __future__ import annotations

from collections import defaultdict

from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import Event, History
from pytest_doctor_maint.protocol import Step, step_of

CLAIM = "inspector_hears_of_maintenance"


def check(history: History) -> Verdict:
    """Every message about a compute reaches the Inspector once: IN_MAINTENANCE, then MAINTENANCE_COMPLETE, in pairs."""
    facts = index_of(history)
    if not facts.host_notices:
        _ = facts.some_sessions
    seen = facts.inspector_alarms
    violations: list[Violation] = []
    by_cause: dict[int | None, list[Event]] = defaultdict(list)
    for alarm in seen:
        by_cause[alarm.cause].append(alarm)
    for notice in facts.host_notices:
        arrived = by_cause[notice.seq] if notice.event not in seen else [notice.event]
        if len(arrived) != 1:
            violations.append(
                violation(
                    f"{notice.word} of {notice.host} reached the Inspector {len(arrived)} times; allowed: once",
                    notice.host,
                    notice.event,
                    *arrived,
                    *facts.refused_alarms(notice.seq),
                )
            )
    out: dict[str, Event] = {}
    for alarm in seen:
        host, step = str(alarm.data.get("host")), step_of(str(alarm.data["state"]))
        if step is Step.IN_MAINTENANCE:
            if host in out:
                violations.append(violation(f"the Inspector saw {host} IN_MAINTENANCE twice", host, out[host], alarm))
            out[host] = alarm
        elif step is Step.MAINTENANCE_COMPLETE and out.pop(host, None) is None:
            message = f"the Inspector saw {host} MAINTENANCE_COMPLETE, but not IN_MAINTENANCE before"
            violations.append(violation(message, host, alarm))
    failed = any(session.failed is not None for session in facts.sessions.values())
    for host, alarm in out.items():
        if not failed:
            violations.append(violation(f"the Inspector never saw {host} come back", host, alarm))
    return conclude(CLAIM, violations, f"the Inspector saw {len(seen)} messages, in pairs", {"alarms": len(seen)})
