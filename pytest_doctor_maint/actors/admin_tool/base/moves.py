"""Moves of instances: each is begun, and waited for until it has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from openstack.exceptions import HttpException, NotFoundException

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.actors.admin_tool.base.waiting import wait_or_fail
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.servers import ServerState, get_server
from pytest_doctor_maint.protocol import Action
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Seconds after which a move counts as failed.
PATIENCE = 600.0
#: Nova's names for a kind of move: the name of its instance action, and the type of its migration.
LIVE, COLD = ("live-migration", "live-migration"), ("migrate", "migration")
#: The statuses of a migration that did not take place.
MIGRATION_FAILED = ("error", "failed", "cancelled")


class MoveFailed(SessionFailed):
    """A move failed, and the instance runs where it was: it may be moved in another way."""


class Moves:
    """Moves instances for one session, and remembers which moves have not ended.

    Args:
        connection: A connection with the admin role.
        clock: All waiting goes through this clock.
        interval: Seconds between two polls of a server that moves.
    """

    def __init__(self, connection: Connection, clock: Clock, interval: float) -> None:
        self._connection = connection
        self._clock = clock
        self._interval = interval
        self._under_way: list[str] = []

    def move(self, instance: Instance, action: Action, target: str) -> None:
        """Move `instance` to the compute `target`, and wait until it is ACTIVE there.

        Raises:
            MoveFailed: The instance runs where it was; the message has the state or the error of Nova.
            SessionFailed: The instance could not be moved, and its state has changed.
        """
        self._under_way.append(instance.instance_id)
        try:
            if action is Action.LIVE_MIGRATE:
                self._begin(instance.instance_id, {"os-migrateLive": {"host": target, "block_migration": "auto"}})
                self._wait_until_moved(
                    instance, LIVE, lambda server: server.status == "ACTIVE" and server.host == target
                )
            else:
                self._begin(instance.instance_id, {"migrate": {"host": target}})
                self._wait_until_moved(instance, COLD, lambda server: server.status == "VERIFY_RESIZE")
                self.confirm(instance.instance_id)
        except MoveFailed:
            self._under_way.remove(instance.instance_id)
            raise
        self._under_way.remove(instance.instance_id)

    def confirm(self, instance_id: str) -> None:
        """Confirm a cold migration, and wait until the instance is ACTIVE.

        Raises:
            SessionFailed: Nova refused, or the instance did not become ACTIVE.
        """
        self._act(instance_id, {"confirmResize": None})
        self._wait_until(instance_id, lambda server: server.status == "ACTIVE", "confirmation")

    def wait_until_left(self, instance: Instance, due: datetime) -> None:
        """Wait until the project has taken `instance` off its compute.

        Raises:
            SessionFailed: The instance is still there at `due` (UTC).
        """

        def look() -> bool | None:
            server = self._server(instance.instance_id)
            return True if server is None or server.host != instance.host else None

        def describe() -> str:
            return (
                f"instance {instance.instance_id} is still on {instance.host}; its project chose OWN_ACTION, "
                f"until {due:%Y-%m-%d %H:%M:%S}"
            )

        wait_or_fail(self._clock, look, describe, timeout=self._clock.until(due), interval=self._interval)

    def settle(self) -> None:
        """End all moves that are under way: wait for each, and confirm the cold migrations.

        Raises:
            SessionFailed: A move does not end.
        """
        for instance_id in list(self._under_way):
            server = self._wait_until(instance_id, lambda server: server.task_state is None, "move")
            if server is not None and server.status == "VERIFY_RESIZE":
                self.confirm(instance_id)
            self._under_way.remove(instance_id)

    def _begin(self, instance_id: str, action: dict[str, Any]) -> None:
        self._act(instance_id, action, MoveFailed)

    def _act(self, instance_id: str, action: dict[str, Any], failure: type[SessionFailed] = SessionFailed) -> None:
        try:
            call(self._connection.compute, "POST", f"/servers/{instance_id}/action", action)
        except HttpException as error:
            raise failure(f"Nova refuses {next(iter(action))} of instance {instance_id}: {error}") from error

    def _wait_until_moved(
        self, instance: Instance, kind: tuple[str, str], arrived: Callable[[ServerState], bool]
    ) -> None:
        def ended(server: ServerState) -> bool:
            return arrived(server) or (server.task_state is None and self._has_failed(instance, *kind))

        server = self._wait_until(instance.instance_id, ended, kind[0])
        if server is None or not arrived(server):
            found = "gone" if server is None else f"{server.status} on {server.host}"
            as_before = server is not None and (server.status, server.host) == ("ACTIVE", instance.host)
            failure = MoveFailed if as_before else SessionFailed
            raise failure(
                f"the {kind[0]} of instance {instance.instance_id} from {instance.host} failed: it is {found}"
            )

    def _has_failed(self, instance: Instance, action: str, migration_type: str) -> bool:
        """Return True if the newest move of the instance failed.

        Nova accepts a move for which there is no room: only the instance action shows that it failed. A move that was
        aborted shows in its migration alone.
        """
        path = f"/servers/{instance.instance_id}/os-instance-actions"
        actions = call(self._connection.compute, "GET", path)["instanceActions"]
        newest = next((item for item in actions if item["action"] == action), None)
        if newest is not None and newest["message"] == "Error":
            return True
        found = call(self._connection.compute, "GET", "/os-migrations", instance_uuid=instance.instance_id)
        migrations = [item for item in found["migrations"] if item["migration_type"] == migration_type]
        last = max(migrations, key=lambda item: (item["created_at"], item["id"]), default=None)
        return last is not None and last["status"] in MIGRATION_FAILED

    def _wait_until(self, instance_id: str, ready: Callable[[ServerState], bool], what: str) -> ServerState | None:
        """Wait until ``ready(server)``, and return the server; None when it is gone.

        Raises:
            SessionFailed: The server went to ERROR, or is not ready after :data:`PATIENCE` seconds.
        """
        status = ""

        def look() -> tuple[ServerState | None] | None:
            nonlocal status
            server = self._server(instance_id)
            if server is None or ready(server):
                return (server,)
            if server.status == "ERROR":
                raise SessionFailed(f"instance {instance_id} went to ERROR during its {what}: {server.fault}")
            status = server.status
            return None

        def describe() -> str:
            return f"the {what} of instance {instance_id} has not ended; the instance is {status}"

        (server,) = wait_or_fail(self._clock, look, describe, timeout=PATIENCE, interval=self._interval)
        return server

    def _server(self, instance_id: str) -> ServerState | None:
        try:
            return get_server(self._connection, instance_id)
        except NotFoundException:
            return None
