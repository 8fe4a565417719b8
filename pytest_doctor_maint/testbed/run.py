"""One run of the test case: deploy, maintain, withdraw. It returns the history, and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any

from pytest_doctor_maint.faults import Fault
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack.waiters import WaitTimeoutError, wait_for
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, to_wire
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import Topology

#: Clock seconds between two queries of a session, and after which a session counts as hanging.
INTERVAL, PATIENCE = 5.0, 7 * 86400.0
#: Clock seconds in which an alarm is delivered, and after which a notification without an alarm counts as lost: a real
#: cloud under load is slow. Claims judge both.
DELIVERY, LOST = 1.0, 10.0
#: The notifications to which actors subscribe. The others are for the admin.
_ALARMED = (SCHEDULED_EVENT, HOST_EVENT)
ENDED = ("MAINTENANCE_DONE", "MAINTENANCE_FAILED")


class SessionHangs(AssertionError):
    """A session neither ended nor failed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The sessions and faults of a run.

    Attributes:
        sessions: The computes of each session; one session with all computes when empty.
        metadata: The metadata of the sessions, which their messages carry.
        notice: Clock seconds between the admin's request and the start of maintenance; those of the admin tool's
            dialect when None.
        faults: The faults that are armed.
        actions: The action plug-ins that the admin asks for, if the admin tool runs plug-ins.
    """

    sessions: Sequence[Sequence[str]] = ()
    metadata: Mapping[str, Any] = field(default_factory=lambda: {"openstack_version": "2026.1"})
    notice: float | None = None
    faults: Sequence[Fault] = ()
    actions: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a run.

    Attributes:
        history: Everything that happened.
        requests: The number of HTTP requests.
        wall_seconds: The seconds that the run took on the machine's clock.
    """

    history: History
    requests: int
    wall_seconds: float


def carry_out(topology: Topology, settings: TestbedSettings, plan: Plan | None = None) -> RunResult:
    """Run the test case once.

    Raises:
        UnsuitableCloud: The test case cannot run on these computes; nothing was started.
        SessionHangs: A session did not end.
        ClockError: The run cannot go on (a deadlock, a runaway, a thread that is stuck).
    """
    plan = plan or Plan()
    began = perf_counter()
    with Testbed(topology, settings) as testbed:
        testbed.deploy()
        for fault in plan.faults:
            testbed.arm(fault)
        _maintain(testbed, plan)
        _wait_for_alarms(testbed)
        testbed.withdraw()
        testbed.history.append("harness", kinds.RUN_ENDED, {})
        history = testbed.history.snapshot()
        requests = testbed.clock.requests
    return RunResult(history, requests, perf_counter() - began)


def _maintain(testbed: Testbed, plan: Plan) -> None:
    """Create the sessions as the infrastructure admin does, wait for their ends, and delete them."""
    notice = testbed.dialect.notice if plan.notice is None else plan.notice
    starts = testbed.clock.now() + timedelta(seconds=notice)
    if starts.microsecond:
        # Times on the wire have whole seconds.
        starts = starts.replace(microsecond=0) + timedelta(seconds=1)
    paths = []
    for hosts in testbed.sessions(plan.sessions):
        body = {
            "state": "MAINTENANCE",
            "maintenance_at": to_wire(starts),
            "hosts": list(hosts),
            "metadata": dict(plan.metadata),
            "workflow": testbed.settings.workflow,
            **({"actions": [dict(action) for action in plan.actions]} if plan.actions else {}),
        }
        paths.append(f"/maintenance/{testbed.ask_admin_tool('POST', '/maintenance', body)['session_id']}")
    for path in paths:
        _wait_for_end(testbed, path)
    for path in paths:
        testbed.ask_admin_tool("DELETE", path)


def _wait_for_alarms(testbed: Testbed) -> None:
    """Wait until the last notifications have reached their alarms, which are deleted next."""
    deadline = testbed.clock.now() + timedelta(seconds=LOST)
    testbed.clock.sleep(DELIVERY)
    while _has_notification_under_way(testbed.history) and testbed.clock.now() < deadline:
        testbed.clock.sleep(DELIVERY)


def _has_notification_under_way(history: History) -> bool:
    """True if a notification has not reached an alarm."""
    arrived = {alarm.cause for alarm in history.of(kinds.ALARM)}
    notifications = history.of(kinds.NOTIFICATION)
    return any(each.seq not in arrived for each in notifications if each.data["event_type"] in _ALARMED)


def _wait_for_end(testbed: Testbed, path: str) -> None:
    state = ""

    def look() -> str | None:
        nonlocal state
        state = testbed.ask_admin_tool("GET", path)["state"]
        return state if state in ENDED else None

    try:
        wait_for(testbed.clock, look, lambda: f"the session is still in {state}", timeout=PATIENCE, interval=INTERVAL)
    except WaitTimeoutError as error:
        raise SessionHangs(str(error)) from None
