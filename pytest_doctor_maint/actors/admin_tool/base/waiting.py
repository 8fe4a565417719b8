"""Waiting for the cloud within a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.openstack.waiters import WaitTimeoutError, wait_for
from pytest_doctor_maint.simtime.clock import Clock

Found = TypeVar("Found")


def wait_or_fail(
    clock: Clock,
    look: Callable[[], Found | None],
    describe: Callable[[], str],
    *,
    timeout: float,
    interval: float,
) -> Found:
    """Wait as :func:`~pytest_doctor_maint.openstack.waiters.wait_for` does; a timeout fails the session.

    Raises:
        SessionFailed: Nothing was found within `timeout` seconds; the message ends with ``describe()``.
    """
    try:
        return wait_for(clock, look, describe, timeout=timeout, interval=interval)
    except WaitTimeoutError as error:
        raise SessionFailed(str(error)) from error
