"""Servers as Nova shows them, read cheaply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.openstack.calls import call

if TYPE_CHECKING:
    from openstack.connection import Connection

#: The statuses of a server that moves, or waits for the confirmation of its move.
MOVING = ("RESIZE", "MIGRATING", "VERIFY_RESIZE", "REVERT_RESIZE")
#: The statuses of a server that will soon have another one.
PASSING = (*MOVING, "BUILD", "REBOOT", "HARD_REBOOT", "REBUILD", "PASSWORD")


@dataclass(frozen=True, slots=True)
class ServerState:
    """The state of a server at one moment.

    Attributes:
        id: The server's id.
        name: The server's name.
        status: Nova's status: ACTIVE, BUILD, ERROR, VERIFY_RESIZE, …
        task_state: What Nova is doing with the server; None for nothing, or where Nova does not show it.
        project_id: The project that the server belongs to.
        host_id: The same for all servers of one project on one compute; empty before the server is scheduled.
        host: The host name of the compute; None for callers without the admin role.
        fault: Nova's message about a server in ERROR; empty otherwise.
    """

    id: str
    name: str
    status: str
    task_state: str | None
    project_id: str
    host_id: str
    host: str | None
    fault: str

    @property
    def is_moving(self) -> bool:
        """True if the server moves, or waits for the confirmation of its move."""
        return self.status in MOVING

    @property
    def is_at_rest(self) -> bool:
        """True if Nova does nothing with the server, and waits for nothing."""
        return self.task_state is None and self.status not in PASSING

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> ServerState:
        """Return the state that Nova's JSON of a server shows."""
        return cls(
            id=body["id"],
            name=body["name"],
            status=body["status"],
            task_state=body.get("OS-EXT-STS:task_state"),
            project_id=body.get("tenant_id", ""),
            host_id=body.get("hostId") or "",
            host=body.get("OS-EXT-SRV-ATTR:host"),
            fault=body.get("fault", {}).get("message", ""),
        )


def get_server(connection: Connection, server_id: str) -> ServerState:
    """Return the state of a server.

    Raises:
        openstack.exceptions.NotFoundException: The server does not exist, or exists no longer.
    """
    return ServerState.read(call(connection.compute, "GET", f"/servers/{server_id}")["server"])


def list_servers(connection: Connection, **filters: str | int) -> list[ServerState]:
    """Return all servers that match Nova's ``filters`` (for admins also ``all_tenants=1``, ``host=…``), in Nova's
    order.
    """
    servers: list[ServerState] = []
    query = dict(filters)
    while page := call(connection.compute, "GET", "/servers/detail", **query):
        servers.extend(ServerState.read(body) for body in page["servers"])
        if not page.get("servers_links"):
            break
        query["marker"] = servers[-1].id
    return servers
