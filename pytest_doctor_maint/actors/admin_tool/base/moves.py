"""Moving an instance, and waiting until it has moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from openstack.exceptions import HttpException, NotFoundException

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.servers import ServerState, get_server
from pytest_doctor_maint.protocol import Action
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Clock seconds between two looks at a server that moves.
POLL = 2.0
#: Clock seconds after which a move counts as failed.
PATIENCE = 600.0
#: Nova's names for what a move is: its instance action, and the type of its migration.
LIVE, COLD = ("live-migration", "live-migration"), ("migrate", "migration")
#: Statuses of a migration that came to nothing.
CAME_TO_NOTHING = ("error", "failed", "cancelled")


class MoveFailed(SessionFailed):
    """A move came to nothing: the instance runs where it was, and may be moved in another way."""


class Moves:
    """Moves instances for one session, and remembers which of them are half way.

    Args:
        connection: A connection with the admin role.
        clock: Waits go through it.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._under_way: list[str] = []

    def move(self, instance: Instance, action: Action, target: str) -> None:
        """Move ``instance`` to the compute ``target`` and wait until it is ACTIVE there.

        Raises:
            MoveFailed: It is where it was; the message says what Nova says.
            SessionFailed: It could not be moved, and is not as it was.
        """
        self._under_way.append(instance.instance_id)
        try:
            if action is Action.LIVE_MIGRATE:
                self._begin(instance.instance_id, {"os-migrateLive": {"host": target, "block_migration": "auto"}})
                self._until(instance, LIVE, lambda server: server.status == "ACTIVE" and server.host == target)
            else:
                self._begin(instance.instance_id, {"migrate": {"host": target}})
                self._until(instance, COLD, lambda server: server.status == "VERIFY_RESIZE")
                self._confirm(instance.instance_id)
        except MoveFailed:
            self._under_way.remove(instance.instance_id)
            raise
        self._under_way.remove(instance.instance_id)

    def wait_until_left(self, instance: Instance, due: datetime) -> None:
        """Wait until the project has taken ``instance`` off its compute.

        Raises:
            SessionFailed: It is still there when ``due`` (UTC) has come.
        """
        while True:
            server = self._server(instance.instance_id)
            if server is None or server.host != instance.host:
                return
            if self._clock.now() >= due:
                raise SessionFailed(
                    f"instance {instance.instance_id} is still on {instance.host}; its project chose OWN_ACTION, "
                    f"until {due:%Y-%m-%d %H:%M:%S}"
                )
            self._clock.sleep(min(POLL, max(0.0, self._clock.until(due))))

    def settle(self) -> None:
        """Leave nothing half moved: wait for what is under way, and confirm what waits for it.

        Raises:
            SessionFailed: An instance does not settle.
        """
        for instance_id in list(self._under_way):
            server = self._poll(instance_id, lambda server: server.task_state is None, "settle")
            if server is not None and server.status == "VERIFY_RESIZE":
                self._confirm(instance_id)
            self._under_way.remove(instance_id)

    def _act(self, instance_id: str, action: dict[str, Any], failure: type[SessionFailed] = SessionFailed) -> None:
        try:
            call(self._connection.compute, "POST", f"/servers/{instance_id}/action", action)
        except HttpException as error:
            raise failure(f"Nova refuses {next(iter(action))} of instance {instance_id}: {error}") from error

    def _begin(self, instance_id: str, action: dict[str, Any]) -> None:
        self._act(instance_id, action, MoveFailed)

    def _confirm(self, instance_id: str) -> None:
        self._act(instance_id, {"confirmResize": None})
        self._poll(instance_id, lambda server: server.status == "ACTIVE", "confirmation")

    def _until(self, instance: Instance, kind: tuple[str, str], arrived: Callable[[ServerState], bool]) -> None:
        def over(server: ServerState) -> bool:
            return arrived(server) or (server.task_state is None and self._failed(instance, *kind))

        server = self._poll(instance.instance_id, over, kind[0])
        if server is None or not arrived(server):
            found = "gone" if server is None else f"{server.status} on {server.host}"
            as_before = server is not None and (server.status, server.host) == ("ACTIVE", instance.host)
            failure = MoveFailed if as_before else SessionFailed
            raise failure(
                f"the {kind[0]} of instance {instance.instance_id} from {instance.host} failed: it is {found}"
            )

    def _failed(self, instance: Instance, action: str, migration_type: str) -> bool:
        """Whether the newest move came to nothing. Nova accepts one that nothing fits: its instance action tells that
        it failed. Of one that was broken off only the migration tells.
        """
        path = f"/servers/{instance.instance_id}/os-instance-actions"
        actions = call(self._connection.compute, "GET", path)["instanceActions"]
        newest = next((item for item in actions if item["action"] == action), None)
        if newest is not None and newest["message"] == "Error":
            return True
        found = call(self._connection.compute, "GET", "/os-migrations", instance_uuid=instance.instance_id)
        migrations = [item for item in found["migrations"] if item["migration_type"] == migration_type]
        last = max(migrations, key=lambda item: (item["created_at"], item["id"]), default=None)
        return last is not None and last["status"] in CAME_TO_NOTHING

    def _poll(self, instance_id: str, ready: Callable[[ServerState], bool], what: str) -> ServerState | None:
        """Look until ``ready``; None when the server is gone."""
        started = self._clock.now()
        while True:
            server = self._server(instance_id)
            if server is None or ready(server):
                return server
            if server.status == "ERROR":
                raise SessionFailed(f"instance {instance_id} went to ERROR during its {what}: {server.fault}")
            if -self._clock.until(started) > PATIENCE:
                raise SessionFailed(
                    f"the {what} of instance {instance_id} took more than {PATIENCE:g} s; it is {server.status}"
                )
            self._clock.sleep(POLL)

    def _server(self, instance_id: str) -> ServerState | None:
        try:
            return get_server(self._connection, instance_id)
        except NotFoundException:
            return None
