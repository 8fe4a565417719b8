"""Moves of instances: each is begun, and waited for until it has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from openstack.exceptions import BadRequestException, HttpException, NotFoundException, SDKException

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.base.server_actions import PATIENCE, NotEnded, ServerActions
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.actors.admin_tool.base.waiting import wait_or_fail
from pytest_doctor_maint.openstack.calls import call, change, may_pass
from pytest_doctor_maint.openstack.servers import ServerState
from pytest_doctor_maint.protocol import Action
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Seconds in which an aborted live migration must have ended.
ABORT_PATIENCE = 60.0
#: Nova's names for a kind of move: the name of its instance action, and the type of its migration.
LIVE, COLD = ("live-migration", "live-migration"), ("migrate", "migration")
#: The statuses of a migration after which the instance is where it was.
MIGRATION_FAILED = ("error", "failed", "cancelled", "reverted")
#: The statuses in which Nova allows only one kind of move, whatever was agreed on: nothing runs in a stopped instance,
#: and a paused one would lose its memory.
ONLY = {"SHUTOFF": Action.MIGRATE, "PAUSED": Action.LIVE_MIGRATE}
#: The statuses in which Nova moves no instance, and out of which the admin tool cannot take it, since that would end
#: what its project does with it.
UNMOVABLE = ("ERROR", "RESCUE", "UNKNOWN")


class MoveFailed(SessionFailed):
    """A move failed, and the instance runs where it was: it may be moved in another way."""


class Moves:
    """Moves instances for one session, and remembers which moves have not ended.

    An instance is the same afterwards as it was: active, stopped, paused, suspended or locked. Others may act on it
    meanwhile: an instance that was deleted or has left its compute is moved, and a migration may be confirmed or
    reverted by anybody.

    Source of the states that can be moved: ``check_instance_state`` of ``resize`` and ``live_migrate`` in Nova's
    ``compute/api.py``. A locked instance is locked for its project alone.

    Args:
        connection: A connection with the admin role.
        clock: All waiting goes through this clock.
        interval: Seconds between two polls of a server that moves.

    Attributes:
        not_needed: The ids of the instances that this session need not have moved.
    """

    def __init__(self, connection: Connection, clock: Clock, interval: float) -> None:
        self._connection = connection
        self._clock = clock
        self._interval = interval
        self._servers = ServerActions(connection, clock, interval)
        self.not_needed: set[str] = set()
        self._under_way: list[str] = []
        self._resumed: list[str] = []

    def move(self, instance: Instance, action: Action, target: str) -> None:
        """Move `instance` to the compute `target`, and wait until it is there as it was before.

        An instance that is gone, or has left its compute, is in `not_needed` then.

        Raises:
            MoveFailed: The instance is where it was, in the same state; the message has the state or Nova's error.
            SessionFailed: The instance could not be moved, and its state may have changed.
        """
        self._under_way.append(instance.instance_id)
        try:
            if not self._move(instance, action, target):
                self.not_needed.add(instance.instance_id)
        except MoveFailed:
            self._end(instance.instance_id)
            raise
        self._end(instance.instance_id)

    def confirm(self, instance_id: str) -> None:
        """Confirm a cold migration, unless somebody else does, and wait until the instance is at rest.

        Raises:
            SessionFailed: Nova refused, or the instance did not come to rest.
        """

        def is_taken() -> bool:
            server = self._servers.look(instance_id)
            return server is None or server.status != "VERIFY_RESIZE"

        try:
            self._servers.act(instance_id, {"confirmResize": None}, is_taken)
        except BadRequestException:
            # Somebody else confirms or reverts it at this moment; the wait shows how that ends.
            pass
        except SDKException as error:
            raise SessionFailed(f"Nova refuses confirmResize of instance {instance_id}: {error}") from error
        self._servers.wait_until(instance_id, lambda server: server.is_at_rest, "confirmation")

    def wait_until_left(self, instance: Instance, due: datetime) -> None:
        """Wait until the project has taken `instance` off its compute.

        Raises:
            SessionFailed: The instance is still there at `due` (UTC).
        """

        def look() -> bool | None:
            server = self._servers.look(instance.instance_id)
            return True if server is None or server.host != instance.host else None

        def describe() -> str:
            return (
                f"instance {instance.instance_id} is still on {instance.host}; its project chose OWN_ACTION, "
                f"until {due:%Y-%m-%d %H:%M:%S}"
            )

        wait_or_fail(self._clock, look, describe, timeout=self._clock.until(due), interval=self._interval)

    def settle(self) -> None:
        """End all moves that are under way: abort the live migrations, and confirm the cold ones.

        Raises:
            SessionFailed: A move does not end; all others have.
        """
        reasons = []
        for instance_id in list(self._under_way):
            try:
                self._abort(instance_id)
                server = self._servers.wait_until(instance_id, lambda server: server.task_state is None, "move")
                if server is not None and server.status == "VERIFY_RESIZE":
                    self.confirm(instance_id)
                self._end(instance_id)
            except (SessionFailed, SDKException) as error:
                reasons.append(str(error))
        if reasons:
            raise SessionFailed("; ".join(reasons))

    # -- one move ----------------------------------------------------------------------------------------------------

    def _move(self, instance: Instance, action: Action, target: str) -> bool:
        """Move an instance; return False if there was nothing to move."""
        instance_id = instance.instance_id
        while True:
            before = self._servers.wait_until(instance_id, lambda server: server.is_at_rest, "earlier action")
            if before is None or before.host != instance.host:
                return False
            if before.status in UNMOVABLE:
                raise SessionFailed(f"Nova moves no instance in {before.status}: {instance_id} on {instance.host}")
            if before.status == "SHELVED":
                # Nothing of it runs, and an instance that is on no compute need not leave one.
                self._change(before, "shelveOffload", lambda server: server.host != instance.host)
            elif before.status == "SUSPENDED":
                # Its memory is a file on its compute, which Nova does not move.
                self._resumed.append(instance_id)
                self._change(before, "resume", lambda server: server.status == "ACTIVE" and server.is_at_rest)
            else:
                kind = LIVE if ONLY.get(before.status, action) is Action.LIVE_MIGRATE else COLD
                if self._begin(before, kind, target):
                    return self._finish(instance, before, kind)

    def _begin(self, before: ServerState, kind: tuple[str, str], target: str) -> bool:
        """Begin a move; return False if the instance is in another state by now, so that another kind may be due."""
        body = (
            {"os-migrateLive": {"host": target, "block_migration": "auto"}}
            if kind is LIVE
            else {"migrate": {"host": target}}
        )
        has_changed = False

        def is_taken() -> bool:
            nonlocal has_changed
            server = self._servers.look(before.id)
            if server is None or server.host != before.host or server.is_moving:
                return True
            has_changed = server.is_at_rest and server.status != before.status
            return has_changed

        try:
            self._servers.act(before.id, body, is_taken)
        except HttpException as error:
            # What Nova may have begun is waited for when the session fails.
            failure = SessionFailed if may_pass(error) else MoveFailed
            raise failure(f"Nova refuses {next(iter(body))} of instance {before.id}: {error}") from error
        return not has_changed

    def _finish(self, instance: Instance, before: ServerState, kind: tuple[str, str]) -> bool:
        """Wait until a move has ended, and return True if the instance was moved.

        Raises:
            MoveFailed: See :meth:`move`.
            SessionFailed: See :meth:`move`.
        """
        instance_id = instance.instance_id
        failure = ""

        def has_ended(server: ServerState) -> bool:
            nonlocal failure
            if server.task_state is not None:
                return False
            if server.status == "VERIFY_RESIZE" or (server.is_at_rest and server.host != instance.host):
                return True
            failure = self._failure(instance_id, *kind) if server.is_at_rest else ""
            return bool(failure)

        try:
            server = self._servers.wait_until(instance_id, has_ended, kind[0])
        except NotEnded as error:
            if kind is COLD:
                raise
            self._abort(instance_id)
            what = f"{kind[0]} that was aborted, since it had not ended after {PATIENCE:g} s,"
            server = self._servers.wait_until(instance_id, lambda server: server.is_at_rest, what, ABORT_PATIENCE)
            failure = f"{error}, and was aborted"
        if server is not None and server.status == "VERIFY_RESIZE":
            self.confirm(instance_id)
            server = self._servers.look(instance_id)
            failure = "it was reverted"
        if server is None:
            return False
        if server.host != instance.host:
            return True
        refused = MoveFailed if server.status == before.status else SessionFailed
        raise refused(
            f"the {kind[0]} of instance {instance_id} from {instance.host} failed: {failure}; "
            f"it is {server.status} on {server.host}"
        )

    def _failure(self, instance_id: str, action: str, migration_type: str) -> str:
        """Return why the newest move of the instance failed; empty if it did not.

        Nova accepts a move for which there is no room: only the instance action shows that it failed. A move that was
        aborted or reverted shows in its migration alone.
        """
        actions = call(self._connection.compute, "GET", f"/servers/{instance_id}/os-instance-actions")[
            "instanceActions"
        ]
        newest = next((item for item in actions if item["action"] == action), None)
        if newest is not None and newest["message"] == "Error":
            return "Nova reports an error"
        found = call(self._connection.compute, "GET", "/os-migrations", instance_uuid=instance_id)
        migrations = [item for item in found["migrations"] if item["migration_type"] == migration_type]
        last = max(migrations, key=lambda item: (item["created_at"], item["id"]), default=None)
        is_failed = last is not None and last["status"] in MIGRATION_FAILED
        return f"its migration is {last['status']}" if last is not None and is_failed else ""

    def _abort(self, instance_id: str) -> None:
        """Abort the live migration of an instance, if there is one in progress."""

        def is_taken() -> bool:
            server = self._servers.look(instance_id)
            return server is None or server.task_state is None

        try:
            for migration in call(self._connection.compute, "GET", f"/servers/{instance_id}/migrations")["migrations"]:
                path = f"/servers/{instance_id}/migrations/{migration['id']}"
                change(self._connection.compute, "DELETE", path, is_taken=is_taken)
        except (NotFoundException, BadRequestException):
            # The migration, or the instance, has come to its end meanwhile.
            return

    def _change(self, before: ServerState, action: str, done: Callable[[ServerState], bool]) -> None:
        """Change an instance that cannot be moved as it is, and wait until that is done.

        Raises:
            SessionFailed: Nova refused, or it was not done in time.
        """

        def is_taken() -> bool:
            server = self._servers.look(before.id)
            return server is None or server.status != before.status

        try:
            self._servers.act(before.id, {action: None}, is_taken)
        except SDKException as error:
            raise SessionFailed(f"Nova refuses {action} of instance {before.id}: {error}") from error
        self._servers.wait_until(before.id, done, action)

    def _end(self, instance_id: str) -> None:
        """Note the end of a move, and suspend the instance again that was resumed for it."""
        if instance_id in self._resumed:
            server = self._servers.look(instance_id)
            if server is not None and server.status == "ACTIVE":
                self._change(server, "suspend", lambda server: server.status == "SUSPENDED" and server.is_at_rest)
            self._resumed.remove(instance_id)
        self._under_way.remove(instance_id)
