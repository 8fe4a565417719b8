"""One run of the test case: deploy, maintain, withdraw. It returns the history, and judges nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import perf_counter

from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack.transport import TransportError
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT
from pytest_doctor_maint.testbed.logged import noting_logged_exceptions
from pytest_doctor_maint.testbed.maintenance import Plan, maintain
from pytest_doctor_maint.testbed.result import RunBroken, RunInterrupted, RunResult
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.suitability import check_names
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import Topology
from pytest_doctor_maint.testbed.trouble import exceptions, trouble

#: Clock seconds in which an alarm is delivered, and after which a notification without an alarm counts as lost: a real
#: cloud under load is slow. Claims judge both.
DELIVERY, LOST = 1.0, 10.0
#: The notifications to which actors subscribe. The others are for the admin.
_ALARMED = (SCHEDULED_EVENT, HOST_EVENT)


def carry_out(topology: Topology, settings: TestbedSettings, plan: Plan | None = None) -> RunResult:
    """Run the test case once.

    Raises:
        UnsuitableCloud: The test case cannot run on these computes, or the scenario names what does not exist; nothing
            was started.
        TransportError: The message bus cannot be reached; nothing was started.
        RunBroken: The run broke off: an actor or the cloud failed, a session hangs, the clock cannot go on (a deadlock,
            a runaway, a thread that is stuck), or the run was interrupted (:class:`RunInterrupted`). It has the history
            up to then.
    """
    plan = plan or Plan()
    check_names(settings, topology, plan.sessions)
    began = perf_counter()
    testbed = Testbed(topology, settings)
    try:
        with noting_logged_exceptions(testbed.clock), testbed:
            testbed.deploy()
            for fault in plan.faults:
                testbed.arm(fault)
            maintain(testbed, plan)
            _wait_for_alarms(testbed)
            testbed.withdraw()
            testbed.history.append("harness", kinds.RUN_ENDED, {})
            testbed.seal()
    except (UnsuitableCloud, TransportError):
        raise
    except BaseException as error:
        raise _broken(testbed, testbed.broken or error, perf_counter() - began) from error
    return replace(testbed.seal(), wall_seconds=perf_counter() - began, exceptions=exceptions(testbed))


def _broken(testbed: Testbed, error: BaseException, seconds: float) -> RunBroken:
    """Return the exception of a run that ended with ``error``."""
    result = replace(testbed.seal(), wall_seconds=seconds, exceptions=exceptions(testbed))
    cause = trouble(testbed, error)
    first = next((trouble(testbed, each.error, each.name) for each in testbed.failures), cause)
    kind = RunInterrupted if isinstance(error, KeyboardInterrupt) else RunBroken
    return kind(result, first, cause, testbed.left)


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
