"""Actions on one server, and the wait for what they bring about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from openstack.exceptions import NotFoundException

from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.openstack.calls import change
from pytest_doctor_maint.openstack.servers import ServerState, get_server
from pytest_doctor_maint.openstack.waiters import WaitTimeoutError, wait_for
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Seconds after which an action on a server counts as failed.
PATIENCE = 600.0
#: The statuses of a server that is deleted, or will be without any further request.
GONE = ("DELETED", "SOFT_DELETED")


class NotEnded(SessionFailed):
    """What was waited for has not happened in time."""


class ServerActions:
    """Sends actions on servers to Nova. Servers may be deleted at any time.

    Args:
        connection: A connection with the admin role.
        clock: All waiting goes through this clock.
        interval: Seconds between two looks at a server.
    """

    def __init__(self, connection: Connection, clock: Clock, interval: float) -> None:
        self._connection = connection
        self._clock = clock
        self._interval = interval

    def look(self, server_id: str) -> ServerState | None:
        """Return the state of a server; None when it is gone."""
        try:
            server = get_server(self._connection, server_id)
        except NotFoundException:
            return None
        return None if server.status in GONE else server

    def act(self, server_id: str, action: Mapping[str, Any], is_taken: Callable[[], bool]) -> None:
        """Send an action to Nova, as often as is needed; nothing happens when the server is gone.

        Args:
            server_id: The server.
            action: The action: its name, and its value.
            is_taken: Returns True if Nova has begun with the action, or if the action is needed no more.

        Raises:
            openstack.exceptions.SDKException: Nova refused, or did not answer.
        """
        try:
            change(self._connection.compute, "POST", f"/servers/{server_id}/action", dict(action), is_taken=is_taken)
        except NotFoundException:
            # A 404 for another reason, such as an unknown action, is an error of Nova.
            if self.look(server_id) is not None:
                raise

    def wait_until(
        self, server_id: str, ready: Callable[[ServerState], bool], what: str, timeout: float = PATIENCE
    ) -> ServerState | None:
        """Wait until ``ready(server)``, and return the server; None when it is gone.

        Raises:
            NotEnded: The server is not ready after `timeout` seconds.
            SessionFailed: The server went to ERROR.
        """
        status = ""

        def look() -> tuple[ServerState | None] | None:
            nonlocal status
            server = self.look(server_id)
            if server is None or ready(server):
                return (server,)
            if server.status == "ERROR":
                raise SessionFailed(f"instance {server_id} went to ERROR during its {what}: {server.fault}")
            status = server.status
            return None

        def describe() -> str:
            return f"the {what} of instance {server_id} has not ended; the instance is {status}"

        try:
            (server,) = wait_for(self._clock, look, describe, timeout=timeout, interval=self._interval)
        except WaitTimeoutError as error:
            raise NotEnded(str(error)) from error
        return server
