"""Moving an instance, and waiting until it has moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.admin_tool.cloud_view import COMPUTE_VERSION
from pytest_doctor_maint.admin_tool.placement import Instance
from pytest_doctor_maint.admin_tool.session import SessionFailed
from pytest_doctor_maint.clock import Clock
from pytest_doctor_maint.protocol import Action

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Clock seconds between two looks at a server that moves.
POLL = 2.0
#: Clock seconds after which a move counts as failed.
PATIENCE = 600.0


class Moves:
    """Moves instances for one session, and remembers which of them are half way.

    Args:
        connection: A connection with the admin role.
        clock: Waits go through it.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._compute = connection.compute
        self._clock = clock
        self._under_way: dict[str, Action] = {}

    def move(self, instance: Instance, action: Action, target: str) -> None:
        """Move ``instance`` to the compute ``target`` and wait until it is ACTIVE there.

        Raises:
            SessionFailed: It could not be moved; the message says what Nova says.
        """
        self._under_way[instance.instance_id] = action
        if action is Action.LIVE_MIGRATE:
            self._request(
                instance,
                "os-migrateLive",
                {"host": target, "block_migration": "auto"},
                "live-migrate",
                microversion="2.68",
            )
            self._until(
                instance, "live-migration", lambda server: server["status"] == "ACTIVE" and _host(server) == target
            )
        else:
            self._request(instance, "migrate", {"host": target}, "migrate", microversion=COMPUTE_VERSION)
            self._until(instance, "migrate", lambda server: server["status"] == "VERIFY_RESIZE")
            self._confirm(instance.instance_id)
        del self._under_way[instance.instance_id]

    def wait_until_left(self, instance: Instance, due: datetime) -> None:
        """Wait until the project has taken ``instance`` off its compute.

        Raises:
            SessionFailed: It is still there when ``due`` (UTC) has come.
        """
        while True:
            server = self._server(instance.instance_id)
            if server is None or _host(server) != instance.host:
                return
            if self._clock.now() >= due:
                raise SessionFailed(
                    f"instance {instance.instance_id} is still on {instance.host}; its project chose OWN_ACTION and had "
                    f"until {due:%Y-%m-%d %H:%M:%S}"
                )
            self._clock.sleep(min(POLL, max(0.0, self._clock.until(due))))

    def settle(self) -> None:
        """Leave nothing half moved: wait for what is under way, and confirm what waits for it.

        Raises:
            SessionFailed: An instance does not settle.
        """
        for instance_id in list(self._under_way):
            server = self._poll(instance_id, lambda server: server["OS-EXT-STS:task_state"] is None, "settle")
            if server is not None and server["status"] == "VERIFY_RESIZE":
                self._confirm(instance_id)
            del self._under_way[instance_id]

    def _request(self, instance: Instance, action: str, body: dict[str, Any], what: str, *, microversion: str) -> None:
        response = self._compute.post(
            f"/servers/{instance.instance_id}/action", json={action: body}, microversion=microversion
        )
        if response.status_code >= 400:
            raise SessionFailed(f"cannot {what} instance {instance.instance_id}: Nova says {response.text}")

    def _confirm(self, instance_id: str) -> None:
        response = self._compute.post(f"/servers/{instance_id}/action", json={"confirmResize": None})
        if response.status_code >= 400:
            raise SessionFailed(f"cannot confirm the migration of instance {instance_id}: Nova says {response.text}")
        self._poll(instance_id, lambda server: server["status"] == "ACTIVE", "confirm")

    def _until(self, instance: Instance, action: str, arrived: Callable[[dict[str, Any]], bool]) -> None:
        def over(server: dict[str, Any]) -> bool:
            # Nova accepts a migration that nothing fits; only the instance action tells that it failed.
            return arrived(server) or (server["OS-EXT-STS:task_state"] is None and self._failed(instance, action))

        server = self._poll(instance.instance_id, over, action)
        if server is None or not arrived(server):
            state = "gone" if server is None else f"{server['status']} on {_host(server)}"
            raise SessionFailed(
                f"the {action} of instance {instance.instance_id} from {instance.host} failed: it is {state}"
            )

    def _failed(self, instance: Instance, action: str) -> bool:
        response = self._compute.get(
            f"/servers/{instance.instance_id}/os-instance-actions", microversion=COMPUTE_VERSION
        )
        response.raise_for_status()
        newest = next((item for item in response.json()["instanceActions"] if item["action"] == action), None)
        return newest is not None and newest["message"] == "Error"

    def _poll(self, instance_id: str, ready: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any] | None:
        """Look until ``ready``; None when the server is gone."""
        started = self._clock.now()
        while True:
            server = self._server(instance_id)
            if server is None or ready(server):
                return server
            if server["status"] == "ERROR":
                raise SessionFailed(f"instance {instance_id} went to ERROR during {what}")
            if -self._clock.until(started) > PATIENCE:
                raise SessionFailed(
                    f"{what} of instance {instance_id} took more than {PATIENCE:g} s: {server['status']}"
                )
            self._clock.sleep(POLL)

    def _server(self, instance_id: str) -> dict[str, Any] | None:
        response = self._compute.get(f"/servers/{instance_id}", microversion=COMPUTE_VERSION)
        if response.status_code == 404:
            return None
        response.raise_for_status()
        server: dict[str, Any] = response.json()["server"]
        return server


def _host(server: dict[str, Any]) -> str:
    return str(server.get("OS-EXT-SRV-ATTR:host"))
