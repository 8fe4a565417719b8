"""Servers as Nova shows them, read cheaply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.openstack.calls import call

if TYPE_CHECKING:
    from openstack.connection import Connection


@dataclass(frozen=True, slots=True)
class Server:
    """A server at one moment.

    Attributes:
        id: Its id.
        name: Its name.
        status: Nova's word: ACTIVE, BUILD, ERROR, VERIFY_RESIZE, …
        task_state: What Nova is doing with it; None when nothing, or when it does not say.
        project_id: The project it belongs to.
        host_id: The same for all servers of one project on one compute; empty before it is scheduled.
        host: The compute's host name; None for callers who are no admins.
        fault: What Nova says of an ERROR; empty otherwise.
    """

    id: str
    name: str
    status: str
    task_state: str | None
    project_id: str
    host_id: str
    host: str | None
    fault: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Server:
        """The server that Nova's JSON shows."""
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


def get_server(connection: Connection, server_id: str) -> Server:
    """The server.

    Raises:
        openstack.exceptions.NotFoundException: There is none (any more).
    """
    return Server.read(call(connection.compute, "GET", f"/servers/{server_id}")["server"])


def list_servers(connection: Connection, **filters: str | int) -> list[Server]:
    """All servers that match Nova's ``filters`` (for admins also ``all_tenants=1``, ``host=…``), in Nova's order."""
    servers: list[Server] = []
    query = dict(filters)
    while page := call(connection.compute, "GET", "/servers/detail", **query):
        servers.extend(Server.read(body) for body in page["servers"])
        if not page.get("servers_links"):
            break
        query["marker"] = servers[-1].id
    return servers
