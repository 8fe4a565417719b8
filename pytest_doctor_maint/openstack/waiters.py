"""Waiting for the cloud, on the clock; openstacksdk's own waiters sleep on the machine's."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, TypeVar

from pytest_doctor_maint.openstack.servers import Server, get_server
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection

Found = TypeVar("Found")

#: Seconds between two looks, unless told otherwise.
INTERVAL = 1.0


class WaitError(Exception):
    """What was waited for cannot come any more; the message says what is there instead."""


class WaitTimeoutError(WaitError):
    """What was waited for did not come in time; the message says what was there instead."""


def wait_for(
    clock: Clock,
    look: Callable[[], Found | None],
    describe: Callable[[], str],
    *,
    timeout: float,
    interval: float = INTERVAL,
) -> Found:
    """Look, and look again every ``interval`` seconds, until ``look()`` finds something; give that.

    The last look is at the deadline itself.

    Args:
        clock: Waits.
        look: Gives what was waited for, or None.
        describe: What there is instead, for the message.
        timeout: Seconds to wait.
        interval: Seconds between two looks.

    Raises:
        WaitTimeoutError: Nothing was found within ``timeout`` seconds.
    """
    waited = 0.0
    while (found := look()) is None:
        if waited >= timeout:
            raise WaitTimeoutError(f"after {timeout:g} s {describe()}")
        pause = min(interval, timeout - waited)
        clock.sleep(pause)
        waited += pause
    return found


def wait_for_server(
    clock: Clock,
    connection: Connection,
    server_id: str,
    wanted: Collection[str],
    *,
    timeout: float,
    interval: float = INTERVAL,
) -> Server:
    """Wait until the server has one of the statuses ``wanted`` and Nova does nothing with it; give it as it is then.

    Args:
        clock: Waits.
        connection: The server's project's, or an admin's.
        server_id: The server.
        wanted: Statuses of Nova (``ACTIVE``, ``VERIFY_RESIZE``, …).
        timeout: Seconds to wait.
        interval: Seconds between two looks.

    Raises:
        WaitTimeoutError: It has none of them after ``timeout`` seconds.
        WaitError: It went to ERROR, and that was not wanted.
        openstack.exceptions.NotFoundException: It is gone.
    """
    seen: Server | None = None

    def look() -> Server | None:
        nonlocal seen
        seen = get_server(connection, server_id)
        if seen.status in wanted and seen.task_state is None:
            return seen
        if seen.status == "ERROR" and "ERROR" not in wanted:
            raise WaitError(_unlike(seen, wanted))
        return None

    return wait_for(clock, look, lambda: _unlike(seen, wanted), timeout=timeout, interval=interval)


def wait_for_gone(
    clock: Clock, connection: Connection, server_id: str, *, timeout: float, interval: float = INTERVAL
) -> None:
    """Wait until there is no such server any more.

    Raises:
        WaitTimeoutError: It is still there after ``timeout`` seconds.
    """
    from openstack.exceptions import NotFoundException

    seen: Server | None = None

    def look() -> bool | None:
        nonlocal seen
        try:
            seen = get_server(connection, server_id)
        except NotFoundException:
            return True
        return True if seen.status == "DELETED" else None

    wait_for(clock, look, lambda: _unlike(seen, ["gone"]), timeout=timeout, interval=interval)


def _unlike(seen: Server | None, wanted: Collection[str]) -> str:
    """How a server differs from what was wanted, in a sentence."""
    if seen is None:
        return f"no server was seen; wanted: {' or '.join(sorted(wanted))}"
    task = f", task {seen.task_state}" if seen.task_state else ""
    fault = f", fault {seen.fault.strip()!r}" if seen.fault else ""
    return f"server {seen.name} ({seen.id}) is {seen.status}{task}{fault}; wanted: {' or '.join(sorted(wanted))}"
