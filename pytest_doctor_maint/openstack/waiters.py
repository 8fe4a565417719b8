"""Waiting for the cloud, on the clock of the run; openstacksdk's own waiters sleep on the machine's clock."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, TypeVar

from pytest_doctor_maint.openstack.servers import ServerState, get_server
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection

Found = TypeVar("Found")

#: Seconds between two polls by default.
INTERVAL = 1.0


class WaitError(Exception):
    """The awaited state can no longer occur; the message says what the state is instead."""


class WaitTimeoutError(WaitError):
    """The awaited state did not occur in time; the message says what the state was instead."""


def wait_for(
    clock: Clock,
    look: Callable[[], Found | None],
    describe: Callable[[], str] = lambda: "nothing was found",
    *,
    timeout: float | None,
    interval: float = INTERVAL,
) -> Found:
    """Call ``look()`` every ``interval`` seconds until it returns something, and return that.

    The last call is at the deadline.

    Args:
        clock: The clock on which to wait.
        look: Returns what is awaited, or None. An exception that it raises ends the wait.
        describe: Returns a sentence about the present state, for the message of :class:`WaitTimeoutError`.
        timeout: Seconds to wait; None for as long as it takes.
        interval: Seconds between two polls.

    Raises:
        WaitTimeoutError: ``look()`` returned nothing within ``timeout`` seconds.
    """
    waited = 0.0
    while (found := look()) is None:
        left = interval if timeout is None else timeout - waited
        if left <= 0:
            raise WaitTimeoutError(f"after {timeout:g} s {describe()}")
        pause = min(interval, left)
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
) -> ServerState:
    """Wait until the server has one of the statuses ``wanted`` and no task state, and return its state.

    Args:
        clock: The clock on which to wait.
        connection: A connection of the server's project, or of an admin.
        server_id: The server.
        wanted: Statuses of Nova (``ACTIVE``, ``VERIFY_RESIZE``, …).
        timeout: Seconds to wait.
        interval: Seconds between two polls.

    Raises:
        WaitTimeoutError: The server has none of the statuses after ``timeout`` seconds.
        WaitError: The server went to ERROR, which is not in ``wanted``.
        openstack.exceptions.NotFoundException: The server no longer exists.
    """
    seen: ServerState | None = None

    def look() -> ServerState | None:
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
    """Wait until the server no longer exists.

    Raises:
        WaitTimeoutError: The server still exists after ``timeout`` seconds.
    """
    from openstack.exceptions import NotFoundException

    seen: ServerState | None = None

    def look() -> bool | None:
        nonlocal seen
        try:
            seen = get_server(connection, server_id)
        except NotFoundException:
            return True
        return True if seen.status == "DELETED" else None

    wait_for(clock, look, lambda: _unlike(seen, ["gone"]), timeout=timeout, interval=interval)


def _unlike(seen: ServerState | None, wanted: Collection[str]) -> str:
    """Return a sentence that says how a server differs from what is wanted."""
    if seen is None:
        return f"no server was seen; wanted: {' or '.join(sorted(wanted))}"
    task = f", task {seen.task_state}" if seen.task_state else ""
    fault = f", fault {seen.fault.strip()!r}" if seen.fault else ""
    return f"server {seen.name} ({seen.id}) is {seen.status}{task}{fault}; wanted: {' or '.join(sorted(wanted))}"
